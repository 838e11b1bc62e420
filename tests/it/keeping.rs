//! What is kept for how long, and what an erased contact leaves behind.

use chrono::Duration;
use serde_json::{Value, json};
use stratagem_domain::{
    clock::{Clock, SystemClock},
    rate::Rate,
};
use stratagem_engine::Forgotten;
use stratagem_store::rates::pair_key;
use stratagem_tests::{MONDAY, TestApp, Time, of_contact};

use crate::strategies::one_mail;

const CONTACTS: &str = "object_id,external_id,name,email,phone\n\
    1,1,Ann,ann@example.com,call me\n2,2,Ben,ben@example.com,\n3,3,Cy,nobody,\n";

/// What was forgotten of what only a story's own steps make.
fn of_the_story(forgotten: Forgotten) -> Forgotten {
    Forgotten { answers: 0, buckets: 0, ..forgotten }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_old_is_forgotten_in_its_time_and_what_came_of_it_stays() {
    let app = TestApp::start_at(MONDAY.parse().unwrap(), Time::ByHand).await;
    let campaign = one_mail(&app, "Old").await;
    campaign.activate().await;
    let report = campaign.import(CONTACTS).await;
    let import = report["id"].as_str().unwrap();
    campaign.settle().await;
    let before = campaign.runs("1").await;
    assert_eq!(before.len(), 2);
    assert_eq!(of_the_story(app.engine.forget_old().await.unwrap()), Forgotten::default());

    app.advance(Duration::days(8));
    let forgotten = of_the_story(app.engine.forget_old().await.unwrap());
    // An import, and for each of two contacts two decisions and a delivery.
    assert_eq!(forgotten, Forgotten { steps: 7, ..Forgotten::default() });
    let run = format!("/runs/{}", before[1]["id"].as_str().unwrap());
    assert_eq!(app.admin.act(&format!("{run}/replay")).await.ok()["identical"], true);

    app.advance(Duration::days(23));
    // As two servers do that share a database.
    let (one, other) = tokio::join!(app.engine.forget_old(), app.engine.forget_old());
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!((one.runs + other.runs, one.steps + other.steps), (4, 0));
    let after = app.admin.get(&run).await.ok();
    assert_eq!((&after["logs"], &after["input_hash"]), (&json!([]), &Value::Null));
    for field in ["outcome", "fuel", "diff", "output_hash", "seed", "created_at"] {
        assert_eq!(after[field], before[1][field], "{field}");
    }
    let problem = app.admin.act(&format!("{run}/replay")).await.problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("is not kept any more"), "{problem}");
    assert_eq!(campaign.receipts(import, "warned").await.len(), 1);

    app.advance(Duration::days(60));
    let forgotten = of_the_story(app.engine.forget_old().await.unwrap());
    assert_eq!(forgotten, Forgotten { receipts: 2, ..Forgotten::default() });
    assert!(campaign.receipts(import, "warned").await.is_empty());
    let report = app.admin.get(&format!("/imports/{import}")).await.ok();
    assert_eq!((&report["rejected"], &report["warned"]), (&json!(1), &json!(1)));

    // Everything goes on as before.
    campaign.import_contacts(&[("4", "dee@example.com", "")]).await;
    campaign.settle().await;
    assert_eq!(app.mails_to("dee@example.com").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_contact_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let integration = app.smtp().await;
    let slow = json!({ "sends": 1, "per_s": 86_400 });
    app.admin.patch(&format!("/integrations/{integration}"), json!({ "pair_rate": slow.clone() })).await.ok();
    let campaign = one_mail(&app, "Erased").await;
    campaign.activate().await;
    let import = campaign.import(CONTACTS).await["id"].as_str().unwrap().to_owned();
    campaign.settle().await;
    let contact = campaign.contact("1").await;
    let rate: Rate = serde_json::from_value(slow).unwrap();
    let key = pair_key(integration.parse().unwrap(), contact["id"].as_str().unwrap().parse().unwrap());
    let token = async || app.engine.store().take_token(&key, rate, SystemClock.now_ms()).await.unwrap();
    assert!(token().await.is_some(), "it had its mail of today");
    let run = campaign.runs("1").await[0]["id"].as_str().unwrap().to_owned();

    app.admin.delete(&of_contact(&contact, "")).await.with(204);
    app.admin.delete(&of_contact(&contact, "")).await.problem(404);
    for path in [of_contact(&contact, ""), of_contact(&contact, "/communications"), format!("/runs/{run}")] {
        app.admin.get(&path).await.problem(404);
    }
    assert!(campaign.receipts(&import, "warned").await.is_empty(), "its phone number was in there");
    assert_eq!(campaign.receipts(&import, "rejected").await.len(), 1);
    assert_eq!(token().await, None);
    assert_eq!(campaign.summary().await["communications"], json!({ "completed": 1 }), "the other one's");
}
