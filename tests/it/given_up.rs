//! Steps that were given up on: an admin sees them, does them again or drops them.

use serde_json::{Value, json};
use stratagem_tests::{Campaign, TestApp};

use crate::cli::stratagem;
use crate::strategies::{LEAVE_IT, PLAN_ONE_MAIL};

const RAISES: &str = r#"
async def run(contact, existing_contact, logger, **kwargs):
    if contact.params["do"] == "raise":
        raise ValueError("no plan")
    contact.communications.append(Communication("Hello", stage_name="Mail", start_date=datetime.now()))
    return contact
"#;

/// A campaign with three contacts, for two of which its strategy raises; and that strategy.
async fn half_broken(app: &TestApp) -> (Campaign, String) {
    let campaign = app.campaign("Half broken").await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    let strategy = campaign.decides("data_load", RAISES).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    campaign.activate().await;
    let contacts =
        [("1", "one@example.com", ""), ("2", "two@example.com", "raise"), ("3", "three@example.com", "raise")];
    campaign.import_contacts(&contacts).await;
    campaign.settle_with_dead(2).await;
    (campaign, strategy)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_strategy_failed_at_is_done_again_once_it_is_mended_or_dropped() {
    let app = TestApp::start().await;
    let (campaign, strategy) = half_broken(&app).await;
    let dead = app.admin.list_by("/steps?state=dead", 1).await;
    assert_eq!(dead.len(), 2);
    let contact = campaign.contact("2").await;
    assert_eq!((&dead[0]["kind"], &dead[0]["contact_id"]), (&json!("load_data"), &contact["id"]));
    assert!(dead[0]["last_error"].as_str().unwrap().contains("ValueError: no plan"), "{}", dead[0]);
    assert!(dead[0]["given_up_at"].is_string(), "{}", dead[0]);
    assert!(app.admin.list("/steps?kind=deliver").await.is_empty());
    assert_eq!(app.admin.list(&format!("/steps?campaign_id={}", campaign.id)).await, dead);
    assert_eq!(app.admin.get("/steps?state=done&kind=x").await.faults().len(), 2);

    let mended = json!({ "source": PLAN_ONE_MAIL });
    app.admin.put(&format!("/strategies/{strategy}"), mended).await.ok();
    app.admin.act(&format!("/steps/{}/retry", dead[0]["id"])).await.with(204);
    campaign.settle_with_dead(1).await;
    assert_eq!(app.mails_to("two@example.com").await.len(), 1);
    app.admin.act(&format!("/steps/{}/retry", dead[0]["id"])).await.problem(409);

    app.admin.act(&format!("/steps/{}/drop", dead[1]["id"])).await.with(204);
    app.admin.act(&format!("/steps/{}/drop", dead[1]["id"])).await.problem(409);
    campaign.settle().await;
    assert!(app.mails_to("three@example.com").await.is_empty());
    assert!(app.admin.list("/steps").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_are_done_again_or_dropped_in_one_call() {
    const CONTACTS: u64 = 230;
    let app = TestApp::start().await;
    let (other, _) = half_broken(&app).await;
    let campaign = app.campaign("Broken").await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    let strategy = campaign.decides("data_load", RAISES).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    campaign.activate().await;
    let mut file = "object_id,external_id,name,email,phone,do\n".to_owned();
    file.extend((1..=CONTACTS).map(|n| format!("{n},{n},Contact {n},c{n}@example.com,,raise\n")));
    campaign.import(&file).await;
    campaign.settle_with_dead(CONTACTS).await;
    let call = async |verb: &str, which: Value| app.admin.post(&format!("/steps/{verb}"), which).await;
    let counted = |steps: u64, others: Value| json!({ "steps": steps, "more": false, "others": others });

    // Nothing is broken less than before: each is tried once more, and given up on again.
    let of_campaign = json!({ "all": true, "campaign_id": campaign.id });
    assert_eq!(call("retry", of_campaign.clone()).await.with(200), counted(CONTACTS, json!([])));
    campaign.settle_with_dead(CONTACTS).await;
    let of_kind = json!({ "all": true, "campaign_id": campaign.id, "kind": "deliver" });
    assert_eq!(call("drop", of_kind).await.with(200), counted(0, json!([])));
    let first = app.admin.list(&format!("/steps?campaign_id={}", campaign.id)).await[0]["id"].clone();
    assert_eq!(call("drop", json!({ "ids": [first, 99_999] })).await.with(200), counted(1, json!([99_999])));
    app.admin.put(&format!("/strategies/{strategy}"), json!({ "source": PLAN_ONE_MAIL })).await.ok();
    assert_eq!(call("retry", of_campaign).await.with(200), counted(CONTACTS - 1, json!([])));
    let summary = campaign.settle().await;
    assert_eq!(summary["communications"], json!({ "completed": CONTACTS - 1 }));
    assert_eq!(app.admin.list("/steps").await.len(), 2, "nothing was done about the other campaign");
    assert_eq!(call("drop", json!({ "all": true, "kind": "load_data" })).await.with(200), counted(2, json!([])));
    other.settle().await;

    let faults = async |which: Value| {
        let faults = call("retry", which).await.faults();
        faults.into_iter().map(|(field, _)| field).collect::<Vec<_>>()
    };
    assert_eq!(faults(json!({})).await, ["ids"]);
    assert_eq!(faults(json!({ "ids": [1], "all": true, "kind": "x" })).await, ["ids", "kind"]);
    assert_eq!(faults(json!({ "ids": [1], "campaign_id": campaign.id })).await, ["campaign_id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_does_the_same_for_all_tenants() {
    let mut app = TestApp::start().await;
    let (campaign, _) = half_broken(&app).await;
    let dead: Vec<String> = app.admin.list("/steps").await.iter().map(|step| step["id"].to_string()).collect();
    app.stop().await;
    let (url, folder) = (app.database_url().await, tempfile::tempdir().unwrap());
    let steps = async |arguments: &[&str]| {
        let arguments = [&["steps"], arguments, &["--data-dir", ".", "--database-url", &url]].concat();
        stratagem(&arguments, folder.path()).await
    };
    let listed = async |arguments: &[&str]| -> Value {
        let said = steps(&[&["list", "--json"], arguments].concat()).await;
        assert_eq!(said.code, 0, "{}", said.err);
        serde_json::from_str(&said.out).unwrap()
    };
    let all = listed(&[]).await;
    assert_eq!(all.as_array().unwrap().iter().map(|step| step["id"].to_string()).collect::<Vec<_>>(), dead);
    assert_eq!(listed(&["--kind", "load_data", "--campaign", &campaign.id, "--limit", "1"]).await, json!([all[0]]));
    assert_eq!(listed(&["--kind", "deliver"]).await, json!([]));
    let table = steps(&["list"]).await.out;
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("id") && lines.len() == 3 && lines[1].contains("ValueError: no plan"), "{table}");

    let said = steps(&["retry", &dead[0], "99"]).await;
    assert_eq!(said.code, 1);
    assert!(said.err.contains("1 scheduled again") && said.err.contains("step 99 is none"), "{}", said.err);
    assert_eq!(listed(&[]).await, json!([all[1]]));
    let said = steps(&["drop", "--all", "--campaign", &campaign.id]).await;
    assert_eq!((said.code, said.err.as_str()), (0, "1 dropped\n"));
    assert_eq!(listed(&[]).await, json!([]));
    assert_ne!(steps(&["drop"]).await.code, 0, "all of them only where that is said");
    assert_ne!(steps(&["list", "--kind", "sending"]).await.code, 0);
}
