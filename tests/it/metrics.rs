//! What an operator sees: figures that are exactly what happened, and one id from a request to what came of it.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use stratagem_tests::{Api, Campaign, Catcher, Launch, TestApp, on_postgres, smtp_integration, until};

use crate::strategies::{KEEP_RESULTS, LEAVE_IT, PLAN_ONE_MAIL, one_mail};

/// An exposition that keeps every rule of the format (version 0.0.4); whatever does not panics.
pub(crate) struct Figures {
    kinds: BTreeMap<String, String>,
    samples: BTreeMap<String, f64>,
}

impl Figures {
    pub(crate) async fn of(api: &Api) -> Self {
        let answer = api.get("/metrics").await;
        assert_eq!((answer.status, answer.content_type.as_str()), (200, "text/plain; version=0.0.4; charset=utf-8"));
        Self::parse(&answer.text)
    }

    fn parse(text: &str) -> Self {
        let (mut kinds, mut samples, mut helped) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let mut current = String::new();
        assert!(text.ends_with('\n'), "the last line is whole");
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap();
                assert!(is_name(name) && help.len() > 10, "{line}");
                assert!(helped.insert(name.to_owned()), "twice: {line}");
                current = name.to_owned();
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert!(name == current && ["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert!(kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "twice: {line}");
            } else {
                let (series, value) = line.rsplit_once(' ').unwrap();
                let name = series.split('{').next().unwrap();
                let part = name.strip_prefix(&current).unwrap_or_else(|| panic!("{line} among {current}"));
                let histogram = kinds[&current] == "histogram";
                assert!(
                    if histogram { ["_bucket", "_sum", "_count"].contains(&part) } else { part.is_empty() },
                    "{line}"
                );
                assert!(is_name(name) && labels_are_whole(&series[name.len()..]), "{line}");
                let value: f64 = value.parse().unwrap_or_else(|_| panic!("{line}"));
                assert!(samples.insert(series.to_owned(), value).is_none(), "twice: {line}");
            }
        }
        let figures = Self { kinds, samples };
        figures.check();
        figures
    }

    /// What the conventions ask of names and kinds.
    fn check(&self) {
        for (name, kind) in &self.kinds {
            assert!(name.starts_with("stratagem_") || name.starts_with("process_"), "{name}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name} is a {kind}");
            for unit in ["_ms", "_us", "_milliseconds", "_kb", "_minutes"] {
                assert!(!name.contains(unit), "{name}: base units are seconds and bytes");
            }
        }
        for (series, count) in self.samples.iter().filter(|(series, _)| series.contains("_bucket{")) {
            let Some((whole, _)) = series.split_once("le=\"+Inf\"") else { continue };
            let buckets = self.samples.iter().filter(|(series, _)| series.starts_with(whole) && series.contains("le="));
            let most = buckets.map(|(_, count)| *count).fold(0., f64::max);
            assert_eq!(most, *count, "{series} holds all");
            let of = whole.trim_end_matches([',', '{']).replace("_bucket", "_count");
            let of = if of.contains('{') { of + "}" } else { of };
            assert_eq!(self.samples.get(&of), Some(count), "{of}");
        }
    }

    #[track_caller]
    pub(crate) fn get(&self, series: &str) -> f64 {
        *self.samples.get(series).unwrap_or_else(|| panic!("there is no {series}: {:#?}", self.samples.keys()))
    }

