//! One tenant's things are not there for another: every call that has an id.

use std::collections::BTreeMap;

use serde_json::Value;
use stratagem_tests::{Api, Campaign, TestApp, of_contact};

use crate::calls::{self, Call};
use crate::strategies::{LEAVE_IT, one_mail};

/// Everything that a tenant can have, by the noun of the path.
struct Things {
    ids: BTreeMap<&'static str, String>,
    /// The contact's name: a word that must not leak.
    secret: &'static str,
}

const SECRET: &str = "Zebulon Quartermaine";

async fn things(app: &TestApp) -> (Things, Campaign) {
    let campaign = one_mail(app, SECRET).await;
    campaign.activate().await;
    let import = campaign
        .upload("text/csv", format!("object_id,external_id,name,email,phone\n1,1,{SECRET},z@example.com,call me\n"))
        .await;
    campaign.import_ended(&import).await;
    campaign.settle().await;
    let secret = serde_json::json!({ "value": SECRET, "hosts": ["crm.example"] });
    app.admin.put("/secrets/CRM", secret).await.ok();
    let first = async |path: &str| app.admin.list(&campaign.path(path)).await[0]["id"].as_str().unwrap().to_owned();
    let token = app.admin.list("/tokens").await[0]["id"].as_str().unwrap().to_owned();
    let session = app.admin.list("/sessions").await[0]["id"].as_str().unwrap().to_owned();
    let agent = serde_json::json!({ "name": SECRET, "kind": "scripted", "rules": "greeting = 'x'\nfallback = 'x'" });
    let agent = app.admin.post("/agents", agent).await.with(201)["id"].as_str().unwrap().to_owned();
    app.admin
        .post("/suppressions", serde_json::json!({ "address": "z@example.com", "reason": SECRET }))
        .await
        .with(201);
    let ids = BTreeMap::from([
        ("agents", agent),
        ("inbox", session.clone()),
        ("sessions", session),
        ("campaigns", campaign.id.clone()),
        ("contacts", first("/contacts").await),
        ("imports", import),
        ("integrations", campaign.smtp.clone()),
        ("runs", first("/runs").await),
        ("stages", first("/stages").await),
        ("secrets", "CRM".to_owned()),
        ("steps", dead_step(app).await),
        ("strategies", first("/strategies").await),
        ("tokens", token),
    ]);
    (Things { ids, secret: SECRET }, campaign)
}

/// A step that was given up on, because its strategy raised; its id.
async fn dead_step(app: &TestApp) -> String {
    let broken = app.campaign("Broken").await;
    broken.mails("Mail", "Hello", "Hello.").await;
    broken.decides("data_load", "def run(contact, *args, **kwargs):\n    raise ValueError(contact.name)\n").await;
    broken.decides("aggregation", LEAVE_IT).await;
    broken.activate().await;
    broken.import(&format!("object_id,external_id,name,email,phone\n1,1,{SECRET},,\n")).await;
    // At rest: what is read later must not change by itself.
    broken.settle_with_dead(1).await;
    app.admin.list("/steps").await[0]["id"].to_string()
}

impl Things {
    fn id_for(&self, call: &Call) -> Option<&str> {
        let noun = call.path.split('/').nth(1).unwrap();
        // Tenants are the platform's, not a tenant's: their calls are for platform admins alone (see `roles`).
        // A secret is set under a name of the caller's choice, whoever else has one of that name.
        if noun == "tenants" || call.name() == "PUT /secrets/{name}" {
            return None;
        }
        Some(
            self.ids
                .get(noun)
                .unwrap_or_else(|| panic!("`{}` has a new noun: make such a thing in `things`", call.name())),
        )
    }
}

