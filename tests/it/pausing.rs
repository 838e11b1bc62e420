//! A paused campaign decides and sends nothing, and loses nothing.

use serde_json::json;
use stratagem_tests::TestApp;

use crate::strategies::one_mail;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_campaign_waits_while_another_runs_and_goes_on_when_it_is_resumed() {
    let app = TestApp::start().await;
    let held = one_mail(&app, "Held").await;
    held.activate().await;
    held.pause().await;
    let report = held.import_contacts(&[("1", "held-1@example.com", ""), ("2", "held-2@example.com", "")]).await;
    assert_eq!(report["created"], 2, "files are read all the same");

    // Another campaign runs from its file to its end meanwhile: there was time enough for the first one.
    let other = one_mail(&app, "Other").await;
    other.activate().await;
    other.import_contacts(&[("1", "other@example.com", "")]).await;
    other.settle().await;
    assert_eq!(app.mails_to("other@example.com").await.len(), 1);

    let summary = held.summary().await;
    assert_eq!((&summary["steps"], &summary["communications"]), (&json!({ "waiting": 2, "dead": 0 }), &json!({})));
    assert_eq!(app.catcher().await.mails().len(), 1);

    held.resume().await;
    held.settle().await;
    assert_eq!(app.mails_to("held-1@example.com").await.len(), 1);
    assert_eq!(app.mails_to("held-2@example.com").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_planned_before_the_pause_leaves_after_it() {
    let app = TestApp::start_at(stratagem_tests::MONDAY.parse().unwrap(), stratagem_tests::Time::ByHand).await;
    let campaign = app.campaign("Planned").await;
    campaign.mails("First Contact", "Hello {{ contact.name }}", "Hello.").await;
    campaign.mails_at_most("Second Attempt", "Hello again", "Hello.", 1).await;
    campaign.decides("data_load", crate::samples::DATA_LOAD).await;
    campaign.decides("aggregation", crate::strategies::LEAVE_IT).await;
    campaign.activate().await;
    campaign.import_contacts(&[("1", "one@example.com", "")]).await;
    stratagem_tests::until("the mail to be planned", async || {
        (campaign.summary().await["communications"] == json!({ "planned": 1 })).then_some(())
    })
    .await;
    campaign.pause().await;
    app.advance(chrono::Duration::hours(2));
    let other = one_mail(&app, "Other").await;
    other.activate().await;
    other.import_contacts(&[("1", "other@example.com", "")]).await;
    other.settle().await;
    assert!(app.mails_to("one@example.com").await.is_empty(), "it is due, and its campaign is paused");
    campaign.resume().await;
    campaign.settle().await;
    assert_eq!(app.mails_to("one@example.com").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_takes_contacts_and_begins_when_it_is_activated() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Draft").await;
    campaign.import_contacts(&[("1", "one@example.com", "")]).await;
    let faults = app.admin.act(&campaign.path("/activate")).await.faults();
    let fields: Vec<&str> = faults.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["stages", "strategies", "strategies"], "activation tells all that is missing: {faults:?}");
    campaign.mails("Mail", "Hello", "Hello.").await;
    campaign.decides("data_load", crate::strategies::PLAN_ONE_MAIL).await;
    campaign.decides("aggregation", crate::strategies::LEAVE_IT).await;
    campaign.activate().await;
    campaign.settle().await;
    assert_eq!(app.mails_to("one@example.com").await.len(), 1);
}
