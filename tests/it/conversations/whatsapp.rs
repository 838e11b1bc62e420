//! An agent on WhatsApp.

use serde_json::json;
use stratagem_providers::meta;
use stratagem_tests::{TestApp, until};

use super::{agent, answers, campaign, import, said, session, whatsapp, whatsapp_stage};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_that_comes_before_the_answer_to_its_own_message_counts() {
    let app = TestApp::start().await;
    let (meta, id) = whatsapp(&app).await;
    let agent = agent(&app, "Ann", json!({ "whatsapp_meta": id })).await;
    let campaign = campaign(&app, "early", &[whatsapp_stage(&agent)]).await;
    campaign.activate().await;
    let numbers: Vec<(String, String)> = (20..32).map(|n| (n.to_string(), format!("+316123456{n}"))).collect();
    let contacts: Vec<_> = numbers.iter().map(|(id, number)| (id.as_str(), number.as_str(), "WhatsApp")).collect();
    import(&campaign, &contacts).await;
    for (contact, _) in &numbers {
        session(&campaign, contact, "the template to be sent", answers(1)).await;
    }
    let answered = |session: &serde_json::Value| {
        let last = session["messages"].as_array().unwrap().last().unwrap();
        last["role"] == "AI" && last["delivery"] == "delivered"
    };
    meta.next(meta::Act::TellFirst);
    let (first, others) = numbers.split_first().unwrap();
    meta.contact_writes(&first.1, "I can pay on some day").await;
    session(&campaign, &first.0, "the answer to be delivered", answered).await;
    // By Meta's id alone, which is not known before the answer: as fast as they come.
    meta.forget_references(true);
    futures::future::join_all(others.iter().map(|(_, number)| meta.contact_writes(number, "I promise"))).await;
    for (contact, _) in others {
        session(&campaign, contact, "the answer to be delivered", answered).await;
    }
}
