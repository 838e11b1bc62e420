//! Messages of which nobody knows whether they left: never sent twice, unless their tenant wants them to arrive at all costs.

use serde_json::{Value, json};
use stratagem_domain::random;
use stratagem_tests::{Api, Campaign, Faults, Launch, MONDAY, Peer, Sink, TestApp, Time, smtp_integration, until};

use crate::strategies::{KEEP_RESULTS, PLAN_ONE_MAIL};

/// A campaign with one stage, which sends to each contact at once.
async fn one_stage(api: &Api, smtp: &str, mut stage: Value) -> Campaign {
    let campaign = Campaign::make(api, "Unconfirmed", "UTC", smtp).await;
    stage["name"] = json!("Mail");
    campaign.try_stage(stage).await.with(201);
    campaign.decides("data_load", PLAN_ONE_MAIL).await;
    campaign.decides("aggregation", KEEP_RESULTS).await;
    campaign.activate().await;
    campaign
}

fn mail(smtp: &str, resend: Option<bool>) -> Value {
    let mut settings = json!({ "subject": "Hello", "body": "Hello." });
    if let Some(resend) = resend {
        settings["resend_unconfirmed"] = json!(resend);
    }
    json!({ "channel": "email_notification", "integration_id": smtp, "settings": settings })
}

/// What a communication came to: status, delivery, and whether its history says that the contact may have it twice.
fn came_to(communication: &Value) -> (&str, &str, bool) {
    let text = |name: &str| communication[name].as_str().unwrap();
    (
        text("status"),
        text("delivery"),
        communication["status_history"].to_string().contains("the contact may get it twice"),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_crash_a_mail_is_sent_again_only_where_the_tenant_wants_it() {
    let sent_twice = ("completed", "sent", true);
    let unknown = ("unknown", "unknown", false);
    // Where the process ends, what the stage says, how often the mail arrives, and what is said of it.
    let rounds = [
        ("sending", Some(true), 1, sent_twice),
        ("sent", Some(true), 2, sent_twice),
        ("sending", Some(false), 0, unknown),
        ("sent", None, 1, unknown),
    ];
    for (point, resend, arrives, said) in rounds {
        let folder = tempfile::tempdir().unwrap();
        let sink = Sink::start(random::seeded(1), Faults::default()).await;
        let launch = Launch::on(folder.path());
        let mut server = launch.clone().env("FAILPOINTS", &format!("{point}=panic")).start().await;
        let smtp = smtp_integration(&server.admin, sink.port).await;
        let made = one_stage(&server.admin, &smtp, mail(&smtp, resend)).await;
        made.upload("text/csv", stratagem_tests::rows(1..=1)).await;
        until("the process to end", async || server.ended()).await;

        let server = launch.start().await;
        let campaign = Campaign { api: server.admin.clone(), ..made };
        campaign.settle().await;
        let [communication] = campaign.communications("1").await.try_into().unwrap();
        assert_eq!(came_to(&communication), said, "{point} {resend:?}: {communication}");
        assert_eq!(sink.ledger().taken.values().sum::<u64>(), arrives, "{point} {resend:?}");
        let told = &campaign.contact("1").await["results"]["Session"]["DeliveryStatus"];
        assert_eq!(*told, said.1.to_uppercase(), "the strategy is told once, when it is over");
        server.kill().await;
    }
}

/// Nobody is reached twice by a contact that lies in the inbox.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_keeps_nobody_out_of_the_inbox() {
    let folder = tempfile::tempdir().unwrap();
    let launch = Launch::on(folder.path());
    let mut server = launch.clone().env("FAILPOINTS", "sending=panic").start().await;
    let made = one_stage(&server.admin, "", json!({ "channel": "human", "settings": {} })).await;
    made.upload("text/csv", stratagem_tests::rows(1..=1)).await;
    until("the process to end", async || server.ended()).await;

    let server = launch.start().await;
    let campaign = Campaign { api: server.admin.clone(), ..made };
    campaign.settle().await;
    // It was there until its time was over.
    assert_eq!(campaign.contact("1").await["results"]["Session"]["OutcomeStatus"], "NOT_HANDLED");
    let [communication] = campaign.communications("1").await.try_into().unwrap();
    let history = communication["status_history"].to_string();
    assert!(history.contains("the server stopped") && !history.contains("twice"), "{history}");
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_never_confirmed_ends_as_unknown_after_ten_attempts() {
    let app = TestApp::start().await;
    let peer = Peer::start().await;
    let smtp = smtp_integration(&app.admin, peer.port).await;
    let campaign = one_stage(&app.admin, &smtp, mail(&smtp, Some(true))).await;
    campaign.import_contacts(&[("1", "silent@example.com", "")]).await;
    campaign.settle().await;
    let [communication] = campaign.communications("1").await.try_into().unwrap();
    assert_eq!(came_to(&communication), ("unknown", "unknown", true), "{communication}");
    let taken = peer.verdicts_on("silent@example.com").into_iter().filter(|verdict| verdict == "DATA 000");
    assert_eq!(taken.count(), 10);
    assert_eq!(campaign.contact("1").await["results"]["Session"], json!({ "DeliveryStatus": "UNKNOWN" }));
    let sessions = app.admin.list(&format!("/sessions?campaign_id={}", campaign.id)).await;
    assert_eq!((sessions.len(), &sessions[0]["status"]), (1, &json!("closed")));
    let figures = app.observer().get("/metrics").await.text;
    let unknown = "stratagem_unknown_sends_total{channel=\"email_notification\",cause=\"no_answer\"} 1";
    assert!(figures.contains(unknown), "what is sent again does not count: {figures}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_to_be_sent_again_ends_as_unknown_with_its_stage() {
    let app = TestApp::start_at(MONDAY.parse().unwrap(), Time::ByHand).await;
    let peer = Peer::start().await;
    let smtp = smtp_integration(&app.admin, peer.port).await;
    let campaign = one_stage(&app.admin, &smtp, mail(&smtp, Some(true))).await;
    campaign.import_contacts(&[("1", "silent@example.com", "")]).await;
    let first = async || campaign.communications("1").await.into_iter().next();
    until("the first attempt", async || (first().await?["delivery"] == "unknown").then_some(())).await;
    assert_eq!(first().await.unwrap()["status"], "started");
    let stages = app.admin.list(&campaign.path("/stages")).await;
    app.admin.delete(&format!("/stages/{}", stages[0]["id"].as_str().unwrap())).await.with(204);
    app.advance(chrono::Duration::minutes(10));
    campaign.settle().await;
    let communication = first().await.unwrap();
    assert_eq!((came_to(&communication).0, &communication["error"]), ("unknown", &json!("stage `Mail` was removed")));
    assert_eq!(peer.verdicts_on("silent@example.com").len(), 2, "one RCPT and one DATA");
    assert_eq!(campaign.contact("1").await["results"]["Session"], json!({ "DeliveryStatus": "UNKNOWN" }));
}
