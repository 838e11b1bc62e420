//! Calls whose agent is a model: what it writes is heard while it writes it.

use std::time::Duration;

use serde_json::{Value, json};
use stratagem_providers::{
    llm::{Beat, Llm, Reply},
    twilio::{Callee, Turn, Twilio},
};
use stratagem_tests::{Api, Binary, Campaign, Launch, TestApp, on_postgres, until};

use super::{PLAN_IT, WATCH_FOR_PROMISES, import, said, session};
use crate::strategies::KEEP_RESULTS;

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";

async fn phone() -> Twilio {
    Twilio::start(ACCOUNT, "12345").await
}

/// A campaign that calls, with a model that speaks; contacts are imported by the story.
async fn calls(api: &Api, phone: &Twilio, model: &Llm) -> Campaign {
    let made = async |path: &str, body: Value| api.post(path, body).await.with(201)["id"].as_str().unwrap().to_owned();
    let settings = json!({ "base_url": phone.url, "account_sid": ACCOUNT, "from": "+15005550006", "voice": "relay",
        "calls_per_second": 100 });
    let secrets = json!({ "auth_token": "12345" });
    let twilio =
        made("/integrations", json!({ "name": "Phone", "kind": "twilio", "settings": settings, "secrets": secrets }))
            .await;
    let settings = json!({ "base_url": model.base_url(), "model": "small", "prompt_price_per_million": 2.0 });
    let llm =
        made("/integrations", json!({ "name": "Model", "kind": "llm", "settings": settings, "secrets": {} })).await;
    let agent = json!({
        "name": "Iris", "kind": "llm", "llm_integration_id": llm, "instructions": "Ask when the invoice will be paid.",
        "states": [{ "name": "asking" }], "integrations": { "twilio": twilio },
        "result_schema": { "type": "object", "required": ["OutcomeStatus"],
            "properties": { "OutcomeStatus": { "enum": ["PROMISE", "REFUSED"] } }, "additionalProperties": false },
    });
    let agent = made("/agents", agent).await;
    let campaign = Campaign::make(api, "Streamed", "UTC", "").await;
    let settings = json!({ "start_state": "asking" });
    let stage = json!({ "name": "Call", "channel": "twilio", "agent_id": agent, "settings": settings });
    campaign.try_stage(stage).await.with(201);
    campaign.decides("data_load", PLAN_IT).await;
    campaign.decides("aggregation", KEEP_RESULTS).await;
    campaign.decides("answer_analysis", WATCH_FOR_PROMISES).await;
    campaign.activate().await;
    campaign
}

fn says(text: &str) -> Beat {
    Beat::Says(text.to_owned())
}

fn promise() -> Beat {
    Beat::Calls("end_session".to_owned(), json!({ "results": { "OutcomeStatus": "PROMISE" } }).to_string())
}

fn speaks(text: &str) -> Turn {
    Turn::Says(text.to_owned())
}

/// Waits until this is the last that was heard in the call.
async fn heard(phone: &Twilio, line: &str) {
    until(line, async || phone.calls().first()?.transcript.last().filter(|last| *last == line).map(|_| ())).await;
}

