//! Strategies that want out, never end or break their word, through the API: each is recorded with what it did, nothing of
//! it is applied, and the contacts beside it are fine. What the sandbox itself withstands is in its own tests.

use serde_json::{Value, json};
use stratagem_tests::TestApp;

use crate::strategies::LEAVE_IT;

/// The column `do` says what a row's run does.
const HOSTILE: &str = r#"
def helper(contact):
    raise ValueError(f"no such plan: {contact.params['plan']}")


async def run(contact, existing_contact, logger, **kwargs):
    contact.results["touched"] = True
    contact.current_stage = "Touched"
    contact.communications.append(Communication("Hello", stage_name="Mail", start_date=datetime.now()))
    logger.info("about to %s", contact.params["do"])
    match contact.params["do"]:
        case "loop":
            while True:
                pass
        case "hoard":
            hoard = []
            while True:
                hoard.append(bytearray(1 << 20))
        case "raise":
            contact.params["plan"] = "gold"
            helper(contact)
        case "return 42":
            return 42
        case "rename":
            contact.__dict__["object_id"] = "another"
        case "rewrite the history":
            contact.__dict__["id"] = "0192f0c1-2345-7abc-8def-0123456789ab"
        case "plan nowhere":
            contact.communications.append(Communication("Hello", stage_name="No Such Stage", start_date=datetime.now()))
        case "return too much":
            contact.results["large"] = "x" * 1_500_000
        case "end the process":
            import posix
            posix.abort()
        case "flood the log":
            for _ in range(10):
                print("x" * 1_000_000)
    return contact
"#;

/// What each does, the kind of its error, what the message says, and whether a line of its own is named.
const DEEDS: [(&str, &str, &str, bool); 9] = [
    ("loop", "FuelExhausted", "fuel", false),
    ("hoard", "MemoryLimit", "128 MiB", true),
    ("raise", "Exception", "ValueError: no such plan: gold", true),
    ("return 42", "InvalidResult", "int", false),
    ("rename", "InvalidResult", "contact.object_id is read-only", false),
    ("rewrite the history", "InvalidResult", "contact.id is read-only", false),
    (
        "plan nowhere",
        "InvalidResult",
        "`No Such Stage`, which is no stage of the campaign; its stages are: `Mail`",
        false,
    ),
    ("return too much", "ResultTooLarge", "1,048,576 are allowed", false),
    ("end the process", "Trap", "", false),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_failed_run_is_applied_and_its_neighbours_are_fine() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Hostile").await;
    campaign.mails("Mail", "Hello {{ contact.name }}", "Hello.").await;
    campaign.decides("data_load", HOSTILE).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    campaign.activate().await;
    // A good neighbour before, between and after.
    let mut contacts: Vec<(&str, &str, &str)> = vec![("first", "first@example.com", "be good")];
    contacts.extend(DEEDS.iter().map(|(deed, ..)| (*deed, "hostile@example.com", *deed)));
    contacts.extend([("flood", "flood@example.com", "flood the log"), ("last", "last@example.com", "be good")]);
    campaign.import_contacts(&contacts).await;
    let summary = campaign.settle_with_dead(DEEDS.len() as u64).await;
    assert_eq!(summary["communications"], json!({ "completed": 3 }));
    for neighbour in ["first@example.com", "flood@example.com", "last@example.com"] {
        assert_eq!(app.mails_to(neighbour).await.len(), 1, "{neighbour}");
    }
    assert!(app.mails_to("hostile@example.com").await.is_empty());

    for (deed, kind, message, has_line) in DEEDS {
        let contact = campaign.contact(deed).await;
        assert_eq!((&contact["current_stage"], &contact["results"]), (&Value::Null, &json!({})), "{deed}");
        assert!(campaign.communications(deed).await.is_empty(), "{deed}");
        let [run] = campaign.runs(deed).await.try_into().unwrap();
        assert_eq!(run["outcome"], kind, "{deed}: {run}");
        let error = &run["error"];
        assert_eq!(error["kind"], kind, "{deed}: {run}");
        assert!(error["message"].as_str().unwrap().contains(message), "{deed}: {run}");
        assert!(!has_line || error["line"].is_u64(), "{deed}: {run}");
        assert!(run["fuel"].as_u64().unwrap() > 0 && run["peak_memory"].as_u64().unwrap() > 0, "{deed}: {run}");
        assert_eq!(run["logs"][0]["message"], format!("about to {deed}"), "{deed}: {run}");
    }
    let [raised] = campaign.runs("raise").await.try_into().unwrap();
    assert_eq!(raised["error"]["line"], 3);
    let traceback = raised["error"]["traceback"].as_str().unwrap();
    assert!(
        traceback.contains("line 21") && traceback.contains("line 3") && traceback.contains("helper(contact)"),
        "{traceback}"
    );
    let flood = &campaign.runs("flood").await[0];
    assert!(flood["logs"].to_string().len() < 70_000, "{}", flood["logs"].to_string().len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_run_tells_the_same_and_changes_nothing() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Hostile").await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    let strategy = campaign.decides("data_load", HOSTILE).await;
    for (deed, kind, message, _) in DEEDS {
        let contact = json!({ "object_id": deed, "external_id": "1", "name": "Ann", "params": { "do": deed } });
        let run =
            app.admin.post(&format!("/strategies/{strategy}/test-run"), json!({ "contact": contact })).await.with(200);
        assert_eq!(run["error"]["kind"], kind, "{deed}: {run}");
        assert!(run["error"]["message"].as_str().unwrap().contains(message), "{deed}: {run}");
        assert_eq!(run["contact"], Value::Null, "{deed}");
    }
    assert!(campaign.contacts().await.is_empty());
    assert!(app.admin.list(&campaign.path("/runs")).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_source_is_refused_with_line_and_column() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Broken").await;
    for (source, line, column, message) in [
        (
            "async def run(contact, existing_contact, logger):\n    return contact +\n",
            json!(2),
            json!(21),
            "invalid syntax",
        ),
        ("async def run(contact, existing_contact, logger):\nreturn contact\n", json!(2), json!(1), "IndentationError"),
        ("async def other(contact):\n    return contact\n", Value::Null, Value::Null, "run"),
        ("limits = {}\nlimits['most']\n", json!(2), json!(1), "KeyError: 'most'"),
    ] {
        let problem = campaign.try_strategy("data_load", source).await.problem(422);
        let error = &problem["errors"][0];
        assert_eq!((&error["line"], &error["column"]), (&line, &column), "{problem}");
        assert!(error["message"].as_str().unwrap().contains(message), "{problem}");
    }
    assert!(app.admin.list(&campaign.path("/strategies")).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_new_version_leaves_the_old_one_in_force() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Versions").await;
    let id = campaign.decides("data_load", LEAVE_IT).await;
    app.admin.put(&format!("/strategies/{id}"), json!({ "source": "def run(" })).await.problem(422);
    assert_eq!(app.admin.get(&format!("/strategies/{id}")).await.ok()["version"], 1);
    let better = format!("# better\n{LEAVE_IT}");
    assert_eq!(app.admin.put(&format!("/strategies/{id}"), json!({ "source": better })).await.ok()["version"], 2);
    assert_eq!(app.admin.get(&format!("/strategies/{id}/source")).await.ok()["source"], better);
    assert_eq!(app.admin.get(&format!("/strategies/{id}/source?version=1")).await.ok()["source"], LEAVE_IT);
    assert_eq!(app.admin.list(&format!("/strategies/{id}/versions")).await.len(), 2);
}