/// Everything that the owner can read.
async fn everything(owner: &Api, campaign: &Campaign) -> Vec<Value> {
    let mut all = Vec::new();
    for path in ["/tokens", "/integrations", "/agents", "/sessions", "/suppressions", "/campaigns", "/steps"] {
        all.extend(owner.list(path).await);
    }
    for path in ["/stages", "/strategies", "/contacts", "/imports", "/runs"] {
        all.extend(owner.list(&campaign.path(path)).await);
    }
    let contact = campaign.contact("1").await;
    all.extend(owner.list(&of_contact(&contact, "/communications")).await);
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_foreign_id_is_404_and_nothing_leaks_or_changes() {
    let app = TestApp::start().await;
    let (things, campaign) = things(&app).await;
    let stranger = app.other_tenant("Stranger").await;
    let before = everything(&app.admin, &campaign).await;
    let mut tried = 0;
    for call in calls::all(&app.admin).await.into_iter().filter(Call::has_id) {
        let Some(id) = things.id_for(&call) else { continue };
        let foreign = call.make(&stranger, id).await;
        assert_eq!(foreign.status, 404, "{}: {}", call.name(), foreign.text);
        assert!(!foreign.text.contains(things.secret), "{}: {}", call.name(), foreign.text);
        // The same as for an id that nobody has, so that nobody learns which ids there are.
        let nobodys = call.make(&stranger, "0192f0c1-2345-7abc-8def-0123456789ab").await;
        assert_eq!((nobodys.status, &nobodys.text), (404, &foreign.text), "{}", call.name());
        tried += 1;
    }
    assert!(tried >= 35, "only {tried} calls were tried");
    assert_eq!(everything(&app.admin, &campaign).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_hold_the_callers_own_and_references_reach_no_further() {
    let app = TestApp::start().await;
    let (things, campaign) = things(&app).await;
    let stranger = app.other_tenant("Stranger").await;
    assert!(stranger.list("/campaigns").await.is_empty());
    assert!(stranger.list("/integrations").await.is_empty());
    for path in ["/steps", "/agents", "/sessions", "/inbox", "/suppressions"] {
        assert!(stranger.list(path).await.is_empty(), "{path}");
    }
    assert_eq!(stranger.list("/tokens").await.len(), 1);

    // A foreign integration, contact or stage in a body or a query is not there either.
    let own = Campaign::make(&stranger, "Own", "UTC", &campaign.smtp).await;
    let stage = serde_json::json!({
        "name": "Mail", "channel": "email_notification", "integration_id": campaign.smtp,
        "settings": { "subject": "Hello", "body": "Hello." },
    });
    assert_eq!(own.try_stage(stage).await.faults()[0].0, "integration_id");
    let runs = stranger.list(&own.path(&format!("/runs?contact_id={}", things.ids["contacts"]))).await;
    assert!(runs.is_empty());
    let order = serde_json::json!({ "stage_ids": [things.ids["stages"]] });
    assert!((400..500).contains(&stranger.put(&own.path("/stages/order"), order).await.status));
    let step: i64 = things.ids["steps"].parse().unwrap();
    for which in [serde_json::json!({ "ids": [step] }), serde_json::json!({ "all": true })] {
        assert_eq!(stranger.post("/steps/drop", which).await.with(200)["steps"], 0);
    }
    assert_eq!(app.admin.list("/steps").await.len(), 1);
    // The same pair of ids is another contact for each.
    own.import_contacts(&[("1", "own@example.com", "")]).await;
    assert_eq!(campaign.contact("1").await["name"], SECRET);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_owner_can_read_what_others_cannot() {
    let app = TestApp::start().await;
    let (things, _campaign) = things(&app).await;
    for call in
        calls::all(&app.admin).await.into_iter().filter(|call| call.has_id() && call.method == reqwest::Method::GET)
    {
        let Some(id) = things.id_for(&call) else { continue };
        let answer = call.make(&app.admin, id).await;
        match call.path.ends_with("/component") {
            true => assert_eq!((answer.status, answer.content_type.as_str()), (200, "application/wasm")),
            false => drop(answer.ok()),
        }
    }
}