async fn closed(campaign: &Campaign) -> Value {
    session(campaign, "1", "the end", |session| session["status"] == "closed").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_hears_each_sentence_as_soon_as_the_model_has_written_it() {
    let app = TestApp::start().await;
    let (phone, model) = (phone().await, Llm::start().await);
    let campaign = calls(&app.admin, &phone, &model).await;
    phone.callees([Callee::Answers(vec![speaks("on Friday"), Turn::Silent])]);
    model.reply(Reply::Paced(vec![says("Hello, this is Iris. When"), Beat::Waits, says(" will you pay?")]));
    import(&campaign, &[("1", "+31612345606", "Call")]).await;
    heard(&phone, "agent: Hello, this is Iris.").await;
    // What the contact has heard is on record before the model has ended.
    let going_on = session(&campaign, "1", "the first sentence", |session| session["messages"][0].is_object()).await;
    assert_eq!(said(&going_on), ["AI: Hello, this is Iris."]);
    assert_eq!(going_on["messages"][0]["delivery"], "sending");
    // So long that it would take half a minute until nobody could still be speaking it.
    let farewell = format!("Until Friday, then. {}Goodbye!", "I wish you a very pleasant day. ".repeat(6));
    model.reply(Reply::Paced(vec![says("Thank you. "), Beat::Waits, says(&farewell), promise()]));
    model.go_on();
    heard(&phone, "agent: Thank you.").await;
    // The call does not end while its last words are still being spoken.
    phone.plays(false);
    model.go_on();
    heard(&phone, &format!("agent: Thank you. {farewell}")).await;
    assert_eq!(phone.calls()[0].status, "in-progress");
    phone.plays(true);
    let ended = tokio::time::timeout(Duration::from_secs(15), phone.ended(1)).await;
    let call = ended.expect("the call ends when all was played").remove(0);
    assert!(call.errors.is_empty(), "{call:?}");
    campaign.settle().await;
    let session = closed(&campaign).await;
    assert_eq!(
        call.transcript,
        [
            "agent: Hello, this is Iris. When will you pay?",
            "contact: on Friday",
            &format!("agent: Thank you. {farewell}"),
        ]
    );
    assert_eq!(
        said(&session),
        ["AI: Hello, this is Iris. When will you pay?", "HUMAN: on Friday", &format!("AI: Thank you. {farewell}"),]
    );
    assert!(session["messages"].as_array().unwrap().iter().all(|message| message["delivery"] != "sending"));
    assert_eq!(session["results"]["OutcomeStatus"], "PROMISE");
    assert_eq!(
        session["usage"],
        json!({ "requests": 2, "prompt_tokens": 200, "completion_tokens": 20, "cost_micros": 400 })
    );
    let analysed = campaign.contact("1").await["results"]["Heard"].clone();
    assert_eq!(analysed.as_array().unwrap().last().unwrap(), &format!("Thank you. {farewell}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_who_breaks_in_stops_the_model() {
    let app = TestApp::start().await;
    let (phone, model) = (phone().await, Llm::start().await);
    let campaign = calls(&app.admin, &phone, &model).await;
    phone.callees([Callee::Answers(vec![
        speaks("yes I promise"),
        Turn::BreaksIn(3, "on Friday".to_owned()),
        Turn::Silent,
    ])]);
    model.say("Will you pay?");
    model.reply(Reply::Paced(vec![
        says("Thank you for your promise. On which day"),
        Beat::Waits,
        says(" will it be?"),
        promise(),
    ]));
    model.say("Noted. Is that all?");
    import(&campaign, &[("1", "+31612345606", "Call")]).await;
    heard(&phone, "agent: Noted. Is that all?").await;
    assert_eq!(model.abandoned(), 1, "nobody reads what would not be said");
    assert_eq!(
        phone.calls()[0].transcript,
        [
            "agent: Will you pay?",
            "contact: yes I promise",
            "agent: Thank you for your promise.",
            "contact: on Friday",
            "agent: Noted. Is that all?",
        ]
    );
    let session =
        session(&campaign, "1", "the answer", |session| session["messages"].as_array().unwrap().len() == 5).await;
    assert_eq!(
        said(&session),
        [
            "AI: Will you pay?",
            "HUMAN: yes I promise",
            "AI: Thank you for…",
            "HUMAN: on Friday",
            "AI: Noted. Is that all?"
        ]
    );
    // What the model would have done beside it was not done.
    assert_eq!((&session["status"], &session["usage"]["requests"]), (&json!("active"), &json!(3)));
    let last = model.asked().pop().unwrap()["messages"].clone();
    assert!(last.to_string().contains("Thank you for…") && !last.to_string().contains("which day"), "{last}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_breaks_off_is_gone_on_from() {
    let app = TestApp::start().await;
    let (phone, model) = (phone().await, Llm::start().await);
    let campaign = calls(&app.admin, &phone, &model).await;
    phone.callees([Callee::Answers(vec![speaks("on Friday"), Turn::Silent])]);
    model.reply(Reply::Paced(vec![says("Hello, this is Iris. When will"), Beat::Breaks]));
    model.say("When will you pay?");
    // Results outside the schema, twice: what was said beside them stays said, and to its end.
    let waived = || Beat::Calls("end_session".to_owned(), json!({ "OutcomeStatus": "WAIVED" }).to_string());
    model.reply(Reply::Paced(vec![says("Noted. It"), Beat::Waits, says(" is waived."), waived()]));
    model.reply(Reply::Paced(vec![says("Goodbye, then. And"), Beat::Waits, waived()]));
    import(&campaign, &[("1", "+31612345606", "Call")]).await;
    for words in ["agent: Noted.", "agent: Noted. Goodbye, then."] {
        heard(&phone, words).await;
        model.go_on();
    }
    let call = phone.ended(1).await.remove(0);
    assert!(call.errors.is_empty(), "{call:?}");
    campaign.settle().await;
    let session = closed(&campaign).await;
    let expected = ["Hello, this is Iris. When will you pay?", "on Friday", "Noted. Goodbye, then."];
    let spoken: Vec<&str> = call.transcript.iter().map(|line| line.split_once(": ").unwrap().1).collect();
    assert_eq!(spoken, expected);
    let kept: Vec<Value> = session["messages"].as_array().unwrap().iter().map(|said| said["content"].clone()).collect();
    assert_eq!(kept, expected);
    assert_eq!(session["outcome"], "AGENT_ERROR");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_before_a_crash_is_on_record_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Binary::serve(folder.path()).await;
    let (phone, model) = (phone().await, Llm::start().await);
    let campaign = calls(&server.admin, &phone, &model).await;
    phone.callees([Callee::Answers(vec![speaks("on Friday")])]);
    model.say("When will you pay?");
    model.reply(Reply::Paced(vec![says("Thank you. Until"), Beat::Waits, says(" Friday.")]));
    import(&campaign, &[("1", "+31612345606", "Call")]).await;
    heard(&phone, "agent: Thank you.").await;
    server.kill().await;
    let server = Binary::serve(folder.path()).await;
    let campaign = Campaign { api: server.admin.clone(), ..campaign };
    let ended = |session: &Value| session["messages"][2]["delivery"] == "sent";
    let session = session(&campaign, "1", "what was said", ended).await;
    assert_eq!(said(&session), ["AI: When will you pay?", "HUMAN: on Friday", "AI: Thank you."]);
    assert_eq!(model.asked().len(), 2, "nothing that was said is asked for again");
}

/// The call's socket is held by one server, and its turns are taken by whichever claims them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_the_same_whichever_server_takes_its_turns() {
    const TURNS: usize = 8;
    if !on_postgres() {
        println!("skipped: SQLite has one server");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let launch = Launch::on(folder.path()).on_real_time();
    let (one, _other) = (launch.start().await, launch.start().await);
    let (phone, model) = (phone().await, Llm::start().await);
    let campaign = calls(&one.admin, &phone, &model).await;
    phone.callees([Callee::Answers(vec![speaks("and then"); TURNS])]);
    for turn in 0..TURNS {
        model.say(&format!("This is the first. This is number {turn}."));
    }
    model.reply(Reply::Paced(vec![says("This is the first. Goodbye!"), promise()]));
    import(&campaign, &[("1", "+31612345606", "Call")]).await;
    let call = phone.ended(1).await.remove(0);
    assert!(call.errors.is_empty(), "{call:?}");
    let mut expected: Vec<String> = (0..TURNS)
        .flat_map(|turn| [format!("agent: This is the first. This is number {turn}."), "contact: and then".to_owned()])
        .collect();
    expected.push("agent: This is the first. Goodbye!".to_owned());
    assert_eq!(call.transcript, expected);
    let session = closed(&campaign).await;
    assert_eq!(said(&session).len(), 2 * TURNS + 1);
    assert_eq!(session["outcome"], "PROMISE");
}
