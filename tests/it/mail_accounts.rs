//! Mail accounts without a password: what a provider exchanges is kept, whoever asked and whatever else changes.

use serde_json::{Value, json};
use stratagem_providers::oauth::{Act, TokenEndpoint};
use stratagem_tests::{Api, Binary, Campaign, Catcher, until};

use crate::strategies::{LEAVE_IT, PLAN_ONE_MAIL};

const GOOD: Act = Act::Give { token: "good", lasts_s: 3600 };

async fn works(api: &Api, account: &str) {
    let tried = api.act(&format!("{account}/test")).await.ok();
    assert_eq!((&tried["ok"], &tried["error"]), (&json!(true), &Value::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_whose_refresh_token_is_exchanged_each_time_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = TokenEndpoint::start("acme-client", "client-s3cret", "agreed").await;
    endpoint.exchange();
    let catcher = Catcher::start_for(folder.path(), "ada@acme.example:good").await;
    let server = Binary::serve(&folder.path().join("data")).await;
    let body = json!({
        "name": "Mail server", "kind": "smtp",
        "settings": {
            "host": "127.0.0.1", "port": catcher.port, "tls": "none", "from": "ada@acme.example", "auth": "xoauth2",
            "token_url": endpoint.url(), "client_id": endpoint.client_id(),
        },
        "secrets": { "username": "ada@acme.example", "refresh_token": "agreed", "client_secret": "client-s3cret" },
    });
    let made = server.admin.post("/integrations", body).await.with(201);
    let id = made["id"].as_str().unwrap().to_owned();
    let account = format!("/integrations/{id}");

    endpoint.next(GOOD);
    works(&server.admin, &account).await;
    // A change that has nothing to do with it leaves what is kept as it is, and asks anew.
    endpoint.next(GOOD);
    server.admin.patch(&account, json!({ "name": "Our mail server" })).await.ok();
    let campaign = Campaign::make(&server.admin, "Accounts", "UTC", &id).await;
    campaign.mails("Mail", "Hello {{ contact.name }}", "Hello.").await;
    campaign.decides("data_load", PLAN_ONE_MAIL).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    campaign.activate().await;
    campaign.import_contacts(&[("1", "ann@example.com", "")]).await;
    let summary = campaign.settle().await;
    assert_eq!((&summary["communications"], catcher.mails().len()), (&json!({ "completed": 1 }), 1));
    assert_eq!(endpoint.refresh_token(), "exchanged-2");

    // What was in memory alone would be lost now.
    server.kill().await;
    let server = Binary::serve(&folder.path().join("data")).await;
    endpoint.next(GOOD);
    works(&server.admin, &account).await;
    assert_eq!(endpoint.refresh_token(), "exchanged-3");

    // Somebody agrees anew just while the one of before is exchanged: what they set stays.
    server.admin.patch(&account, json!({ "name": "Mail server" })).await.ok();
    endpoint.next(GOOD);
    let (gate, before) = (endpoint.hold().await, endpoint.asked().len());
    let trying = {
        let (api, account) = (server.admin.clone(), account.clone());
        tokio::spawn(async move { works(&api, &account).await })
    };
    until("the request for a token", async || (endpoint.asked().len() > before).then_some(())).await;
    let change = json!({ "secrets": { "refresh_token": "agreed anew" } });
    let changed = server.admin.patch(&account, change).await.ok();
    assert!(!changed.to_string().contains("agreed"), "secrets are never read back: {changed}");
    drop(gate);
    trying.await.unwrap();
    endpoint.agree("agreed anew");
    endpoint.next(GOOD);
    works(&server.admin, &account).await;
    assert_eq!(endpoint.asked().last().unwrap()["refresh_token"], "agreed anew");
}
