//! One sandbox for all tests, a contact, and short ways to run Python.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use stratagem_domain::strategy::{
    CampaignDoc, CommunicationDoc, ContactDoc, ContextDoc, HookInput, Input, Limits, MessageDoc, RunError,
    RunErrorKind, RunReport, SessionDoc, Sources, StageDoc, StrategyType,
};
use stratagem_sandbox::{Closed, Moment, Outbound, Sandbox, SandboxConfig, Strategy, Way};

pub(crate) const ZONE: &str = "Asia/Kathmandu";

/// `STRATAGEM_TEST_WAY=pooling` has all tests run that way.
pub(crate) fn config() -> SandboxConfig {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap());
    let way = std::env::var("STRATAGEM_TEST_WAY").ok().map(|name| match name.as_str() {
        "slots" => Way::Slots,
        "pooling" => Way::Pooling,
        other => panic!("STRATAGEM_TEST_WAY={other}"),
    });
    SandboxConfig {
        artefact_dir: home.join(".cache/stratagem/artefacts-test/sandbox"),
        key: [7; 32],
        way,
        verify: true,
    }
}

pub(crate) fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| Sandbox::open(&config(), &mut |progress| eprintln!("{progress:?}")).unwrap())
}

/// One whose memories are put back, whatever way the other tests have.
pub(crate) fn sandbox_of_slots() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    match config().way {
        Some(Way::Pooling) => SANDBOX.get_or_init(|| {
            let config = SandboxConfig { way: Some(Way::Slots), ..config() };
            Sandbox::open(&config, &mut |progress| eprintln!("{progress:?}")).unwrap()
        }),
        _ => sandbox(),
    }
}

/// 15:15:15 of the same day in Kathmandu.
pub(crate) fn now() -> DateTime<Utc> {
    "2026-03-10T09:30:15.123456Z".parse().unwrap()
}

pub(crate) fn moment() -> Moment<'static> {
    Moment { now: now(), time_zone: ZONE, seed: 7 }
}

pub(crate) fn contact() -> ContactDoc {
    let params = json!({"balance": 120.5, "plan": "gold", "tags": ["a", "b"], "active": true, "note": null});
    ContactDoc {
        id: "c-1".into(),
        object_id: "CONTRACT-123".into(),
        external_id: "USER-456".into(),
        name: "John Smith".into(),
        email: Some("john@example.com".into()),
        phone: Some("+12025550123".into()),
        time_zone: Some(ZONE.into()),
        current_stage: None,
        params: object(params),
        results: Map::new(),
        internal_data: Map::new(),
        communications: Vec::new(),
        communications_total: 0,
    }
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn flagged_communication() -> CommunicationDoc {
    CommunicationDoc {
        id: Some("m-1".into()),
        name: "Initial Message".into(),
        stage_name: "First Contact".into(),
        start_date: "2026-03-09T12:00:00".into(),
        start_state: None,
        params: Map::new(),
        status: "started".into(),
        channel: Some("email_communication".into()),
        delivery: "delivered".into(),
        flagged: true,
    }
}

pub(crate) fn input(hook: StrategyType) -> HookInput {
    let session = SessionDoc {
        id: "s-1".into(),
        channel: "email_communication".into(),
        agent: Some("Ann".into()),
        messages: Vec::new(),
    };
    let context = ContextDoc {
        now: "2026-03-10T15:15:15.123456".into(),
        time_zone: ZONE.into(),
        campaign: CampaignDoc {
            id: "k-1".into(),
            name: "Spring".into(),
            time_zone: "UTC".into(),
            stages: vec![StageDoc { name: "First Contact".into(), channel: "email_communication".into() }],
        },
        session: (hook != StrategyType::DataLoad).then_some(session),
    };
    let message = MessageDoc {
        role: "AI".into(),
        content: "Thank you for your Promise to pay.".into(),
        at: "2026-03-10T15:15:10".into(),
    };
    let mut contact = contact();
    if hook != StrategyType::DataLoad {
        contact.communications.push(flagged_communication());
        contact.communications_total = 1;
    }
    HookInput {
        contact,
        existing_contact: None,
        session_results: (hook == StrategyType::Aggregation).then(Map::new),
        message: (hook == StrategyType::AnswerAnalysis).then_some(message),
        context,
    }
}

/// A data-load source whose hook has this body. `contact` and `logger` are there, and the contact is returned at its end.
pub(crate) fn hook(body: &str) -> String {
    let body: String = body.lines().map(|line| format!("    {line}\n")).collect();
    format!("async def run(contact, existing_contact, logger, **kwargs):\n{body}    return contact\n")
}

/// Everything about a run that a test may want to say.
pub(crate) struct Ask<'a> {
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) hook: StrategyType,
    pub(crate) input: Option<HookInput>,
    pub(crate) at: Moment<'a>,
    pub(crate) limits: Limits,
    pub(crate) outbound: Arc<dyn Outbound>,
}

impl Default for Ask<'_> {
    fn default() -> Self {
        Self {
            sandbox: sandbox(),
            hook: StrategyType::DataLoad,
            input: None,
            at: moment(),
            limits: Limits::default(),
            outbound: Arc::new(Closed),
        }
    }
}

impl Ask<'_> {
    pub(crate) async fn run(self, text: &str) -> RunReport {
        self.run_modules(&Sources::single(text)).await
    }

    pub(crate) async fn run_modules(self, sources: &Sources) -> RunReport {
        let input = Input::new(self.input.unwrap_or_else(|| input(self.hook))).unwrap();
        let strategy = Strategy::python(sources, self.hook.default_function(), self.hook, now());
        self.sandbox.run(&strategy, &input, &self.at, &self.limits, self.outbound).await
    }
}

pub(crate) async fn run_as(hook: StrategyType, text: &str) -> RunReport {
    Ask { hook, ..Ask::default() }.run(text).await
}

/// Runs a whole data-load source.
pub(crate) async fn run(text: &str) -> RunReport {
    Ask::default().run(text).await
}

pub(crate) async fn run_within(limits: &Limits, text: &str) -> RunReport {
    Ask { limits: limits.clone(), ..Ask::default() }.run(text).await
}

pub(crate) async fn check(text: &str) -> RunReport {
    let (sources, hook) = (Sources::single(text), StrategyType::DataLoad);
    sandbox().check(&Strategy::python(&sources, "run", hook, now()), &moment(), &Limits::default()).await
}

/// The contact that a run returned.
#[track_caller]
pub(crate) fn returned(report: &RunReport) -> ContactDoc {
    match &report.outcome {
        Ok(output) => output.contact().unwrap().clone(),
        Err(error) => panic!("{error}\n{}\n{:#?}", error.traceback.as_deref().unwrap_or_default(), report.logs),
    }
}

/// The value that a body of [`hook`] put into `contact.results["out"]`.
pub(crate) async fn out(body: &str) -> Value {
    returned(&run(&hook(body)).await).results["out"].clone()
}

#[track_caller]
pub(crate) fn failed(report: &RunReport, kind: RunErrorKind) -> RunError {
    match &report.outcome {
        Ok(output) => panic!("expected {kind}, got a result: {:.200}\n{:#?}", output.json(), report.logs),
        Err(error) => {
            assert_eq!(error.kind, kind, "{error}\n{:#?}", report.logs);
            error.clone()
        }
    }
}
