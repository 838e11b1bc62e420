//! The traps in the specification's own samples (`spec/README.md`), each a conformance test.

use serde_json::{Value, json};
use stratagem_tests::{Campaign, TestApp};

use crate::samples;

async fn test_run(campaign: &Campaign, strategy: &str, request: Value) -> Value {
    campaign.api.post(&format!("/strategies/{strategy}/test-run"), request).await.with(200)
}

fn john() -> Value {
    json!({ "object_id": "123", "external_id": "123", "name": "John Doe" })
}

/// John, whose first communication is the one that the call is about.
fn john_in_a_session() -> Value {
    let mut john = john();
    john["communications"] =
        json!([{ "name": "Initial Message", "stage_name": "First Contact", "status": "started", "flagged": true }]);
    john
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trap_1_the_names_are_there_without_an_import_and_with_one() {
    let app = TestApp::start().await;
    let campaign = samples::campaign(&app).await;
    let imports = "from datetime import datetime, timedelta\nfrom stratagem import Communication, CommunicationStatus, Contact, Message\n";
    for head in ["", imports] {
        let data_load = campaign.decides("data_load", &format!("{head}{}", samples::DATA_LOAD)).await;
        let run = test_run(&campaign, &data_load, json!({ "contact": john(), "now": "2026-11-23T08:00:00Z" })).await;
        assert_eq!(run["error"], Value::Null, "{run}");
        assert_eq!(run["contact"]["current_stage"], "First Contact");
        let [planned] = run["contact"]["communications"].as_array().unwrap().as_slice() else { panic!("{run}") };
        assert_eq!((&planned["name"], &planned["stage_name"]), (&json!("Initial Message"), &json!("First Contact")));
        assert_eq!(planned["start_date"], "2026-11-23T09:00:00");

        let aggregation = campaign.decides("aggregation", &format!("{head}{}", samples::AGGREGATION)).await;
        let run = test_run(&campaign, &aggregation, json!({ "contact": john_in_a_session() })).await;
        assert_eq!(run["error"], Value::Null, "{run}");
        assert_eq!(run["contact"]["communications"][0]["status"], "completed");
        assert_eq!(run["contact"]["communications"][1]["stage_name"], "Second Attempt");

        let analysis = campaign.decides("answer_analysis", &format!("{head}{}", samples::ANSWER_ANALYSIS)).await;
        let message = json!({ "role": "AI", "content": "Thank you for your PROMISE TO PAY by Friday." });
        let request = json!({ "contact": john_in_a_session(), "message": message, "now": "2026-11-23T08:00:00Z" });
        let run = test_run(&campaign, &analysis, request).await;
        assert_eq!(run["error"], Value::Null, "{run}");
        // A name that is no configured stage.
        assert_eq!(run["contact"]["current_stage"], "Payment Promised");
        // And a value that JSON lacks.
        let last = &run["contact"]["internal_data"]["last_message_time"];
        assert_eq!(last["v"], "2026-11-23T08:00:00", "{last}");

        let message = json!({ "role": "AI", "content": "Good morning" });
        let run = test_run(&campaign, &analysis, json!({ "contact": john_in_a_session(), "message": message })).await;
        assert_eq!(run["contact"]["current_stage"], Value::Null, "{run}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trap_2_session_results_are_a_dict_whenever_a_session_ended() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Trap 2").await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    campaign.decides("data_load", crate::strategies::PLAN_ONE_MAIL).await;
    let tell = "async def run(contact, session_results, logger, **kwargs):\n    contact.results['Type'] = type(session_results).__name__\n    return contact\n";
    let aggregation = campaign.decides("aggregation", tell).await;
    campaign.activate().await;
    campaign.import_contacts(&[("1", "one@example.com", "")]).await;
    campaign.settle().await;
    assert_eq!(campaign.contact("1").await["results"]["Type"], "dict");
    // Nothing was collected, in a test-run that says nothing about it.
    let run = test_run(&campaign, &aggregation, json!({ "contact": john() })).await;
    assert_eq!(run["contact"]["results"]["Type"], "dict", "{run}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trap_3_headers_match_loosely_and_extra_columns_keep_their_names() {
    let app = TestApp::start().await;
    for (i, header) in [
        "Object_id,External_ID,Name,Email,Phone,add_param1,Due Date",
        "object_id,external_id,name,email,phone,add_param1,Due Date",
        "OBJECT-ID,External Id,NAME,E-Mail,p_h_o_n_e,add_param1,Due Date",
    ]
    .into_iter()
    .enumerate()
    {
        let campaign = app.campaign(&format!("Trap 3.{i}")).await;
        campaign
            .import(&format!("{header}\nCONTRACT-123,USER-456,John Smith,john@example.com,+12025550123,12,1 May\n"))
            .await;
        let contact = campaign.contact("CONTRACT-123").await;
        assert_eq!(
            (&contact["external_id"], &contact["email"]),
            (&json!("USER-456"), &json!("john@example.com")),
            "{header}"
        );
        assert_eq!(contact["phone"], "+12025550123", "{header}");
        assert_eq!(contact["params"], json!({ "add_param1": "12", "Due Date": "1 May" }), "{header}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trap_4_a_number_that_cannot_be_dialled_is_kept_and_warned_about() {
    let app = TestApp::start().await;
    let campaign = samples::campaign(&app).await;
    let id = campaign.upload("text/csv", samples::CONTACTS).await;
    let report = campaign.import_ended(&id).await;
    assert_eq!(
        (&report["created"], &report["rejected"], &report["warned"]),
        (&json!(2), &json!(0), &json!(1)),
        "{report}"
    );
    let [warning] = campaign.receipts(&id, "warned").await.try_into().unwrap();
    assert_eq!(
        (&warning["row"], &warning["field"], &warning["value"]),
        (&json!(2), &json!("phone"), &json!("+0987654321"))
    );
    assert!(!warning["reason"].as_str().unwrap().is_empty());
    assert_eq!(campaign.contact("456").await["phone"], "+0987654321");
    assert!(campaign.receipts(&id, "rejected").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trap_5_json_means_one_object_a_line() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Trap 5").await;
    let id = campaign.upload("application/x-ndjson", samples::CONTACT_LINES).await;
    assert_eq!(campaign.import_ended(&id).await["created"], 2);
    let array = format!("[{}]", samples::CONTACT_LINES.trim().replace('\n', ","));
    let id = campaign.upload("application/x-ndjson", array).await;
    let report = campaign.import_ended(&id).await;
    assert_eq!(report["status"], "failed");
    assert!(report.to_string().contains("JSON Lines"), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trap_6_a_whatsapp_stage_is_not_asked_for_a_subject() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Trap 6").await;
    let stage = json!({
        "name": "WhatsApp",
        "channel": "whatsapp_meta",
        "settings": { "start_state": "reminder" },
    });
    // The template's name is all that is missing: no subject, no body.
    let faults = campaign.try_stage(stage).await.faults();
    let fields: Vec<&str> = faults.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["settings.template_name"], "{faults:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trap_7_a_mail_ends_its_session_without_an_outcome_so_the_default_applies() {
    let app = TestApp::start().await;
    let campaign = crate::strategies::one_mail(&app, "Trap 7").await;
    campaign.activate().await;
    campaign.import_contacts(&[("1", "one@example.com", "")]).await;
    let summary = campaign.settle().await;
    assert_eq!(campaign.contact("1").await["results"]["Session"], json!({ "DeliveryStatus": "SENT" }));
    assert_eq!(campaign.logged("1").await, ["ended as NO_RESPONSE"]);
    assert_eq!(summary["outcomes"], json!({ "": 1 }));
}
