//! Where uploaded files and components are kept, and for how long.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use stratagem_domain::strategy::StrategyType;
use stratagem_engine::ObjectName;
use stratagem_store::{Scope, entities::import};
use stratagem_tests::{
    Binary, Campaign, Launch, MONDAY, TestApp, Time, database_of, files_below, on_postgres, rows, until,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::components::{compiled, dummy, upload};

/// Where the object is in the store's folder, made to look two hours old.
async fn aged(app: &TestApp, name: &ObjectName) -> PathBuf {
    let path = app.engine.files().on_disk(name).await.unwrap().path().to_owned();
    age(path)
}

fn age(path: PathBuf) -> PathBuf {
    let file = File::options().write(true).open(&path).unwrap();
    let written = file.metadata().unwrap().modified().unwrap();
    file.set_modified(written - Duration::from_secs(2 * 3600)).unwrap();
    path
}

/// A file for an import, with its import or without.
async fn file(app: &TestApp, scope: Scope, import: Option<&Campaign>) -> ObjectName {
    // The step that reads it is never due: the story's time stands still.
    let later = app.engine.clock().now() + chrono::Duration::days(1);
    let id = app.engine.random().id(later);
    let name = ObjectName::import(scope, id);
    let content = futures::stream::iter([Ok::<_, ()>("object_id,external_id\n".into())]);
    app.engine.files().put(&name, 100, content).await.unwrap();
    if let Some(campaign) = import {
        let row = import::Model {
            id,
            tenant_id: scope.0,
            campaign_id: campaign.id.parse().unwrap(),
            status: "queued".to_owned(),
            file: name.to_string(),
            error: None,
            prepared: None,
            checkpoint: None,
            bytes_total: 22,
            bytes_read: 0,
            rows: 0,
            created: 0,
            updated: 0,
            rejected: 0,
            warned: 0,
            created_at_ms: later.timestamp_millis(),
            finished_at_ms: None,
        };
        app.engine.store().insert_import(scope, row, None, None).await.unwrap();
    }
    name
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nothing_refers_to_goes_once_it_is_old() {
    let app = TestApp::start_at(MONDAY.parse().unwrap(), Time::ByHand).await;
    let campaign = app.campaign("Swept").await;
    let scope = Scope(app.engine.store().tenant_by_name("default").await.unwrap().unwrap().id);
    let mut components = Vec::new();
    for (kind, world) in [("data_load", "data-load"), ("aggregation", "aggregation")] {
        let made = upload(&campaign, kind, &[("dummy.wasm", dummy(world))]).await.with(202);
        let ready = compiled(&app, made["id"].as_str().unwrap()).await;
        components.push((made["id"].clone(), ObjectName::component(scope, ready["hash"].as_str().unwrap())));
    }
    let [(unused, component), (_, used)] = components.try_into().unwrap();
    app.admin.delete(&format!("/strategies/{}", unused.as_str().unwrap())).await.with(204);
    let (orphan, waiting) = (file(&app, scope, None).await, file(&app, scope, Some(&campaign)).await);
    assert_eq!(app.engine.sweep_files().await.unwrap(), 0, "something may be about to refer to them");

    let mut paths = Vec::new();
    for name in [&component, &orphan, &used, &waiting] {
        paths.push(aged(&app, name).await);
    }
    let [component_path, orphan_path, used, waiting] = paths.try_into().unwrap();
    let begun = |of: &str| orphan_path.with_file_name(format!("{}#{of}", Uuid::nil()));
    std::fs::write(begun("1"), "of a dead process").unwrap();
    age(begun("1"));
    std::fs::write(begun("2"), "of a living one").unwrap();
    assert_eq!(app.engine.sweep_files().await.unwrap(), 2);
    assert!(!component_path.exists() && !orphan_path.exists() && !begun("1").exists());
    assert!(used.exists() && waiting.exists() && begun("2").exists());
    assert_eq!(app.engine.sweep_files().await.unwrap(), 0);

    // Uploaded once more, it is as good as new.
    let made = upload(&campaign, "data_load", &[("dummy.wasm", dummy("data-load"))]).await.with(202);
    compiled(&app, made["id"].as_str().unwrap()).await;
    assert!(component_path.exists());
}

/// A component that is uploaded again before the old one is swept up is not swept up under its new strategy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_component_that_comes_again_counts_as_new() {
    let app = TestApp::start().await;
    let scope = Scope(app.engine.store().tenant_by_name("default").await.unwrap().unwrap().id);
    let keep = async || app.engine.keep_component(scope, StrategyType::DataLoad, dummy("data-load").into()).await;
    let first = keep().await.unwrap().unwrap();
    let path = aged(&app, &ObjectName::component(scope, &first.component_hash)).await;
    keep().await.unwrap().unwrap();
    assert_eq!(app.engine.sweep_files().await.unwrap(), 0);
    assert!(path.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_is_refused_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Binary::serve(folder.path()).await;
    let campaign = Campaign::make(&server.admin, "Refused", "UTC", "").await;
    let send = |content: &'static str| {
        let request = server.admin.request(Method::POST, &campaign.path("/imports"));
        stratagem_tests::Api::send(request.header("content-type", "text/csv").body(content))
    };
    send("").await.with(422);
    let id = send("object_id,external_id\n1,2\n").await.with(202)["id"].as_str().unwrap().to_owned();
    assert_eq!(campaign.import_ended(&id).await["status"], "failed", "columns are missing");
    until("the file to go", async || files_below(&folder.path().join("objects")).is_empty().then_some(())).await;
    let scratch = files_below(&folder.path().join("scratch"));
    assert!(scratch.iter().all(|path| path.ends_with("lock")), "{scratch:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_server_was_sent_another_reads() {
    const ROWS: u64 = 20_000;
    if !on_postgres() {
        println!("skipped: servers share a database on PostgreSQL only");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let url = database_of(folder.path()).await;
    let start = async |name: &str| launch(&folder, name, &url).start().await;
    let (one, two) = (start("one").await, start("two").await);
    let made = Campaign::make(&one.admin, "Shared", "UTC", "").await;
    let wasm = dummy("data-load");
    let strategy = upload(&made, "data_load", &[("dummy.wasm", wasm.clone())]).await.with(202);
    let id = made.upload("text/csv", rows(1..=ROWS)).await;
    let read = until("rows to come in", async || {
        let read = two.admin.get(&format!("/imports/{id}")).await.ok()["rows"].as_u64().unwrap();
        (read > 0).then_some(read)
    })
    .await;
    one.kill().await;
    assert!(read < ROWS, "the kill came too late");
    println!("the server that was sent the file died when {read} of {ROWS} rows were read");

    let campaign = Campaign { api: two.admin.clone(), ..made };
    let report = campaign.import_ended(&id).await;
    assert_eq!(
        (&report["status"], &report["rows"], &report["created"]),
        (&json!("completed"), &json!(ROWS), &json!(ROWS))
    );
    let path = format!("/strategies/{}/component", strategy["id"].as_str().unwrap());
    until("the component to be in force", async || (two.admin.get(&path).await.status == 200).then_some(())).await;
    let component = two.admin.request(Method::GET, &path).send().await.unwrap().bytes().await.unwrap();
    assert!(component == wasm, "another component came back");
    until("only the component to be left", async || {
        (files_below(&folder.path().join("objects")).len() == 1).then_some(())
    })
    .await;
}

/// A server with a folder of its own, whose object store is shared.
fn launch(folder: &TempDir, name: &str, database: &str) -> Launch {
    let objects = format!("file://{}", folder.path().join("objects").display());
    let launch = Launch::on(&folder.path().join(name)).with_database(database);
    launch.env("STRATAGEM_OBJECT_STORE", &objects).env("STRATAGEM_LEASE_S", "5")
}
