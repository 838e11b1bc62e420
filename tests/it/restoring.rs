//! Backups are made beside a running server, and what a restored one finds due does not leave before somebody says so.

use chrono::Duration;
use serde_json::json;
use stratagem_tests::{Binary, Campaign, MONDAY, TestApp, Time, database_of, on_postgres, until};

use crate::cli::{Said, stratagem};
use crate::metrics::Figures;
use crate::samples::DATA_LOAD;
use crate::strategies::LEAVE_IT;

/// A campaign that sends a mail to each contact an hour after it came in.
async fn an_hour_later(app: &TestApp) -> Campaign {
    let campaign = app.campaign("Restored").await;
    campaign.mails("First Contact", "Hello {{ contact.name }}", "Hello.").await;
    campaign.mails_at_most("Second Attempt", "Hello again", "Hello.", 1).await;
    campaign.decides("data_load", DATA_LOAD).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    campaign.activate().await;
    campaign
}

async fn planned(campaign: &Campaign, count: u64) {
    until("decisions", async || (campaign.summary().await["communications"]["planned"] == count).then_some(())).await;
}

fn good(said: &Said) {
    assert_eq!(said.code, 0, "{}", said.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restore_nothing_is_sent_before_it_is_released() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = TestApp::start_at(MONDAY.parse().unwrap(), Time::ByHand).await;
    let campaign = an_hour_later(&app).await;
    campaign.import_contacts(&[("1", "one@example.com", ""), ("2", "two@example.com", "")]).await;
    planned(&campaign, 2).await;
    let url = app.database_url().await;
    let backup = async || stratagem(&["backup", "backup.bin", "--database-url", &url], folder.path()).await;
    good(&backup().await);
    let said = backup().await;
    assert!(said.code == 1 && said.err.contains("there already"), "{}", said.err);
    app.advance(Duration::hours(2));
    campaign.settle().await;
    assert_eq!(app.catcher().await.mails().len(), 2);
    app.stop().await;

    let data = tempfile::tempdir().unwrap();
    let (url, path) = (database_of(data.path()).await, data.path().to_str().unwrap().to_owned());
    let restore = async |file: &str| {
        stratagem(&["restore", file, "--data-dir", &path, "--database-url", &url], folder.path()).await
    };
    std::fs::write(folder.path().join("text.bin"), "no backup at all").unwrap();
    for nothing in ["text.bin", "missing.bin"] {
        let said = restore(nothing).await;
        assert!(said.code == 1 && !said.err.contains("panicked"), "{}", said.err);
    }
    good(&restore("backup.bin").await);
    let said = restore("backup.bin").await;
    let why = if on_postgres() { "the database is not empty" } else { "there is a database" };
    assert!(said.code == 1 && said.err.contains(why), "{}", said.err);

    let restored = TestApp::start_in(
        data,
        MONDAY.parse::<chrono::DateTime<chrono::Utc>>().unwrap() + Duration::hours(2),
        Time::ByHand,
    )
    .await;
    let again = Campaign { api: restored.admin.clone(), ..campaign };
    assert_eq!(again.summary().await["communications"], json!({ "planned": 2 }), "as when the backup was made");
    // Decisions go on, and each round of them would have found the sends that are due.
    for (id, count) in [("3", 3), ("4", 4)] {
        again.import_contacts(&[(id, &format!("{id}@example.com"), "")]).await;
        planned(&again, count).await;
        restored.advance(Duration::hours(2));
    }
    assert_eq!(app.catcher().await.mails().len(), 2);
    let reason = again.communications("1").await[0]["waiting_for"].as_str().unwrap().to_owned();
    assert!(reason.contains("restored from a backup"), "{reason}");
    restored.stranger().get("/readyz").await.ok();
    let platform = restored.platform();
    let figure = async || Figures::of(&platform).await.get("stratagem_sends_held");
    assert_eq!(platform.get("/sends").await.ok(), json!({ "held": true, "reason": reason }));
    assert_eq!(figure().await, 1.);
    assert_eq!(platform.act("/sends/release").await.ok(), json!({ "held": false, "reason": null }));
    assert_eq!(figure().await, 0.);
    assert_eq!(platform.get("/sends").await.ok()["held"], false);
    again.settle().await;
    let mails = app.catcher().await.mails().into_iter().map(|mail| mail.to);
    let mut mails: Vec<String> = mails.skip(2).collect();
    mails.sort();
    assert_eq!(mails, ["3@example.com", "4@example.com", "one@example.com", "two@example.com"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_a_server_a_backup_is_made_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Binary::serve(&data).await;
    let url = database_of(&data).await;
    server.admin.post("/campaigns", json!({ "name": "Kept" })).await.with(201);
    let arguments = ["--data-dir", "data", "--database-url", &url];
    let run = async |what: &[&str]| stratagem(&[what, &arguments].concat(), folder.path()).await;
    good(&run(&["backup", "backup.bin"]).await);
    good(&run(&["steps", "list"]).await);
    if !on_postgres() {
        // There, servers and commands share the database; here, a server has it to itself.
        for what in [vec!["restore", "backup.bin", "--force"], vec!["steps", "release"], vec!["steps", "retry", "1"]] {
            let said = run(&what).await;
            assert!(said.code == 1 && said.err.contains("a server is running on it"), "{what:?}: {}", said.err);
        }
    }
    server.admin.post("/campaigns", json!({ "name": "Lost" })).await.with(201);
    assert!(server.terminate().await.success());

    if on_postgres() {
        // Restored by other means: what matters is that it is said.
        good(&run(&["restore", "--mark"]).await);
    } else {
        good(&run(&["restore", "backup.bin", "--force"]).await);
        assert!(data.join("stratagem.db.replaced").exists());
        let left: Vec<_> = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().contains("restoring")), "{left:?}");
    }
    let log = folder.path().join("log");
    let server = stratagem_tests::Launch::on(&data).logging_to(&log).start().await;
    let names: Vec<_> =
        server.admin.list("/campaigns").await.into_iter().map(|campaign| campaign["name"].clone()).collect();
    assert_eq!(names, if on_postgres() { vec!["Kept", "Lost"] } else { vec!["Kept"] });
    until("the log to say it", async || {
        std::fs::read_to_string(&log).unwrap().contains("no message is sent: release them").then_some(())
    })
    .await;
    assert!(server.terminate().await.success());
    let said = run(&["steps", "release"]).await;
    assert!(said.code == 0 && said.err.contains("sends go on"), "{}", said.err);
}
