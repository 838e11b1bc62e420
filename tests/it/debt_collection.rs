//! The specification's ten-step workflow, step by step, with the strategies of `examples/debt-collection`.

use chrono::Duration;
use serde_json::{Value, json};
use stratagem_providers::meta;
use stratagem_tests::{Campaign, MONDAY, TestApp, Time, until};

const DATA_LOAD: &str = include_str!("../../examples/debt-collection/strategies/data_load.py");
const AGGREGATION: &str = include_str!("../../examples/debt-collection/strategies/aggregation.py");
const ANSWER_ANALYSIS: &str = include_str!("../../examples/debt-collection/strategies/answer_analysis.py");
const RULES: &str = include_str!("../../examples/debt-collection/rules.toml");
const CONTACTS: &str = include_str!("../../examples/debt-collection/contacts.csv");
const PHONE: &str = "12025550123";

async fn communication(campaign: &Campaign, stage: &str, status: &str) -> Value {
    until(&format!("`{stage}` to be {status}"), async || {
        let all = campaign.communications("CONTRACT-123").await;
        all.into_iter().find(|row| row["stage_name"] == stage && row["status"] == status)
    })
    .await
}

async fn make(app: &TestApp, provider: &meta::Meta) -> (Campaign, String) {
    let settings = json!({ "base_url": provider.url(), "api_version": meta::API_VERSION,
        "phone_number_id": meta::PHONE_NUMBER_ID, "default_language": "en_US" });
    let secrets = json!({ "access_token": meta::ACCESS_TOKEN, "app_secret": meta::APP_SECRET,
        "verify_token": meta::VERIFY_TOKEN });
    let number = json!({ "name": "WhatsApp", "kind": "whatsapp_meta", "settings": settings, "secrets": secrets });
    let number = app.admin.post("/integrations", number).await.with(201)["id"].clone();
    provider.set_hook(&app.url(&format!("/hooks/{}", number.as_str().unwrap())));
    provider.approve("payment_reminder", "en_US", 1);
    let agent = json!({ "name": "Collector", "kind": "scripted", "rules": RULES,
        "states": [{ "name": "asking", "transitions": ["promised"] }, { "name": "promised" }],
        "result_schema": { "type": "object", "required": ["OutcomeStatus", "Day"] },
        "integrations": { "whatsapp_meta": number } });
    let agent = app.admin.post("/agents", agent).await.with(201)["id"].as_str().unwrap().to_owned();
    let campaign = app.campaign("Debt collection").await;
    campaign.mails("1. Email", "Invoice {{ contact.object_id }}", "You owe {{ contact.params.amount }}.").await;
    let whatsapp = json!({ "name": "2. WhatsApp", "channel": "whatsapp_meta", "agent_id": agent,
        "settings": { "template_name": "payment_reminder", "start_state": "asking",
            "parameters": ["{{ contact.params.amount }}"] } });
    campaign.try_stage(whatsapp).await.with(201);
    campaign.mails("3. Reminder", "Tomorrow", "You promised to pay by {{ contact.results.PromisedFor }}.").await;
    campaign.ends_with("4. Closed").await;
    campaign.decides("data_load", DATA_LOAD).await;
    campaign.decides("aggregation", AGGREGATION).await;
    campaign.decides("answer_analysis", ANSWER_ANALYSIS).await;
    campaign.activate().await;
    (campaign, agent)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_steps_from_the_import_to_the_payment() {
    let app = TestApp::start_at(MONDAY.parse().unwrap(), Time::ByHand).await;
    let provider = meta::start().await;
    let (campaign, agent) = make(&app, &provider).await;
    let stage = async || campaign.contact("CONTRACT-123").await["current_stage"].as_str().unwrap().to_owned();

    // 1 to 3: imported, planned, sent.
    campaign.import(CONTACTS).await;
    // 4, 5: no response; WhatsApp is planned for Thursday, and not sent before.
    let planned = communication(&campaign, "2. WhatsApp", "planned").await;
    assert_eq!(planned["start_date"].as_str().unwrap(), "2026-11-26T08:00:00.000Z");
    communication(&campaign, "1. Email", "no_response").await;
    let mail = app.mails_to("john@example.com").await.remove(0);
    assert_eq!((mail.subject.as_str(), stage().await.as_str()), ("Invoice CONTRACT-123", "2. WhatsApp"));
    assert!(mail.text.contains("You owe 120 EUR."));
    assert!(provider.taken().is_empty());

    // 6: the conversation begins with the approved template.
    app.advance(Duration::days(3));
    until("the template to be sent", async || (provider.taken().len() == 1).then_some(())).await;
    // 7: the customer promises to pay.
    provider.contact_writes(PHONE, "Yes, I will pay").await;
    // 8: the intermediate analysis shows it while the conversation goes on.
    until("the promise to show", async || (stage().await == "Payment Promised").then_some(())).await;
    let session = app.admin.list(&format!("/sessions?agent_id={agent}")).await.remove(0);
    assert_eq!((&session["status"], &session["state"]), (&json!("active"), &json!("promised")));
    communication(&campaign, "2. WhatsApp", "replied").await;
    provider.contact_writes(PHONE, "on Saturday").await;
    // 9: a reminder for the day before.
    let reminder = communication(&campaign, "3. Reminder", "planned").await;
    assert_eq!(reminder["start_date"].as_str().unwrap(), "2026-11-27T08:00:00.000Z");
    communication(&campaign, "2. WhatsApp", "completed").await;
    app.advance(Duration::days(1));
    communication(&campaign, "3. Reminder", "completed").await;
    assert!(app.mails_to("john@example.com").await[1].text.contains("by Saturday."));
    assert_eq!(stage().await, "Payment Promised");

    // 10: the payment is confirmed, and the campaign completes.
    let paid = CONTACTS.replace("amount\n", "amount,paid\n").replace("EUR\n", "EUR,yes\n");
    campaign.import(&paid).await;
    let summary = campaign.settle().await;
    // One-way mails have none.
    assert_eq!(summary["outcomes"], json!({ "": 2, "PROMISE": 1 }));
    let contact = campaign.contact("CONTRACT-123").await;
    assert_eq!((stage().await.as_str(), &contact["results"]["Outcome"]), ("4. Closed", &json!("PAID")));
    assert_eq!(provider.taken().len(), 3);
}
