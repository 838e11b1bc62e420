//! Calls.

use serde_json::json;
use stratagem_providers::twilio;
use stratagem_tests::{Campaign, TestApp};

use super::{agent, campaign, import, integration, said, session};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_a_conversation_and_one_that_nobody_takes_has_an_outcome() {
    call_people("gather").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_over_a_websocket_is_the_same_conversation() {
    call_people("relay").await;
}

/// Twilio's stand-in, and a campaign at work in which an agent with one seat calls people through it.
async fn calling(app: &TestApp, voice: &str) -> (twilio::Twilio, Campaign) {
    let account = "AC0123456789abcdef0123456789abcdef";
    let phone = twilio::Twilio::start(account, "12345").await;
    let settings = json!({ "base_url": phone.url, "account_sid": account, "from": "+15005550006", "voice": voice,
        "calls_per_second": 100 });
    let id = integration(app, "twilio", settings, json!({ "auth_token": "12345" })).await;
    let agent = agent(app, "Ann", json!({ "twilio": id })).await;
    let stage =
        json!({ "name": "Call", "channel": "twilio", "agent_id": agent, "settings": { "start_state": "asking" } });
    let campaign = campaign(app, "calls", &[stage]).await;
    campaign.activate().await;
    (phone, campaign)
}

async fn call_people(voice: &str) {
    let app = TestApp::start().await;
    let (phone, campaign) = calling(&app, voice).await;
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
async fn a_call_that_cannot_be_made_now_leaves_its_seat() {
    /// As often as a send is tried.
    const TRIES: usize = 10;
    let app = TestApp::start().await;
    let (phone, campaign) = calling(&app, "gather").await;
    // Too many requests, each time.
    phone.trouble(vec![twilio::Trouble::Error(429, 20429); TRIES]);
    import(&campaign, &[("1", "+31612345606", "Call")]).await;
    campaign.settle().await;
    let given_up = campaign.contact("1").await;
    assert_eq!(given_up["results"]["Session"]["OutcomeStatus"], "FAILED", "{given_up}");
    let sessions = app.admin.list(&format!("/sessions?contact_id={}", given_up["id"].as_str().unwrap())).await;
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    assert_eq!(sessions[0]["status"], "closed");
    // Of two, with one seat, both get through while the other waits for its next try.
    phone.trouble(vec![twilio::Trouble::Error(429, 20429); TRIES / 2]);
    phone.callees([twilio::Callee::Busy, twilio::Callee::Busy]);
    import(&campaign, &[("2", "+31612345607", "Call"), ("3", "+31612345608", "Call")]).await;
    campaign.settle().await;
    assert_eq!(campaign.summary().await["outcomes"], json!({ "FAILED": 1, "BUSY": 2 }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_contact_did_not_hear_out_is_cut() {
    let app = TestApp::start().await;
    let (phone, campaign) = calling(&app, "relay").await;
    phone.callees([twilio::Callee::Answers(vec![
        twilio::Turn::BreaksIn(4, "yes I promise".to_owned()),
        twilio::Turn::BreaksIn(5, "on Friday".to_owned()),
    ])]);
    import(&campaign, &[("1", "+31612345606", "Call")]).await;
    campaign.settle().await;
    let calls = phone.ended(1).await;
    assert!(calls[0].errors.is_empty(), "{calls:?}");
    let session = session(&campaign, "1", "the end", |session| session["status"] == "closed").await;
    assert_eq!(
        said(&session),
        [
            "AI: Hello Contact 1, will…",
            "HUMAN: yes I promise",
            "AI: Thank you for your promise…",
            "HUMAN: on Friday",
            "AI: Noted, goodbye!",
        ]
    );
    // The agent goes on from what was heard, with what it knows.
    assert_eq!(session["results"]["Day"], "Friday");
}
