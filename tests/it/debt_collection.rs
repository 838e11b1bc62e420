//! The specification's ten-step workflow, step by step, with the campaign of `examples/debt-collection`.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use stratagem_providers::meta;
use stratagem_tests::{Campaign, Example, MONDAY, TestApp, Time, until};

const PHONE: &str = "12025550123";

async fn communication(campaign: &Campaign, stage: &str, status: &str) -> Value {
    until(&format!("`{stage}` to be {status}"), async || {
        let all = campaign.communications("CONTRACT-123").await;
        all.into_iter().find(|row| row["stage_name"] == stage && row["status"] == status)
    })
    .await
}

/// The campaign of the example, and its agent's id.
async fn make(app: &TestApp, example: &Example, provider: &meta::Meta) -> (Campaign, String) {
    let smtp = json!({ "settings": { "host": "127.0.0.1", "port": app.catcher().await.port, "tls": "none" } });
    let accounts = json!({ "smtp": smtp, "whatsapp_meta": provider.account() });
    let (campaign, integrations) = example.make(&app.admin, &accounts).await;
    provider.set_hook(&app.url(&format!("/hooks/{}", integrations["whatsapp_meta"])));
    provider.approve("payment_reminder", "en_US", 1);
    let agent = app.admin.list("/agents").await.remove(0)["id"].as_str().unwrap().to_owned();
    (campaign, agent)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_steps_from_the_import_to_the_payment() {
    let monday: DateTime<Utc> = MONDAY.parse().unwrap();
    let app = TestApp::start_at(monday, Time::ByHand).await;
    let provider = meta::start().await;
    let example = Example::read("debt-collection");
    let (campaign, agent) = make(&app, &example, &provider).await;
    let contacts = example.contacts(monday.date_naive());
    let stage = async || campaign.contact("CONTRACT-123").await["current_stage"].as_str().unwrap().to_owned();

    // 1 to 3: imported, planned, sent.
    campaign.import(&contacts).await;
    // 4, 5: no response; WhatsApp is planned for Thursday, and not sent before.
    let planned = communication(&campaign, "2. WhatsApp", "planned").await;
    assert_eq!(planned["start_date"].as_str().unwrap(), "2026-11-26T08:00:00.000Z");
    communication(&campaign, "1. Email", "no_response").await;
    let mail = app.mails_to("john@example.com").await.remove(0);
    assert_eq!((mail.subject.as_str(), stage().await.as_str()), ("Invoice CONTRACT-123", "2. WhatsApp"));
    assert!(mail.text.contains("you owe 120 EUR."));
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
    let paid = contacts.replace("amount\n", "amount,paid\n").replace("EUR\n", "EUR,yes\n");
    campaign.import(&paid).await;
    let summary = campaign.settle().await;
    // One-way mails have none.
    assert_eq!(summary["outcomes"], json!({ "": 2, "PROMISE": 1 }));
    let contact = campaign.contact("CONTRACT-123").await;
    assert_eq!((stage().await.as_str(), &contact["results"]["Outcome"]), ("4. Closed", &json!("PAID")));
    assert_eq!(provider.taken().len(), 3);
}
