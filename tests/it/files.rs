//! Where uploaded files and components are kept, and for how long.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::{Body, Method};
use serde_json::json;
use stratagem_domain::strategy::StrategyType;
use stratagem_engine::{Files, FilesError, ObjectName};
use stratagem_store::{Scope, entities::import, page::MAX_LIMIT};
use stratagem_tests::{
    Api, Binary, Campaign, Launch, MONDAY, TestApp, Time, database_of, files_below, install_crypto, on_postgres, rows,
    until,
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_under_way_goes_with_its_campaign() {
    let app = TestApp::start_at(MONDAY.parse().unwrap(), Time::ByHand).await;
    let scope = Scope(app.engine.store().tenant_by_name("default").await.unwrap().unwrap().id);
    let (gone, kept) = (app.campaign("Gone").await, app.campaign("Kept").await);
    let kept = file(&app, scope, Some(&kept)).await;
    // More than a page of them.
    for _ in 0..=MAX_LIMIT {
        file(&app, scope, Some(&gone)).await;
    }
    let store = app.engine.files().on_disk(&kept).await.unwrap().path().ancestors().nth(3).unwrap().to_owned();
    // One is still being sent when the campaign is deleted: its first parts are there.
    let (more, chunks) = futures::channel::mpsc::unbounded::<Result<String, std::io::Error>>();
    more.unbounded_send(Ok(rows(1..=50_000))).unwrap();
    let request = app.admin.request(Method::POST, &gone.path("/imports")).header("content-type", "text/csv");
    let sending = tokio::spawn(Api::send(request.body(Body::wrap_stream(chunks))));
    let begun = async || files_below(&store).iter().any(|path| path.to_string_lossy().contains('#')).then_some(());
    until("the upload to begin", begun).await;
    app.admin.delete(&gone.path("")).await.with(204);
    drop(more);
    sending.await.unwrap().problem(409);

    let left = files_below(&store);
    assert!(left.len() == 1 && left[0].ends_with(kept.to_string()), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenants_components_have_a_limit_together() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Full").await;
    let (first, second) = (dummy("data-load"), dummy("aggregation"));
    let tenant = app.platform().get("/tenants").await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
    let allow = async |bytes: usize| {
        let change = json!({ "limits": { "stored_component_bytes": bytes } });
        app.platform().patch(&format!("/tenants/{tenant}"), change).await.ok();
    };
    allow(first.len() + second.len() - 1).await;
    let upload_first = async || upload(&campaign, "data_load", &[("x.wasm", first.clone())]).await;
    upload_first().await.with(202);
    let (field, message) = upload(&campaign, "aggregation", &[("x.wasm", second.clone())]).await.faults().remove(0);
    assert_eq!(field, "file");
    let together = first.len() + second.len();
    assert!(message.contains(&format!("{together} bytes together, and they may have {}", together - 1)), "{message}");
    // What is there already takes no more room.
    upload_first().await.with(202);
    allow(together).await;
    upload(&campaign, "aggregation", &[("x.wasm", second)]).await.with(202);
}

/// Whoever takes up the import copies the file again, and goes on from the checkpoint.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_in_s3_is_read_on_after_each_kill() {
    const ROWS: u64 = 30_000;
    if std::env::var("STRATAGEM_TEST_S3").is_err() {
        println!("skipped: STRATAGEM_TEST_S3 is not set");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path().file_name().unwrap().to_str().unwrap();
    let url = format!("s3://stratagem/{prefix}");
    let launch = Launch::on(folder.path()).env("STRATAGEM_OBJECT_STORE", &url);
    let mut server = launch.start().await;
    let made = Campaign::make(&server.admin, "Killed", "UTC", "").await;
    let tenant: Uuid = server.admin.get("/me").await.ok()["tenant_id"].as_str().unwrap().parse().unwrap();
    let id = made.upload("text/csv", rows(1..=ROWS)).await;
    let mut killed_at = Vec::new();
    for least in [1, 10_000, 20_000] {
        let read = until("rows to come in", async || {
            let read = server.admin.get(&format!("/imports/{id}")).await.ok()["rows"].as_u64().unwrap();
            (read >= least).then_some(read)
        });
        killed_at.push(read.await);
        server.kill().await;
        server = launch.start().await;
    }
    println!("killed after {killed_at:?} of {ROWS} rows");
    assert!(killed_at.iter().any(|rows| (1..ROWS).contains(rows)), "every kill came too late: {killed_at:?}");
    let report = Campaign { api: server.admin.clone(), ..made }.import_ended(&id).await;
    assert_eq!((&report["rows"], &report["created"]), (&json!(ROWS), &json!(ROWS)), "{report}");

    // The folder of copies is empty, and so is the store.
    server.terminate().await;
    let copies = files_below(&folder.path().join("scratch"));
    assert!(copies.iter().all(|path| path.ends_with("lock")), "{copies:?}");
    assert!(!folder.path().join("objects").exists());
    let scratch = tempfile::tempdir().unwrap();
    install_crypto();
    let files = Files::open(&url, scratch.path()).await.unwrap();
    let gone = files.bytes(&ObjectName::import(Scope(tenant), id.parse().unwrap())).await;
    assert!(matches!(gone, Err(FilesError::Gone(_))), "{gone:?}");
}

/// A way to a server that can be closed.
async fn gate(to: String) -> (u16, tokio::task::JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let open = tokio::spawn(async move {
        let mut ways = tokio::task::JoinSet::new();
        while let Ok((mut near, _)) = listener.accept().await {
            let to = to.clone();
            ways.spawn(async move {
                let mut far = tokio::net::TcpStream::connect(to).await?;
                tokio::io::copy_bidirectional(&mut near, &mut far).await
            });
        }
    });
    (port, open)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_s3_a_server_is_not_ready() {
    let Ok(endpoint) = std::env::var("STRATAGEM_TEST_S3") else {
        println!("skipped: STRATAGEM_TEST_S3 is not set");
        return;
    };
    let to = endpoint.trim_start_matches("http://").trim_end_matches('/');
    let (port, open) = gate(to.to_owned()).await;
    let folder = tempfile::tempdir().unwrap();
    let launch = Launch::on(folder.path()).env("STRATAGEM_OBJECT_STORE", "s3://stratagem/ready");
    let server = launch.env("AWS_ENDPOINT", &format!("http://127.0.0.1:{port}")).start().await;
    let stranger = server.admin.with_token(None);
    stranger.get("/readyz").await.ok();
    open.abort();
    let seen = until("the server to see it", async || {
        let answer = stranger.get("/readyz").await;
        (answer.status != 200).then_some(answer)
    });
    assert_eq!(seen.await.problem(503)["detail"], "The object store cannot be written to.");
}

/// A server with a folder of its own, whose object store is shared.
fn launch(folder: &TempDir, name: &str, database: &str) -> Launch {
    let objects = format!("file://{}", folder.path().join("objects").display());
    let launch = Launch::on(&folder.path().join(name)).with_database(database);
    launch.env("STRATAGEM_OBJECT_STORE", &objects).env("STRATAGEM_LEASE_S", "5")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_object_store_a_server_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let server = Launch::on(&folder.path().join("data")).start().await;
    let (objects, away) = (folder.path().join("data/objects"), folder.path().join("away"));
    std::fs::rename(&objects, &away).unwrap();
    let stranger = server.admin.with_token(None);
    let problem = stranger.get("/readyz").await.problem(503);
    assert_eq!(problem["detail"], "The object store cannot be written to.");
    stranger.get("/healthz").await.ok();
    std::fs::rename(&away, &objects).unwrap();
    until("the server to see it", async || (stranger.get("/readyz").await.status == 200).then_some(())).await;
}
