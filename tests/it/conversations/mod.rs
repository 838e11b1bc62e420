//! Two-way sessions: agents and people who talk with contacts over WhatsApp, Telegram, e-mail and the phone.

mod calls;
mod mail;
mod models;
mod people;
mod reach;
mod streamed;
mod telegram;
mod whatsapp;

use serde_json::{Value, json};
use stratagem_providers::meta;
use stratagem_tests::{Campaign, TestApp, until};

use crate::strategies::KEEP_RESULTS;

/// Plans one communication, now, on the stage that the column `do` names.
const PLAN_IT: &str = r#"
async def run(contact, existing_contact, logger, **kwargs):
    stage = contact.params["do"]
    contact.communications.append(Communication("Talk", stage_name=stage, start_date=datetime.now()))
    return contact
"#;

/// The specification's own, with what it saw kept.
const WATCH_FOR_PROMISES: &str = r#"
async def on_agent_answer(contact: Contact, message: Message, **kwargs) -> Contact | None:
    contact.internal_data["last_message_time"] = datetime.now()
    contact.results["Heard"] = [m.content for m in kwargs["session"].messages]
    if "promise to pay" in message.content.lower():
        contact.current_stage = "Payment Promised"
    return contact
"#;

const RULES: &str = r#"
greeting = "Hello {name}, will you pay your invoice?"
fallback = "Sorry, when will you pay?"

[[rule]]
when = ["pay on", "promise"]
say = "Thank you for your promise to pay. On which day?"
goto = "promised"

[[rule]]
pattern = '(?i)\b(?<Day>monday|friday)\b'
state = "promised"
say = "Noted, goodbye!"
end = true
results = { OutcomeStatus = "PROMISE" }

[[rule]]
when = "a person"
say = "I will ask a colleague."
hand_over = "asked for a person"
"#;

/// A scripted agent that sends through these integrations; returns its id.
async fn agent(app: &TestApp, name: &str, integrations: Value) -> String {
    let agent = json!({
        "name": name,
        "kind": "scripted",
        "rules": RULES,
        "states": [{ "name": "asking" }, { "name": "promised" }],
        "result_schema": { "type": "object", "required": ["OutcomeStatus"] },
        "integrations": integrations,
    });
    app.admin.post("/agents", agent).await.with(201)["id"].as_str().unwrap().to_owned()
}

async fn integration(app: &TestApp, kind: &str, settings: Value, secrets: Value) -> String {
    let body = json!({ "name": kind, "kind": kind, "settings": settings, "secrets": secrets });
    app.admin.post("/integrations", body).await.with(201)["id"].as_str().unwrap().to_owned()
}

/// A WhatsApp number at Meta's stand-in, which calls the server back.
async fn whatsapp(app: &TestApp) -> (meta::Meta, String) {
    let provider = meta::start().await;
    let settings = json!({
        "base_url": provider.url(),
        "api_version": meta::API_VERSION,
        "phone_number_id": meta::PHONE_NUMBER_ID,
        "default_language": "en_US",
    });
    let secrets = json!({
        "access_token": meta::ACCESS_TOKEN, "app_secret": meta::APP_SECRET, "verify_token": meta::VERIFY_TOKEN,
    });
    let id = integration(app, "whatsapp_meta", settings, secrets).await;
    // What one contact gets is not what these stories are about.
    app.admin.patch(&format!("/integrations/{id}"), json!({ "pair_rate": null, "send_rate": null })).await.ok();
    provider.set_hook(&app.url(&format!("/hooks/{id}")));
    provider.approve("payment_reminder", "en_US", 0);
    (provider, id)
}

/// A campaign with a stage for each of these, ready to be activated.
async fn campaign(app: &TestApp, name: &str, stages: &[Value]) -> Campaign {
    let campaign = app.campaign(name).await;
    for stage in stages {
        campaign.try_stage(stage.clone()).await.with(201);
    }
    campaign.decides("data_load", PLAN_IT).await;
    campaign.decides("aggregation", KEEP_RESULTS).await;
    campaign.decides("answer_analysis", WATCH_FOR_PROMISES).await;
    campaign
}

/// Imports contacts `(id, phone, stage)`.
async fn import(campaign: &Campaign, contacts: &[(&str, &str, &str)]) {
    let mut csv = "object_id,external_id,name,email,phone,do\n".to_owned();
    for (id, phone, stage) in contacts {
        csv += &format!("{id},{id},Contact {id},c{id}@example.com,{phone},{stage}\n");
    }
    campaign.import(&csv).await;
}

/// The contact's only session, once `ready` says so.
async fn session(campaign: &Campaign, contact: &str, what: &str, ready: impl Fn(&Value) -> bool) -> Value {
    let contact = campaign.contact(contact).await;
    until(what, async || {
        let path = format!("/sessions?contact_id={}", contact["id"].as_str().unwrap());
        let sessions = campaign.api.list(&path).await;
        let id = sessions.first()?["id"].as_str().unwrap().to_owned();
        let session = campaign.api.get(&format!("/sessions/{id}")).await.ok();
        ready(&session).then_some(session)
    })
    .await
}

fn said(session: &Value) -> Vec<String> {
    let messages = session["messages"].as_array().unwrap().iter();
    messages.map(|m| format!("{}: {}", m["role"].as_str().unwrap(), m["content"].as_str().unwrap())).collect()
}

fn answers(count: usize) -> impl Fn(&Value) -> bool {
    move |session| {
        let messages = session["messages"].as_array().unwrap().iter();
        let ours = messages.filter(|message| message["role"] == "AI" && message["delivery"] != "none");
        ours.filter(|message| message["delivery"] != "sending").count() == count
    }
}

fn whatsapp_stage(agent: &str) -> Value {
    json!({ "name": "WhatsApp", "channel": "whatsapp_meta", "agent_id": agent,
        "settings": { "template_name": "payment_reminder", "start_state": "asking" } })
}
