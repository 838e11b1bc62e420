//! The folders of `examples/`: what comes out is what their `expected.toml` says.

use serde_json::{Value, json};
use stratagem_tests::{Example, MONDAY, TestApp, Time};

async fn comes_out_as_expected(folder: &str) {
    let example = Example::read(folder);
    let start = example.written_for().unwrap_or_else(|| MONDAY.parse().unwrap());
    let app = TestApp::start_at(start, Time::Jumps).await;
    let (campaign, report) = example.load(&app.admin, app.catcher().await.port, start.date_naive()).await;
    let summary = campaign.settle().await;

    let expected = &example.expected;
    for (count, wanted) in expected["import"].as_object().unwrap() {
        assert_eq!(&report[count], wanted, "{folder}: {count} of the import");
    }
    assert_eq!(summary["stages"], expected["stages"], "{folder}");
    assert_eq!(summary["communications"], expected["communications"], "{folder}");
    let mails = app.catcher().await.mails();
    assert_eq!(json!(mails.len()), expected["mails"], "{folder}");

    let contacts = campaign.contacts().await;
    for wanted in expected["contacts"].as_array().unwrap() {
        let id = wanted["object_id"].as_str().unwrap();
        let contact = contacts.get(id).unwrap_or_else(|| panic!("{folder}: {id} is not there"));
        assert_eq!(contact["current_stage"], wanted["stage"], "{folder}: stage of {id}");
        assert_eq!(contact["results"].get("Outcome"), wanted.get("outcome"), "{folder}: outcome of {id}");
        let to = |address: &str| mails.iter().filter(|mail| mail.to == address).count();
        let got = contact["email"].as_str().map_or(0, to);
        assert_eq!(json!(got), wanted["mails"], "{folder}: mails to {id}");
    }
    let runs = campaign.api.list(&campaign.path("/runs")).await;
    let failed: Vec<&Value> = runs.iter().filter(|run| run["outcome"] != "ok").collect();
    assert!(failed.is_empty(), "{folder}: {failed:#?}");
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
