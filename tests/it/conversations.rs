//! Two-way sessions: agents and people who talk with contacts over WhatsApp, Telegram and the phone.

use serde_json::{Value, json};
use stratagem_providers::{meta, telegram, twilio};
use stratagem_tests::{Campaign, TestApp, of_contact, until};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_holds_a_conversation_on_whatsapp_until_it_has_what_it_wants() {
    let app = TestApp::start().await;
    let (meta, id) = whatsapp(&app).await;
    meta.tell_twice(true);
    let agent = agent(&app, "Ann", json!({ "whatsapp_meta": id })).await;
    let campaign = campaign(&app, "promises", &[whatsapp_stage(&agent)]).await;
    campaign.activate().await;
    import(&campaign, &[("1", "+31612345601", "WhatsApp")]).await;
    session(&campaign, "1", "the template to be sent", answers(1)).await;

    meta.contact_writes("31612345601", "I can pay on some day").await;
    session(&campaign, "1", "the first answer", answers(2)).await;
    meta.contact_writes("31612345601", "Friday then").await;
    campaign.settle().await;

    let session = session(&campaign, "1", "the end", |session| session["status"] == "closed").await;
    let said = said(&session);
    assert_eq!(
        said,
        [
            "AI: [template payment_reminder]",
            "HUMAN: I can pay on some day",
            "AI: Thank you for your promise to pay. On which day?",
            "HUMAN: Friday then",
            "AI: Noted, goodbye!",
        ]
    );
    assert_eq!((session["state"].as_str(), session["agent_id"].as_str()), (Some("promised"), Some(agent.as_str())));
    let contact = campaign.contact("1").await;
    let results = &contact["results"]["Session"];
    assert_eq!((&results["OutcomeStatus"], &results["Day"]), (&json!("PROMISE"), &json!("Friday")));
    assert_eq!(contact["current_stage"], "Payment Promised");
    assert_eq!((&contact["messages_sent"], &contact["messages_received"]), (&json!(3), &json!(2)));
    // The strategy saw the conversation as it was when the agent had answered.
    let heard = contact["results"]["Heard"].as_array().unwrap();
    assert_eq!(heard.len(), 5, "{heard:?}");
    let communication = &campaign.communications("1").await[0];
    assert_eq!((&communication["status"], &communication["delivery"]), (&json!("completed"), &json!("delivered")));
    assert_eq!(campaign.summary().await["outcomes"], json!({ "PROMISE": 1 }));
    // By agent, as the specification filters them.
    let of_agent = app.admin.list(&format!("/sessions?agent_id={agent}")).await;
    assert_eq!(of_agent.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_doubles_of_a_webhook_have_one_effect_and_forged_ones_none() {
    let app = TestApp::start().await;
    let (meta, id) = whatsapp(&app).await;
    let agent = agent(&app, "Ann", json!({ "whatsapp_meta": id })).await;
    let campaign = campaign(&app, "doubles", &[whatsapp_stage(&agent)]).await;
    campaign.activate().await;
    import(&campaign, &[("1", "+31612345602", "WhatsApp")]).await;
    session(&campaign, "1", "the template to be sent", answers(1)).await;

    let body = json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "15550000000", "phone_number_id": meta::PHONE_NUMBER_ID },
            "contacts": [{ "wa_id": "31612345602", "profile": { "name": "C" } }],
            "messages": [{ "from": "31612345602", "id": "wamid.ONE", "timestamp": "1790000000", "type": "text",
                "text": { "body": "I promise" } }],
        }}]}],
    });
    let bytes = serde_json::to_vec(&body).unwrap();
    let signature = meta::sign(&bytes);
    let url = app.url(&format!("/hooks/{id}"));
    let client = reqwest::Client::new();
    let call = |bytes: Vec<u8>, signature: String| {
        let request = client.post(&url).header("x-hub-signature-256", signature).body(bytes);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    // One bit, in the body and in the signature.
    let mut forged = bytes.clone();
    forged[bytes.len() / 2] ^= 1;
    assert_eq!(call(forged, signature.clone()).await, 403);
    let last = if signature.ends_with('0') { "1" } else { "0" };
    assert_eq!(call(bytes.clone(), format!("{}{last}", &signature[..signature.len() - 1])).await, 403);

    let calls = (0..100).map(|_| call(bytes.clone(), signature.clone()));
    let statuses = futures::future::join_all(calls).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    let session = session(&campaign, "1", "the answer", answers(2)).await;
    assert_eq!(
        said(&session),
        ["AI: [template payment_reminder]", "HUMAN: I promise", "AI: Thank you for your promise to pay. On which day?"]
    );
    assert_eq!(meta.taken().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_says_stop_is_told_so_once_and_never_written_to_again() {
    let app = TestApp::start().await;
    let (meta, id) = whatsapp(&app).await;
    let agent = agent(&app, "Ann", json!({ "whatsapp_meta": id })).await;
    let first = campaign(&app, "first", &[whatsapp_stage(&agent)]).await;
    first.activate().await;
    import(&first, &[("1", "+31612345603", "WhatsApp")]).await;
    session(&first, "1", "the template to be sent", answers(1)).await;
    meta.contact_writes("31612345603", "STOP").await;
    meta.contact_writes("31612345603", "stop!").await;
    first.settle().await;
    let session = session(&first, "1", "the end", |session| session["status"] == "closed").await;
    assert_eq!(session["results"]["OutcomeStatus"], "OPTED_OUT");
    let ours = said(&session).into_iter().filter(|line| line.starts_with("AI")).collect::<Vec<_>>();
    assert_eq!(ours, ["AI: [template payment_reminder]", "AI: You will receive no further messages from us."]);
    assert_eq!(meta.taken().len(), 2);

    // Neither in another campaign, nor by mail, nor after another import.
    let second = campaign(&app, "second", &[whatsapp_stage(&agent)]).await;
    second.mails("Mail", "Hello", "Hello").await;
    second.activate().await;
    import(&second, &[("1", "+31612345603", "WhatsApp"), ("2", "+31612345604", "WhatsApp")]).await;
    import(&second, &[("1", "0031 612345603", "Mail")]).await;
    second.settle().await;
    for communication in second.communications("1").await {
        assert_eq!(communication["status"], "skipped", "{communication}");
        let error = communication["error"].as_str().unwrap();
        assert!(error.contains("suppressed") || error.contains("phone"), "{error}");
    }
    let listed = app.admin.list("/suppressions").await;
    let addresses: Vec<&str> = listed.iter().filter_map(|row| row["address"].as_str()).collect();
    assert!(addresses.contains(&"31612345603") && addresses.contains(&"c1@example.com"), "{addresses:?}");
    // Lifted, it may be written to again.
    app.admin.delete("/suppressions?address=%2B31%20612345603").await.with(204);
    app.admin.delete("/suppressions?address=%2B31%20612345603").await.problem(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_takes_over_what_an_agent_hands_over() {
    let app = TestApp::start().await;
    let (meta, id) = whatsapp(&app).await;
    let agent = agent(&app, "Ann", json!({ "whatsapp_meta": id })).await;
    let stages = [whatsapp_stage(&agent), json!({ "name": "People", "channel": "human", "settings": {} })];
    let campaign = campaign(&app, "people", &stages).await;
    campaign.activate().await;
    import(&campaign, &[("1", "+31612345605", "WhatsApp"), ("2", "", "People")]).await;
    session(&campaign, "1", "the template to be sent", answers(1)).await;
    meta.contact_writes("31612345605", "I want to talk to a person").await;
    let handed = session(&campaign, "1", "the hand-over", |session| session["desk"] == "queued").await;
    let id = handed["id"].as_str().unwrap().to_owned();
    assert_eq!(handed["desk_reason"], "asked for a person");

    let (one, other) = (app.somebody("operator").await, app.somebody("operator").await);
    let inbox = until("both to be in the inbox", async || {
        let inbox = one.list("/inbox").await;
        (inbox.len() == 2).then_some(inbox)
    })
    .await;
    assert!(inbox.iter().any(|session| session["channel"] == "human"));
    one.post(&format!("/inbox/{id}/messages"), json!({ "content": "x" })).await.problem(409);
    let claimed = one.act(&format!("/inbox/{id}/claim")).await.ok();
    assert_eq!(said(&claimed).len(), 3, "with its transcript");
    other.act(&format!("/inbox/{id}/claim")).await.problem(409);
    other.post(&format!("/inbox/{id}/messages"), json!({ "content": "x" })).await.problem(409);
    one.post(&format!("/inbox/{id}/messages"), json!({ "content": "Bob here. Better?" })).await.with(201);
    session(&campaign, "1", "the person's message to be sent", |session| {
        session["messages"].as_array().unwrap().iter().any(|m| m["role"] == "OPERATOR" && m["delivery"] != "none")
    })
    .await;
    // The agent keeps silent from now on.
    meta.contact_writes("31612345605", "Much better, I promise").await;
    session(&campaign, "1", "the contact's message", |session| said(session).len() == 5).await;
    // The agent's schema holds for people too.
    let faults = one.post(&format!("/inbox/{id}/resolve"), json!({ "results": {} })).await.faults();
    assert_eq!(faults[0].0, "results");
    one.post(&format!("/inbox/{id}/resolve"), json!({ "results": { "OutcomeStatus": "PROMISE" } })).await.ok();
    // Nobody sees to the other one in time.
    campaign.settle().await;
    let results = &campaign.contact("1").await["results"]["Session"];
    assert_eq!(results["OutcomeStatus"], "PROMISE");
    assert_eq!(results["HandOverReason"], "asked for a person");
    assert_eq!(campaign.contact("2").await["results"]["Session"]["OutcomeStatus"], "NOT_HANDLED");
    assert!(one.list("/inbox").await.is_empty());
    assert_eq!(meta.taken().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_a_conversation_and_one_that_nobody_takes_has_an_outcome() {
    call_people("gather").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_over_a_websocket_is_the_same_conversation() {
    call_people("relay").await;
}

async fn call_people(voice: &str) {
    let app = TestApp::start().await;
    let account = "AC0123456789abcdef0123456789abcdef";
    let phone = twilio::Twilio::start(account, "12345").await;
    let settings = json!({ "base_url": phone.url, "account_sid": account, "from": "+15005550006", "voice": voice,
        "calls_per_second": 100 });
    let id = integration(&app, "twilio", settings, json!({ "auth_token": "12345" })).await;
    let agent = agent(&app, "Ann", json!({ "twilio": id })).await;
    let stage =
        json!({ "name": "Call", "channel": "twilio", "agent_id": agent, "settings": { "start_state": "asking" } });
    let campaign = campaign(&app, "calls", &[stage]).await;
    campaign.activate().await;
    let says = |text: &str| twilio::Turn::Says(text.to_owned());
    // Over a WebSocket nobody tells of silence.
    let unclear = if voice == "gather" { twilio::Turn::Silent } else { says("well") };
    phone.callees([
        twilio::Callee::Answers(vec![says("yes I promise"), unclear, says("on Friday")]),
        twilio::Callee::Busy,
        twilio::Callee::Machine,
    ]);
    // One seat: one call at a time, in the order of their planning.
    import(&campaign, &[("1", "+31612345606", "Call"), ("2", "+31612345607", "Call"), ("3", "+31612345608", "Call")])
        .await;
    campaign.settle().await;
    let calls = phone.ended(3).await;
    // Whose call came first is the queue's choice.
    let mut people = campaign.contacts().await;
    people.retain(|_, contact| contact["results"]["Session"]["OutcomeStatus"] == "PROMISE");
    let (id, contact) = people.into_iter().next().unwrap();
    assert!(calls.iter().all(|call| call.errors.is_empty()), "{calls:?}");
    let outcomes = campaign.summary().await["outcomes"].clone();
    assert_eq!(outcomes, json!({ "PROMISE": 1, "BUSY": 1, "MACHINE": 1 }));
    let talked = calls.iter().find(|call| !call.transcript.is_empty()).unwrap();
    let mut transcript = talked.transcript.clone();
    transcript.retain(|line| line != "contact: well");
    assert_eq!(
        transcript,
        [
            &format!("agent: Hello Contact {id}, will you pay your invoice?"),
            "contact: yes I promise",
            "agent: Thank you for your promise to pay. On which day?",
            "agent: Sorry, when will you pay?",
            "contact: on Friday",
            "agent: Noted, goodbye!",
        ]
    );
    assert_eq!(contact["current_stage"], "Payment Promised");
    assert_eq!(contact["results"]["Session"]["Day"], "Friday");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_writes_to_whom_it_was_made_known_and_a_block_is_heeded() {
    let app = TestApp::start().await;
    let bot = telegram::Telegram::start("123456:token", "acme_bot").await;
    let settings = json!({ "base_url": bot.url, "bot_username": "acme_bot", "mode": "polling" });
    let secrets = json!({ "bot_token": "123456:token", "secret_token": "secret" });
    let id = integration(&app, "telegram", settings, secrets).await;
    let agent = agent(&app, "Ann", json!({ "telegram": id })).await;
    let stage = json!({ "name": "Bot", "channel": "telegram", "agent_id": agent, "settings": {} });
    let campaign = campaign(&app, "bots", &[stage]).await;
    // Not planned before they are known: nothing is sent as long as it is a draft.
    import(&campaign, &[("1", "", "Bot"), ("2", "", "Bot")]).await;
    let contact = campaign.contact("1").await;
    let links = app.admin.get(&of_contact(&contact, "/links")).await.ok();
    assert_eq!(links["telegram"][0]["linked"], false);
    let url = links["telegram"][0]["url"].as_str().unwrap().to_owned();
    let token = url.split("start=").nth(1).unwrap().to_owned();
    bot.press_start(77, Some(&token)).await;
    bot.press_start(78, Some("0192f0c123457abc8def0123456789ab0123456789abcdef")).await;
    until("the contact to be known", async || {
        let links = app.admin.get(&of_contact(&contact, "/links")).await.ok();
        (links["telegram"][0]["linked"] == true).then_some(())
    })
    .await;
    campaign.activate().await;
    session(&campaign, "1", "the bot to write", answers(1)).await;
    bot.write(77, json!({ "text": "I promise" })).await;
    session(&campaign, "1", "the answer", answers(2)).await;
    bot.block(77).await;
    campaign.settle().await;
    assert_eq!(campaign.contact("1").await["results"]["Session"]["OutcomeStatus"], "OPTED_OUT");
    let unknown = &campaign.communications("2").await[0];
    assert_eq!(unknown["status"], "skipped");
    assert!(unknown["error"].as_str().unwrap().contains("NOT_LINKED"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alternatives_are_shared_out_by_weight_and_fall_to_the_next_that_reaches_the_contact() {
    let app = TestApp::start().await;
    let (meta, id) = whatsapp(&app).await;
    let agent = agent(&app, "Ann", json!({ "whatsapp_meta": id })).await;
    let campaign = app.campaign("alternatives").await;
    let whatsapp = json!({ "label": "chat", "weight": 100, "channel": "whatsapp_meta", "agent_id": agent,
        "settings": { "template_name": "payment_reminder", "start_state": "asking" } });
    let stage = |alternatives: Value| {
        json!({ "name": "Reach", "channel": "email_notification", "integration_id": campaign.smtp,
            "settings": { "subject": "Hello", "body": "Hello" }, "alternatives": alternatives })
    };
    let heavy = json!([whatsapp, { "label": "chat", "weight": 1, "channel": "twilio", "settings": {} }]);
    let faults = campaign.try_stage(stage(heavy)).await.faults();
    let fields: Vec<&str> = faults.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["alternatives[1].label", "alternatives", "alternatives[1].settings.start_state"]);
    campaign.try_stage(stage(json!([whatsapp]))).await.with(201);
    campaign.decides("data_load", PLAN_IT).await;
    campaign.decides("aggregation", KEEP_RESULTS).await;
    campaign.activate().await;
    // The second has no number that could be reached: it gets the mail.
    import(&campaign, &[("1", "+31612345609", "Reach"), ("2", "", "Reach")]).await;
    campaign.settle().await;
    let (one, two) = (&campaign.communications("1").await[0], &campaign.communications("2").await[0]);
    assert_eq!((&one["alternative"], &one["channel"]), (&json!("chat"), &json!("whatsapp_meta")));
    assert_eq!((&two["alternative"], &two["channel"]), (&Value::Null, &json!("email_notification")));
    assert_eq!(campaign.summary().await["alternatives"], json!({ "chat": 1 }));
    assert_eq!(meta.taken().len(), 1);
    assert_eq!(app.mails_to("c2@example.com").await.len(), 1);
    // Nobody answered within three days.
    assert_eq!(campaign.contact("1").await["results"]["Session"]["OutcomeStatus"], "NO_RESPONSE");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_click_unsubscribes_and_a_link_that_is_opened_does_not() {
    let app = TestApp::start().await;
    let campaign = crate::strategies::one_mail(&app, "mails").await;
    campaign.activate().await;
    campaign.import_contacts(&[("1", "one@example.com", "")]).await;
    campaign.settle().await;
    let mail = app.mails_to("one@example.com").await.remove(0);
    let header = mail.header("List-Unsubscribe").unwrap();
    assert_eq!(mail.header("List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
    let url = header.trim_matches(['<', '>']).to_owned();
    let client = reqwest::Client::new();
    let asked = client.get(&url).send().await.unwrap();
    assert!(asked.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    assert!(asked.text().await.unwrap().contains("<form method=\"post\">"));
    assert!(app.admin.list("/suppressions").await.is_empty());
    let flipped = if url.ends_with('0') { "1" } else { "0" };
    let forged = format!("{}{flipped}", &url[..url.len() - 1]);
    assert_eq!(client.post(&forged).send().await.unwrap().status(), 404);
    let body = "List-Unsubscribe=One-Click";
    assert_eq!(client.post(&url).body(body).send().await.unwrap().status(), 200);
    assert_eq!(app.admin.list("/suppressions").await[0]["address"], "one@example.com");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_agent_does_not_do_waits_for_it_with_the_reason_on_view() {
    let app = TestApp::start().await;
    let (meta, id) = whatsapp(&app).await;
    let agent = agent(&app, "Ann", json!({ "whatsapp_meta": id })).await;
    let path = format!("/agents/{agent}");
    app.admin.patch(&path, json!({ "status": "inactive" })).await.ok();
    let campaign = campaign(&app, "waits", &[whatsapp_stage(&agent)]).await;
    campaign.activate().await;
    import(&campaign, &[("1", "+31612345610", "WhatsApp")]).await;
    let reason = until("the communication to wait", async || {
        let communication = campaign.communications("1").await.into_iter().next()?;
        communication["waiting_for"].as_str().map(str::to_owned)
    })
    .await;
    assert_eq!(reason, "agent `Ann`, which is `inactive`");
    assert!(meta.taken().is_empty());
    app.admin.patch(&path, json!({ "status": "active" })).await.ok();
    campaign.settle().await;
    assert_eq!(meta.taken().len(), 1);
    app.admin.delete(&path).await.problem(409);
}
