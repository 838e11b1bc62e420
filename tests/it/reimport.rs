//! The same `(object_id, external_id)` again: the strategy gets both contacts and may return either.

use serde_json::{Value, json};
use stratagem_tests::TestApp;

use crate::strategies::LEAVE_IT;

const DECIDE: &str = r#"
async def run(contact, existing_contact, logger, **kwargs):
    if existing_contact is None:
        contact.internal_data["first_seen"] = datetime.now()
        contact.internal_data["wait"] = timedelta(days=3)
        contact.current_stage = "New"
        return contact
    first_seen = contact.internal_data["first_seen"]
    logger.info("%s, first seen %s", type(first_seen).__name__, (first_seen + contact.internal_data["wait"]).isoformat())
    logger.info("%s is now %s", existing_contact.name, contact.name)
    logger.info("%s then %s", sorted(existing_contact.params), sorted(contact.params))
    chosen = existing_contact if contact.params["keep"] == "the old" else contact
    chosen.current_stage = "Again"
    return chosen
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn either_contact_may_be_returned() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Again").await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    campaign.decides("data_load", DECIDE).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    campaign.activate().await;
    campaign.import("object_id,external_id,name,email,phone,plan\n1,1,Ann,ann@example.com,,gold\n2,2,Bob,bob@example.com,,gold\n").await;
    campaign.settle().await;

    let again = "object_id,external_id,name,email,phone,due,keep\n1,1,Ann Smith,smith@example.com,,May,the new\n2,2,Bob Jones,jones@example.com,,May,the old\n3,3,Cy,,,June,the new\n";
    let report = campaign.import(again).await;
    assert_eq!(
        (&report["rows"], &report["created"], &report["updated"]),
        (&json!(3), &json!(1), &json!(2)),
        "{report}"
    );
    let summary = campaign.settle().await;
    assert_eq!(summary["contacts"], 3);

    let ann = campaign.contact("1").await;
    assert_eq!(
        (&ann["name"], &ann["email"], &ann["current_stage"]),
        (&json!("Ann Smith"), &json!("smith@example.com"), &json!("Again"))
    );
    assert_eq!(ann["params"], json!({ "plan": "gold", "due": "May", "keep": "the new" }), "params are merged");
    let bob = campaign.contact("2").await;
    assert_eq!(
        (&bob["name"], &bob["email"], &bob["current_stage"]),
        (&json!("Bob"), &json!("bob@example.com"), &json!("Again"))
    );
    assert_eq!(
        bob["params"],
        json!({ "plan": "gold" }),
        "the stored contact was returned, so nothing of the row is taken"
    );
    assert_eq!(campaign.contact("3").await["current_stage"], "New");

    let logged = campaign.logged("1").await;
    // A datetime comes back as one, and so does a timedelta.
    assert_eq!(logged[0], "datetime, first seen 2026-11-26T08:00:00");
    assert_eq!(logged[1], "Ann is now Ann Smith");
    assert_eq!(logged[2], "['plan'] then ['due', 'keep', 'plan']");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_stays_as_it_is_until_the_strategy_has_decided() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Again").await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    campaign.decides("data_load", DECIDE).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    campaign.activate().await;
    campaign.import("object_id,external_id,name,email,phone,plan\n1,1,Ann,ann@example.com,,gold\n").await;
    campaign.settle().await;
    let before = campaign.contact("1").await;

    campaign.pause().await;
    let report = campaign.import("object_id,external_id,name,email,phone,keep\n1,1,Ann Smith,,,the new\n").await;
    assert_eq!(report["updated"], 1);
    assert_eq!(campaign.contact("1").await, before);
    campaign.resume().await;
    campaign.settle().await;
    let after = campaign.contact("1").await;
    assert_eq!(
        (&after["name"], &after["email"]),
        (&json!("Ann Smith"), &Value::Null),
        "an empty cell empties the field"
    );
}
