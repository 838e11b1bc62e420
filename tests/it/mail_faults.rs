//! What mail servers do wrong, and what becomes of the communication.

use serde_json::{Value, json};
use stratagem_tests::{Campaign, Catcher, MONDAY, Peer, TestApp, Time, smtp_integration, until};

use crate::strategies::{KEEP_RESULTS, PLAN_ONE_MAIL, one_mail};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_ends_as_what_it_is_and_the_strategy_is_told() {
    let app = TestApp::start().await;
    let peer = Peer::start().await;
    let smtp = smtp_integration(&app.admin, peer.port).await;
    let campaign = Campaign::make(&app.admin, "Faults", "UTC", &smtp).await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    campaign.decides("data_load", PLAN_ONE_MAIL).await;
    campaign.decides("aggregation", KEEP_RESULTS).await;
    campaign.activate().await;
    // What the server does, the communication's status and delivery, what its error says, and what the strategy is told.
    let cases = [
        ("refused", "failed", "failed", "550", json!({ "DeliveryStatus": "FAILED", "OutcomeStatus": "FAILED" })),
        ("full", "failed", "failed", "552", json!({ "DeliveryStatus": "FAILED", "OutcomeStatus": "FAILED" })),
        ("silent", "unknown", "unknown", "", json!({ "DeliveryStatus": "UNKNOWN" })),
        ("busy", "completed", "sent", "", json!({ "DeliveryStatus": "SENT" })),
        ("fine", "completed", "sent", "", json!({ "DeliveryStatus": "SENT" })),
    ];
    let addresses = cases.each_ref().map(|(name, ..)| format!("{name}@example.com"));
    let contacts: Vec<_> =
        cases.iter().zip(&addresses).map(|((name, ..), address)| (*name, address.as_str(), "")).collect();
    campaign.import_contacts(&contacts).await;
    let summary = campaign.settle().await;
    assert_eq!(summary["outcomes"], json!({ "": 3, "FAILED": 2 }));

    for ((name, status, delivery, error, told), address) in cases.iter().zip(&addresses) {
        let [communication] = campaign.communications(name).await.try_into().unwrap();
        assert_eq!(
            (&communication["status"], &communication["delivery"]),
            (&json!(status), &json!(delivery)),
            "{name}: {communication}"
        );
        assert!(communication["error"].as_str().unwrap_or_default().contains(error), "{name}: {communication}");
        assert_eq!(campaign.contact(name).await["results"]["Session"], *told, "{name}");
        let verdicts = peer.verdicts_on(address);
        let expected: &[&str] = match *name {
            "refused" => &["RCPT 550"],
            "full" => &["RCPT 250", "DATA 552"],
            "silent" => &["RCPT 250", "DATA 000"],
            "busy" => &["RCPT 451", "RCPT 250", "DATA 250"],
            _ => &["RCPT 250", "DATA 250"],
        };
        assert_eq!(verdicts, expected, "{name}");
    }
    // Greylisting is waited out: the mail was tried again after five minutes at least.
    let [busy] = campaign.communications("busy").await.try_into().unwrap();
    let history = busy["status_history"].to_string();
    assert!(history.contains("451"), "{history}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_mail_server_is_down_the_mail_waits_and_it_goes_on_when_it_is_back() {
    let app = TestApp::start_at(MONDAY.parse().unwrap(), Time::ByHand).await;
    let folder = tempfile::tempdir().unwrap();
    let mut down = Catcher::start(folder.path()).await;
    let smtp = smtp_integration(&app.admin, down.port).await;
    let probe = app.admin.act(&format!("/integrations/{smtp}/test")).await.with(200);
    assert_eq!(probe, json!({ "ok": true, "error": null }));
    down.stop().await;
    let probe = app.admin.act(&format!("/integrations/{smtp}/test")).await.with(200);
    assert_eq!(probe["ok"], false, "{probe}");
    assert!(!probe["error"].as_str().unwrap().is_empty());

    let campaign = Campaign::make(&app.admin, "Down", "UTC", &smtp).await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    campaign.decides("data_load", PLAN_ONE_MAIL).await;
    campaign.decides("aggregation", KEEP_RESULTS).await;
    campaign.activate().await;
    campaign.import_contacts(&[("1", "one@example.com", "")]).await;
    let waiting = until("the mail to wait", async || {
        let communications = campaign.communications("1").await;
        communications.into_iter().find(|communication| communication["waiting_for"].is_string())
    })
    .await;
    assert_eq!((&waiting["status"], &waiting["delivery"]), (&json!("planned"), &json!("none")), "{waiting}");
    let summary = campaign.summary().await;
    assert_eq!(summary["steps"], json!({ "waiting": 1, "dead": 0 }));

    let back = Catcher::start_at(folder.path(), down.port).await;
    app.advance(chrono::Duration::minutes(10));
    campaign.settle().await;
    assert_eq!(back.mails().len(), 1);
    let [sent] = campaign.communications("1").await.try_into().unwrap();
    assert_eq!((&sent["status"], &sent["waiting_for"]), (&json!("completed"), &Value::Null), "{sent}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_with_an_unknown_variable_is_refused_when_the_stage_is_saved() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Templates").await;
    for (subject, body, field, says) in [
        ("Hello {{ contact.nmae }}", "Hello.", "settings.subject", "nmae"),
        ("Hello", "Hello {{ customer.name }}", "settings.body", "customer"),
        ("Hello {{ contact.name", "Hello.", "settings.subject", ""),
        ("Hello {% if contact.name %}", "Hello.", "settings.subject", ""),
    ] {
        let settings = json!({ "subject": subject, "body": body });
        let stage = json!({ "name": "Mail", "channel": "email_notification", "integration_id": campaign.smtp, "settings": settings });
        let faults = campaign.try_stage(stage).await.faults();
        assert!(
            faults.iter().any(|(at, message)| at == field && message.contains(says)),
            "{subject} {body}: {faults:?}"
        );
    }
    let without = json!({ "name": "Mail", "channel": "email_notification", "settings": { "subject": "Hello" } });
    assert_eq!(campaign.try_stage(without).await.faults()[0].0, "settings.body");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_only_the_contact_lacks_fails_its_communication_with_the_reason() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Templates").await;
    campaign.mails("Mail", "Your {{ contact.params.do }} plan", "Until {{ contact.params.until }}.").await;
    campaign.decides("data_load", PLAN_ONE_MAIL).await;
    campaign.decides("aggregation", KEEP_RESULTS).await;
    campaign.activate().await;
    campaign.import("object_id,external_id,name,email,phone,do,until\n1,1,Ann,ann@example.com,,gold,May\n").await;
    campaign.import("object_id,external_id,name,email,phone,do\n2,2,Bob,bob@example.com,,gold\n").await;
    campaign.import("object_id,external_id,name,email,phone,do,until\n3,3,Cy,,,gold,May\n").await;
    campaign.settle().await;

    assert_eq!(app.mails_to("ann@example.com").await[0].subject, "Your gold plan");
    let [failed] = campaign.communications("2").await.try_into().unwrap();
    assert_eq!((&failed["status"], &failed["delivery"]), (&json!("failed"), &json!("failed")), "{failed}");
    assert!(failed["error"].as_str().unwrap().contains("until"), "{failed}");
    assert_eq!(campaign.contact("2").await["results"]["Session"]["OutcomeStatus"], "FAILED");
    // Nobody can write to a contact without an address: that is no failure of the campaign's.
    let [skipped] = campaign.communications("3").await.try_into().unwrap();
    assert_eq!((&skipped["status"], &skipped["delivery"]), (&json!("skipped"), &json!("none")), "{skipped}");
    assert!(skipped["error"].as_str().unwrap().contains("no e-mail address"), "{skipped}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contacts_values_are_data_and_nothing_else() {
    let app = TestApp::start().await;
    let campaign = one_mail(&app, "Injection").await;
    campaign.activate().await;
    let name = "{{ 7 * 7 }} <b>Ann</b>";
    campaign.import(&format!("object_id,external_id,name,email,phone\n1,1,{name},ann@example.com,\n")).await;
    let json = json!({ "object_id": "2", "external_id": "2", "name": "Bob\r\nBcc: victim@example.com", "email": "bob@example.com", "phone": "" });
    let id = campaign.upload("application/x-ndjson", format!("{json}\n")).await;
    campaign.import_ended(&id).await;
    campaign.settle().await;
    let [mail] = app.mails_to("ann@example.com").await.try_into().unwrap();
    assert_eq!(mail.subject, format!("Hello {name}"));
    assert!(app.mails_to("victim@example.com").await.is_empty());
    for mail in app.mails_to("bob@example.com").await {
        assert!(!mail.subject.contains('\n'), "{}", mail.subject);
    }
}
