//! What people take over.

use serde_json::json;
use stratagem_tests::{TestApp, until};

use super::{agent, answers, campaign, import, said, session, whatsapp, whatsapp_stage};

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
