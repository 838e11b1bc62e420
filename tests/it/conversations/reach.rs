//! Who may be written to, and how: STOP words, unsubscribing, alternatives.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use stratagem_providers::meta::Act;
use stratagem_tests::{Campaign, TestApp};

use super::{PLAN_IT, agent, answers, campaign, import, said, session, whatsapp, whatsapp_stage};
use crate::strategies::KEEP_RESULTS;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_says_stop_is_told_so_once_and_never_written_to_again() {
    let app = TestApp::start().await;
    let (meta, id) = whatsapp(&app).await;
    let agent = agent(&app, "Ann", json!({ "whatsapp_meta": id })).await;
    let first = campaign(&app, "first", &[whatsapp_stage(&agent)]).await;
    first.activate().await;
    let tenant = app.admin.get("/me").await.ok()["tenant_id"].as_str().unwrap().to_owned();
    let words = json!({ "stop_words": ["Laat me met rust"] });
    app.platform().patch(&format!("/tenants/{tenant}"), words).await.ok();
    import(&first, &[("1", "+31612345603", "WhatsApp"), ("3", "+31612345613", "WhatsApp")]).await;
    session(&first, "3", "the template to be sent", answers(1)).await;
    meta.contact_writes("31612345613", "laat me met rust!").await;
    session(&first, "1", "the template to be sent", answers(1)).await;
    meta.contact_writes("31612345603", "STOP").await;
    meta.contact_writes("31612345603", "stop!").await;
    first.settle().await;
    let closed = |session: &Value| session["status"] == "closed";
    let own = session(&first, "3", "the end", closed).await;
    assert_eq!(own["outcome"], "OPTED_OUT");
    let session = session(&first, "1", "the end", closed).await;
    assert_eq!(session["results"]["OutcomeStatus"], "OPTED_OUT");
    let ours = said(&session).into_iter().filter(|line| line.starts_with("AI")).collect::<Vec<_>>();
    assert_eq!(ours, ["AI: [template payment_reminder]", "AI: You will receive no further messages from us."]);
    assert_eq!(meta.taken().len(), 4);

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
async fn who_is_not_on_whatsapp_is_reached_in_another_way_from_then_on() {
    let app = TestApp::start().await;
    let (meta, id) = whatsapp(&app).await;
    let agent = agent(&app, "Ann", json!({ "whatsapp_meta": id })).await;
    let start = async |name: &str| {
        let campaign = app.campaign(name).await;
        let chat = json!({ "label": "chat", "weight": 100, "channel": "whatsapp_meta", "agent_id": agent,
            "settings": { "template_name": "payment_reminder", "start_state": "asking" } });
        let stage = json!({ "name": "Reach", "channel": "email_notification", "integration_id": campaign.smtp,
            "settings": { "subject": "Hello", "body": "Hello" }, "alternatives": [chat] });
        campaign.try_stage(stage).await.with(201);
        campaign.decides("data_load", PLAN_IT).await;
        campaign.decides("aggregation", KEEP_RESULTS).await;
        campaign.activate().await;
        campaign
    };
    let last = async |campaign: &Campaign, contact: &str| campaign.communications(contact).await.pop().unwrap();
    // Meta says so in its answer, or later.
    let first = start("first").await;
    for (contact, act) in [("1", Act::Refuse { code: 131_026, status: 400 }), ("2", Act::FailLater { code: 131_026 })] {
        meta.next(act);
        import(&first, &[(contact, &format!("+3161234562{contact}"), "Reach")]).await;
        first.settle().await;
        let failed = last(&first, contact).await;
        assert_eq!((&failed["channel"], &failed["delivery"]), (&json!("whatsapp_meta"), &json!("failed")), "{failed}");
        assert!(failed["error"].as_str().unwrap().starts_with("131026: the contact is not on WhatsApp"), "{failed}");
    }
    let suppressed: Vec<(Value, Value)> = app
        .admin
        .list("/suppressions")
        .await
        .into_iter()
        .map(|row| (row["address"].clone(), row["channel"].clone()))
        .collect();
    let ways = ["whatsapp_meta", "whatsapp_bird"];
    let expected = ["31612345621", "31612345622"].map(|number| ways.map(|way| (json!(number), json!(way)))).concat();
    assert_eq!(suppressed, expected);

    // Imported again, there or in another campaign: by mail.
    let second = start("second").await;
    for campaign in [&first, &second] {
        import(campaign, &[("1", "0031 612345621", "Reach"), ("2", "+31612345622", "Reach")]).await;
        campaign.settle().await;
        for contact in ["1", "2"] {
            let mailed = last(campaign, contact).await;
            let seen = (&mailed["channel"], &mailed["status"]);
            assert_eq!(seen, (&json!("email_notification"), &json!("completed")), "{mailed}");
        }
    }
    // Lifted by hand, by WhatsApp again.
    app.admin.delete("/suppressions?address=%2B31612345622").await.problem(404);
    app.admin.delete("/suppressions?address=%2B31612345622&channel=whatsapp_meta").await.with(204);
    import(&second, &[("2", "+31612345622", "Reach")]).await;
    second.settle().await;
    let written = last(&second, "2").await;
    assert_eq!(
        (&written["channel"], &written["delivery"]),
        (&json!("whatsapp_meta"), &json!("delivered")),
        "{written}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_much_to_one_contact_waits_four_times_as_long_each_time() {
    let app = TestApp::start().await;
    let (meta, id) = whatsapp(&app).await;
    let agent = agent(&app, "Ann", json!({ "whatsapp_meta": id })).await;
    let campaign = campaign(&app, "pairs", &[whatsapp_stage(&agent)]).await;
    campaign.activate().await;
    for _ in 0..3 {
        meta.next(Act::Refuse { code: 131_056, status: 400 });
    }
    import(&campaign, &[("1", "+31612345631", "WhatsApp")]).await;
    session(&campaign, "1", "the template to be sent", answers(1)).await;
    let communication = campaign.communications("1").await.remove(0);
    let history = communication["status_history"].as_array().unwrap().iter();
    let tried: Vec<DateTime<Utc>> = history
        .filter(|entry| entry["delivery"] == "sending")
        .map(|entry| entry["at"].as_str().unwrap().parse().unwrap())
        .collect();
    let pauses: Vec<i64> = tried.windows(2).map(|pair| (pair[1] - pair[0]).num_seconds()).collect();
    assert_eq!(pauses.len(), 3, "{communication}");
    for (pause, least) in pauses.iter().zip([4, 16, 64]) {
        assert!((least..=2 * least + 1).contains(pause), "{pauses:?}");
    }
    assert_eq!(meta.taken().len(), 1);
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
