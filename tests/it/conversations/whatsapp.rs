//! An agent on WhatsApp.

use chrono::Duration;
use serde_json::json;
use stratagem_providers::meta;
use stratagem_tests::{MONDAY, TestApp, Time, until};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_who_answers_before_its_message_is_confirmed_is_heard() {
    let app = TestApp::start().await;
    let (meta, id) = whatsapp(&app).await;
    let agent = agent(&app, "Ann", json!({ "whatsapp_meta": id })).await;
    let campaign = campaign(&app, "at once", &[whatsapp_stage(&agent)]).await;
    campaign.activate().await;
    meta.contact_answers("+31612345633", ["I can pay on some day".to_owned()]);
    meta.next(meta::Act::HearFirst);
    import(&campaign, &[("33", "+31612345633", "WhatsApp")]).await;
    let session = session(&campaign, "33", "the agent's answer", answers(2)).await;
    assert_eq!(said(&session)[1], "HUMAN: I can pay on some day");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_confirmed_is_sent_again_unless_a_receipt_or_the_contact_tells_that_it_arrived() {
    let app = TestApp::start_at(MONDAY.parse().unwrap(), Time::ByHand).await;
    let (meta, id) = whatsapp(&app).await;
    let agent = agent(&app, "Ann", json!({ "whatsapp_meta": id })).await;
    let mut stage = whatsapp_stage(&agent);
    stage["settings"]["resend_unconfirmed"] = json!("yes");
    let fault = json!("must be true or false");
    let campaign = campaign(&app, "unconfirmed", &[]).await;
    let faults = campaign.try_stage(stage.clone()).await.faults();
    assert_eq!(faults, [("settings.resend_unconfirmed".to_owned(), fault.as_str().unwrap().to_owned())]);
    stage["settings"]["resend_unconfirmed"] = json!(true);
    campaign.try_stage(stage).await.with(201);
    campaign.activate().await;

    let unconfirmed = async |contact: &str| {
        until("the answer to be missed", async || {
            let communication = campaign.communications(contact).await.into_iter().next()?;
            let reason = communication["waiting_for"].as_str()?;
            reason.contains("the contact may get it twice").then_some(())
        })
        .await;
    };
    // Nobody tells what became of the first, the contact answers the second, and a receipt comes for the third.
    meta.tell_statuses(false);
    for (contact, number) in [("1", "+31612345641"), ("2", "+31612345642")] {
        meta.next(meta::Act::Drop);
        import(&campaign, &[(contact, number, "WhatsApp")]).await;
        unconfirmed(contact).await;
    }
    meta.tell_statuses(true);
    meta.next(meta::Act::Drop);
    import(&campaign, &[("3", "+31612345643", "WhatsApp")]).await;
    until("the receipt", async || (campaign.communications("3").await.first()?["status"] == "delivered").then_some(()))
        .await;
    // The answer to the contact is missed as well.
    meta.next(meta::Act::Drop);
    meta.tell_statuses(false);
    meta.contact_writes("31612345642", "I promise").await;
    session(&campaign, "2", "the agent's answer to be missed", |session| {
        session["messages"].as_array().unwrap().iter().any(|m| m["role"] == "AI" && m["delivery"] == "unknown")
    })
    .await;

    app.advance(Duration::minutes(10));
    let to = |number: &str| meta.taken().iter().filter(|taken| taken.to == number).count();
    until("what is sent again", async || (meta.taken().len() == 6).then_some(())).await;
    assert_eq!((to("31612345641"), to("31612345643")), (2, 1));
    let answered = session(&campaign, "2", "the answer to be sent", |session| {
        session["messages"].as_array().unwrap().last().unwrap()["delivery"] == "sent"
    })
    .await;
    // Said once, sent twice.
    assert_eq!(said(&answered).len(), 3);
    assert_eq!(campaign.communications("2").await[0]["status"], "replied");
    app.advance(Duration::days(4));
    campaign.settle().await;
    assert_eq!(meta.taken().len(), 6);
    assert_eq!(campaign.contact("1").await["results"]["Session"]["OutcomeStatus"], "NO_RESPONSE");
}
