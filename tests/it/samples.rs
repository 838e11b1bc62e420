//! The specification's samples, pasted as they are (indentation restored), from the file to the last mail.

use serde_json::{Value, json};
use stratagem_tests::{Campaign, TestApp};

pub(crate) const CONTACTS: &str = include_str!("samples/contacts.csv");
pub(crate) const CONTACT_LINES: &str = include_str!("samples/contacts.jsonl");
pub(crate) const DATA_LOAD: &str = include_str!("samples/data_load.py");
pub(crate) const AGGREGATION: &str = include_str!("samples/aggregation.py");
pub(crate) const ANSWER_ANALYSIS: &str = include_str!("samples/answer_analysis.py");

/// A campaign with the stages that the samples name, and the samples.
pub(crate) async fn campaign(app: &TestApp) -> Campaign {
    let campaign = app.campaign("Specification").await;
    let body =
        "<p>Dear {{ contact.name }},</p><p>{{ contact.params.add_param2 }} ({{ contact.params.add_param1 }})</p>";
    campaign.mails("First Contact", "Hello {{ contact.name }}", body).await;
    campaign.mails_at_most("Second Attempt", "Hello again {{ contact.name }}", "Are you there?", 3).await;
    campaign.decides("data_load", DATA_LOAD).await;
    campaign.decides("aggregation", AGGREGATION).await;
    campaign.decides("answer_analysis", ANSWER_ANALYSIS).await;
    campaign
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_samples_run_from_the_file_to_the_last_mail() {
    let app = TestApp::start().await;
    let campaign = campaign(&app).await;
    campaign.activate().await;

    let report = campaign.import(CONTACTS).await;
    for (count, expected) in [("rows", 2), ("created", 2), ("updated", 0), ("rejected", 0), ("warned", 1)] {
        assert_eq!(report[count], expected, "{count}: {report}");
    }
    let summary = campaign.settle().await;
    assert_eq!(summary["contacts"], 2);
    assert_eq!(summary["stages"], json!({ "First Contact": 2 }));
    // For each contact one first contact, three second attempts, and the fourth that the stage does not allow.
    assert_eq!(summary["communications"], json!({ "completed": 8, "skipped": 2 }));

    for (id, name, email) in [("123", "John Doe", "john@example.com"), ("456", "Jane Smith", "jane@example.com")] {
        let mails = app.mails_to(email).await;
        let sent: Vec<_> = mails.iter().map(|mail| (mail.subject.clone(), mail.date.to_rfc3339())).collect();
        let expected = [
            ("Hello", "23T09:00"),
            ("Hello again", "24T09:00"),
            ("Hello again", "25T09:00"),
            ("Hello again", "26T09:00"),
        ];
        assert_eq!(sent, expected.map(|(hello, at)| (format!("{hello} {name}"), format!("2026-11-{at}:00+00:00"))));
        assert_eq!(campaign.contact(id).await["messages_sent"], 4);
    }
    let first = &app.mails_to("john@example.com").await[0];
    assert!(first.html.contains("<p>Dear John Doe,</p><p>Additional data (12)</p>"), "{}", first.html);
    assert!(first.text.contains("Dear John Doe,") && first.text.contains("Additional data (12)"), "{}", first.text);

    the_history_tells_it(&campaign).await;
}

async fn the_history_tells_it(campaign: &Campaign) {
    let communications = campaign.communications("456").await;
    let told = |field: &str| communications.iter().map(|c| c[field].clone()).collect::<Vec<Value>>();
    assert_eq!(told("name"), ["Initial Message", "Follow-up", "Follow-up", "Follow-up", "Follow-up"]);
    assert_eq!(
        told("stage_name"),
        ["First Contact", "Second Attempt", "Second Attempt", "Second Attempt", "Second Attempt"]
    );
    assert_eq!(told("status"), ["completed", "completed", "completed", "completed", "skipped"]);
    assert_eq!(told("delivery"), ["sent", "sent", "sent", "sent", "none"]);
    let reason = communications[4]["error"].as_str().unwrap();
    assert!(reason.contains("max_communications"), "{reason}");
    let history = communications[0]["status_history"].as_array().unwrap();
    let steps: Vec<_> = history.iter().filter_map(|change| change["status"].as_str()).collect();
    assert_eq!(steps, ["planned", "started", "completed"], "{history:#?}");

    let runs = campaign.runs("456").await;
    let hooks: Vec<_> =
        runs.iter().map(|run| (run["hook"].as_str().unwrap(), run["outcome"].as_str().unwrap())).collect();
    assert_eq!(hooks[0], ("data_load", "ok"));
    assert_eq!(hooks[1..], [("aggregation", "ok"); 4]);
    for run in &runs {
        let (fuel, memory) = (run["fuel"].as_u64().unwrap(), run["peak_memory"].as_u64().unwrap());
        assert!(fuel > 0 && memory > 0 && run["wall_ms"].as_f64().unwrap() > 0.0, "{run}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_json_lines_sample_comes_to_the_same_contacts() {
    let app = TestApp::start().await;
    let campaign = campaign(&app).await;
    let id = campaign.upload("application/x-ndjson", CONTACT_LINES).await;
    let report = campaign.import_ended(&id).await;
    assert_eq!((&report["rows"], &report["created"], &report["warned"]), (&json!(2), &json!(2), &json!(1)), "{report}");
    let john = campaign.contact("123").await;
    assert_eq!(
        (&john["name"], &john["email"], &john["phone"]),
        (&json!("John Doe"), &json!("john@example.com"), &json!("+1234567890"))
    );
    assert_eq!(john["params"], json!({}));
}