    /// Every series of a name that is not 0, by its labels.
    fn some(&self, name: &str) -> BTreeMap<&str, f64> {
        let of = |series: &'_ String| series.strip_prefix(name).is_some_and(|rest| rest.starts_with('{'));
        let some = self.samples.iter().filter(|(series, value)| of(series) && **value != 0.);
        some.map(|(series, value)| (&series[name.len()..], *value)).collect()
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

fn labels_are_whole(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) else { return text.is_empty() };
    inner.split("\",").all(|pair| {
        let (name, value) = pair.split_once("=\"").unwrap_or_default();
        is_name(name) && !value.is_empty() && !value.trim_end_matches('"').contains(['"', '\\', '\n'])
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_figures_are_what_happened() {
    const FAILS: &str =
        "async def run(contact, existing_contact, logger, **kwargs):\n    raise ValueError(contact.email)\n";
    let app = TestApp::start().await;
    let campaign = one_mail(&app, "Zebulon's campaign").await;
    campaign.activate().await;
    let file = "object_id,external_id,name,email,phone\n\
                1,1,Zebulon,zebulon@example.com,\n2,2,Ann,ann@example.com,\n3,3,Bob,bob@example.com,\n4,4,Cy,no address,\n";
    campaign.import(file).await;
    campaign.settle().await;
    let other = app.campaign("Fails").await;
    other.mails("Mail", "Hello", "Hello.").await;
    other.decides("data_load", FAILS).await;
    other.decides("aggregation", LEAVE_IT).await;
    other.activate().await;
    other.import_contacts(&[("1", "eve@example.com", "")]).await;
    other.settle_with_dead(1).await;

    let figures = Figures::of(&app.observer()).await;
    assert_eq!(
        figures.some("stratagem_imported_rows_total"),
        BTreeMap::from([("{outcome=\"created\"}", 4.), ("{outcome=\"rejected\"}", 1.)])
    );
    assert_eq!(
        figures.some("stratagem_decisions_total"),
        BTreeMap::from([
            ("{hook=\"aggregation\",outcome=\"ok\"}", 3.),
            ("{hook=\"data_load\",outcome=\"Exception\"}", 1.),
            ("{hook=\"data_load\",outcome=\"ok\"}", 3.),
        ])
    );
    assert_eq!(
        figures.some("stratagem_sends_total"),
        BTreeMap::from([("{channel=\"email_notification\",outcome=\"sent\"}", 3.)])
    );
    assert_eq!(figures.some("stratagem_unknown_sends_total"), BTreeMap::new());
    assert_eq!(
        figures.some("stratagem_steps_ended_total"),
        BTreeMap::from([
            ("{kind=\"aggregate\",ending=\"done\"}", 3.),
            ("{kind=\"deliver\",ending=\"done\"}", 3.),
            ("{kind=\"import\",ending=\"done\"}", 2.),
            ("{kind=\"load_data\",ending=\"dead\"}", 1.),
            ("{kind=\"load_data\",ending=\"done\"}", 3.),
        ])
    );
    // 3 × (load_data, under way, deliver, aggregate), and the one that failed. Imports commit by themselves.
    assert_eq!(figures.some("stratagem_completions_total"), BTreeMap::from([("{verdict=\"applied\"}", 13.)]));
    assert_eq!(figures.get("stratagem_commit_steps_sum"), 13.);
    assert_eq!(figures.get("stratagem_commit_failures_total"), 0.);
    for (hook, runs) in [("data_load", 4.), ("aggregation", 3.)] {
        assert_eq!(figures.get(&format!("stratagem_decision_duration_seconds_count{{hook=\"{hook}\"}}")), runs);
        let fuel = figures.get(&format!("stratagem_decision_fuel_sum{{hook=\"{hook}\"}}"));
        assert!(fuel > runs * 1e5, "{fuel}");
    }
    assert_eq!(figures.some("stratagem_steps"), BTreeMap::from([("{kind=\"load_data\",state=\"dead\"}", 1.)]));
    assert_eq!(figures.get("stratagem_steps{kind=\"deliver\",state=\"scheduled\"}"), 0.);
    assert_eq!(figures.some("stratagem_oldest_due_step_age_seconds"), BTreeMap::new());
    let late = |kind: &str| figures.get(&format!("stratagem_step_lateness_seconds_count{{kind=\"{kind}\"}}"));
    assert_eq!((late("import"), late("load_data"), late("deliver"), late("aggregate")), (2., 4., 3., 3.));
    assert_eq!(figures.get("stratagem_rescued_steps_total") + figures.get("stratagem_quarantined_steps_total"), 0.);

    let uploads = "{method=\"POST\",route=\"/api/v1/campaigns/{id}/imports\"";
    assert_eq!(figures.get(&format!("stratagem_http_requests_total{uploads},status=\"2xx\"}}")), 2.);
    assert_eq!(figures.get(&format!("stratagem_http_request_duration_seconds_count{uploads}}}")), 2.);
    assert_eq!(figures.get("stratagem_database_up"), 1.);
    let (pool, most) = if on_postgres() { ("all", 16.) } else { ("write", 1.) };
    assert_eq!(figures.get(&format!("stratagem_database_connections_max{{pool=\"{pool}\"}}")), most);
    assert!(figures.get("process_resident_memory_bytes") > 1e6);
    assert!(figures.get("process_start_time_seconds") > 1.7e9);
    assert_eq!(figures.some("stratagem_build_info").len(), 1);

    // Nothing of a tenant's is in there.
    let text = app.observer().get("/metrics").await.text;
    for private in ["Zebulon", "example.com", &campaign.id, &campaign.smtp, "Ann", "Mail\""] {
        assert!(!text.contains(private), "{private}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_counted_by_kind() {
    let app = TestApp::start().await;
    let campaign = one_mail(&app, "Waits").await;
    campaign.import_contacts(&[("1", "a@example.com", ""), ("2", "b@example.com", "")]).await;
    let figures = Figures::of(&app.observer()).await;
    // A draft's steps wait; nobody is late with them.
    assert_eq!(figures.some("stratagem_steps"), BTreeMap::from([("{kind=\"load_data\",state=\"scheduled\"}", 2.)]));
    assert_eq!(figures.some("stratagem_oldest_due_step_age_seconds"), BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_for_whoever_runs_the_server() {
    let app = TestApp::start().await;
    app.stranger().get("/metrics").await.problem(401);
    app.admin.with_token(Some("forged")).get("/metrics").await.problem(401);
    app.admin.get("/metrics").await.problem(403);
    Figures::of(&app.platform()).await;
    Figures::of(&app.observer()).await;
    // The token is good for nothing else.
    app.observer().get("/me").await.problem(401);

    let request =
        app.observer().request(Method::GET, "/metrics").header("accept", "application/openmetrics-text;q=0.9,*/*");
    let answer = Api::send(request).await;
    assert_eq!(answer.content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(answer.text.ends_with("# EOF\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_id_leads_from_the_upload_to_the_mail() {
    const ID: &str = "from-the-crm/42";
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let catcher = Catcher::start(folder.path()).await;
    let server = Launch::on(&data).env("STRATAGEM_LOG", "debug").env("NO_COLOR", "1").logging_to(&log).start().await;
    // On loopback, without a public URL or a token of its own, figures are open.
    assert_eq!(Figures::of(&server.admin.with_token(None)).await.get("stratagem_database_up"), 1.);

    let smtp = smtp_integration(&server.admin, catcher.port).await;
    let campaign = Campaign::make(&server.admin, "Traced", "UTC", &smtp).await;
    campaign.mails("Mail", "Hello {{ contact.name }}", "Hello.").await;
    campaign.decides("data_load", PLAN_ONE_MAIL).await;
    campaign.decides("aggregation", KEEP_RESULTS).await;
    campaign.activate().await;
    let upload = async |id: &str, address: &str| {
        let request = server.admin.request(Method::POST, &campaign.path("/imports")).header("x-request-id", id);
        let file = format!("object_id,external_id,name,email,phone\n{address},1,Zebulon,{address},\n");
        Api::send(request.header("content-type", "text/csv").body(file)).await
    };
    assert_eq!(upload(ID, "zebulon@example.com").await.request_id, ID);
    // What is no plain id is not taken over, and a request without one gets its own.
    let other = upload("two words", "other@example.com").await.request_id;
    assert!(uuid::Uuid::parse_str(&other).is_ok_and(|id| id.get_version_num() == 7), "{other}");
    until("both mails", async || (catcher.mails().len() == 2).then_some(())).await;
    campaign.settle().await;
    assert!(server.terminate().await.success());

    let log = std::fs::read_to_string(log).unwrap();
    for id in [ID, &other] {
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(id)).collect();
        for told in [
            "request{id=",
            "method=POST",
            "kind=\"import\"",
            "rows were stored",
            "kind=\"load_data\"",
            "decision hook=\"data_load\"",
            "kind=\"deliver\"",
            "send reference=",
            "outcome=\"sent\"",
            "decision hook=\"aggregation\"",
        ] {
            assert!(lines.iter().any(|line| line.contains(told)), "{id}: no {told} in\n{}", lines.join("\n"));
        }
        let sent: Vec<_> = lines.iter().filter(|line| line.contains("send reference=")).collect();
        assert_eq!(sent.len(), 1, "each its own: {sent:#?}");
    }
    // Log lines carry ids, never personal data, and no SQL.
    for private in ["Zebulon", "zebulon", "other@", "INSERT INTO", "SELECT "] {
        assert!(!log.contains(private), "{private} is in the log");
    }
}
