//! Rate limits: of a tenant, a campaign, a channel, a sender, and of what one contact gets.

use std::time::Instant;

use serde_json::{Value, json};
use stratagem_tests::{TestApp, until};

use crate::strategies::{LEAVE_IT, one_mail};

/// Three mails at once.
const PLAN_THREE: &str = r#"
async def run(contact, existing_contact, logger, **kwargs):
    for n in range(3):
        contact.communications.append(Communication(f"Mail {n}", stage_name="Mail", start_date=datetime.now()))
    return contact
"#;

/// One now; the next one in an hour.
fn one_an_hour() -> Value {
    json!({ "sends": 1, "per_s": 3600 })
}

/// What every contact's mail waits for; none where it has left.
async fn waiting(campaign: &stratagem_tests::Campaign, contacts: &[&str]) -> Vec<Option<String>> {
    let mut all = Vec::new();
    for contact in contacts {
        for communication in campaign.communications(contact).await {
            let left = communication["delivery"] != "none";
            all.push((!left).then(|| communication["waiting_for"].as_str().unwrap_or_default().to_owned()));
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_limit_lets_one_through_and_says_what_the_other_waits_for() {
    let app = TestApp::start().await;
    let tenant = app.admin.get("/me").await.ok()["tenant_id"].as_str().unwrap().to_owned();
    let tenant = format!("/tenants/{tenant}");
    let platform = app.platform();
    for (of, said) in [("tenant", "tenant"), ("channel", "channel"), ("campaign", "campaign"), ("sender", "sender")] {
        let campaign = one_mail(&app, of).await;
        match of {
            "tenant" => platform.patch(&tenant, json!({ "send_rate": one_an_hour() })).await,
            "channel" => {
                platform.patch(&tenant, json!({ "channel_rates": { "email_notification": one_an_hour() } })).await
            }
            "campaign" => app.admin.patch(&campaign.path(""), json!({ "send_rate": one_an_hour() })).await,
            _ => {
                let path = format!("/integrations/{}", campaign.smtp);
                app.admin.patch(&path, json!({ "send_rate": one_an_hour() })).await
            }
        }
        .ok();
        campaign.activate().await;
        campaign.import_contacts(&[("1", "one@example.com", ""), ("2", "two@example.com", "")]).await;
        let reasons = until("one mail to leave and one to wait", async || {
            let reasons = waiting(&campaign, &["1", "2"]).await;
            let held = |reason: &Option<String>| reason.as_ref().is_some_and(|reason| !reason.is_empty());
            (reasons.len() == 2 && reasons.iter().any(Option::is_none) && reasons.iter().any(held)).then_some(reasons)
        })
        .await;
        let reason = reasons.into_iter().flatten().next().unwrap();
        assert_eq!(reason, format!("the rate limit of the {said}: 1 in 3600 s"));
        // Without it the other one leaves.
        let none = Value::Null;
        match of {
            "tenant" => platform.patch(&tenant, json!({ "send_rate": none })).await,
            "channel" => platform.patch(&tenant, json!({ "channel_rates": {} })).await,
            "campaign" => app.admin.patch(&campaign.path(""), json!({ "send_rate": none })).await,
            _ => app.admin.patch(&format!("/integrations/{}", campaign.smtp), json!({ "send_rate": none })).await,
        }
        .ok();
        campaign.settle().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_gets_one_after_the_other_and_other_contacts_do_not_wait_for_it() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Pair").await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    campaign.decides("data_load", PLAN_THREE).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    let path = format!("/integrations/{}", campaign.smtp);
    app.admin.patch(&path, json!({ "pair_rate": { "sends": 1, "per_s": 1 } })).await.ok();
    campaign.activate().await;
    let began = Instant::now();
    campaign.import_contacts(&[("1", "one@example.com", ""), ("2", "two@example.com", "")]).await;
    campaign.settle().await;
    // Waits are the test's own subject here: two seconds for three mails, at the least.
    assert!(began.elapsed().as_millis() >= 2_000, "{:?}", began.elapsed());
    for contact in ["1", "2"] {
        let communications = campaign.communications(contact).await;
        assert!(communications.iter().all(|c| c["status"] == "completed"), "{communications:#?}");
    }
    assert_eq!(app.catcher().await.mails().len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_rate_is_refused_by_name() {
    let app = TestApp::start().await;
    let campaign = one_mail(&app, "Rates").await;
    for (rate, field) in [
        (json!({ "sends": 0, "per_s": 1 }), "send_rate"),
        (json!({ "sends": 1, "per_s": 0 }), "send_rate"),
        (json!({ "sends": 1, "per_s": 1, "burst": 0 }), "send_rate"),
    ] {
        let problem = app.admin.patch(&campaign.path(""), json!({ "send_rate": rate })).await.with(422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    app.admin.patch(&campaign.path(""), json!({ "send_rate": { "sends": 1 } })).await.with(422);
    let made = json!({ "name": "Other", "channel_rates": { "none": one_an_hour() } });
    let problem = app.platform().post("/tenants", made).await.with(422);
    assert_eq!(problem["errors"][0]["field"], "channel_rates.none", "{problem}");
    let shown = json!({ "sends": 10, "per_s": 60, "burst": 2 });
    app.admin.patch(&campaign.path(""), json!({ "send_rate": shown })).await.ok();
    assert_eq!(app.admin.get(&campaign.path("")).await.ok()["send_rate"], shown);
}
