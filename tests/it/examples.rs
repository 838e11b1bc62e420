//! The folders of `examples/`: with contacts who answer as their `answers.toml` says, what comes out is what their `expected.toml` says.

use serde_json::{Value, json};
use stratagem_providers::contacts::Contacts;
use stratagem_tests::{Example, MONDAY, TestApp, Time};

async fn comes_out_as_expected(folder: &str) {
    let example = Example::read(folder);
    let start = example.written_for().unwrap_or_else(|| MONDAY.parse().unwrap());
    let app = TestApp::start_at(start, Time::Jumps).await;
    let catcher = app.catcher().await;
    let providers = Contacts::start(&example.answers()).await.unwrap();
    let mut accounts = providers.accounts();
    accounts["smtp"] = json!({ "settings": { "host": "127.0.0.1", "port": catcher.port, "tls": "none" } });
    let (campaign, integrations) = example.make(&app.admin, &accounts).await;
    for (kind, id) in &integrations {
        providers.set_hook(kind, &app.url(&format!("/hooks/{id}")));
    }
    let report = campaign.import(&example.contacts(start.date_naive())).await;
    let summary = campaign.settle().await;

    let expected = &example.expected;
    for (count, wanted) in expected["import"].as_object().unwrap() {
        assert_eq!(&report[count], wanted, "{folder}: {count} of the import");
    }
    for (what, wanted) in expected["summary"].as_object().unwrap() {
        assert_eq!(&summary[what], wanted, "{folder}: {what}");
    }
    let mails = catcher.mails();
    assert_eq!(json!(mails.len()), expected["mails"], "{folder}");
    let contacts = campaign.contacts().await;
    for wanted in expected["contacts"].as_array().unwrap() {
        let id = wanted["object_id"].as_str().unwrap();
        let contact = contacts.get(id).unwrap_or_else(|| panic!("{folder}: {id} is not there"));
        let to = |address: &str| json!(mails.iter().filter(|mail| mail.to == address).count());
        for (field, wanted) in wanted.as_object().unwrap() {
            let got = match field.as_str() {
                "mails" => contact["email"].as_str().map_or(json!(0), to),
                _ => contact[field].clone(),
            };
            assert_eq!(&got, wanted, "{folder}: {field} of {id}");
        }
    }
    let calls = providers.twilio.calls();
    assert!(calls.iter().all(|call| call.errors.is_empty()), "{folder}: {calls:#?}");
    let runs = campaign.api.list(&campaign.path("/runs")).await;
    let failed: Vec<&Value> = runs.iter().filter(|run| run["outcome"] != "ok").collect();
    assert!(failed.is_empty(), "{folder}: {failed:#?}");
    // Each session is decided about once, in the moment in which it ended.
    let sessions = app.admin.list(&format!("/sessions?campaign_id={}", campaign.id)).await;
    let decisions = runs.iter().filter(|run| run["hook"] == "aggregation");
    assert_eq!(moments(decisions, "now"), moments(sessions.iter(), "closed_at"), "{folder}");
}

/// When each was, and for which contact, in order.
fn moments<'a>(rows: impl Iterator<Item = &'a Value>, field: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut moments: Vec<_> = rows.map(|row| (text(&row[field]), text(&row["contact_id"]))).collect();
    moments.sort();
    moments
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pre_collection() {
    comes_out_as_expected("pre-collection").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sales_outreach() {
    comes_out_as_expected("sales-outreach").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn customer_feedback() {
    comes_out_as_expected("customer-feedback").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn debt_collection() {
    comes_out_as_expected("debt-collection").await;
}
