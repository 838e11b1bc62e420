//! How the API behaves, whatever the call.

use reqwest::Method;
use serde_json::json;
use stratagem_tests::{Api, TestApp};

use crate::calls;
use crate::strategies::one_mail;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_field_is_refused_by_its_name_in_every_body() {
    let app = TestApp::start().await;
    let campaign = one_mail(&app, "Manners").await;
    for call in calls::all(&app.admin).await {
        let takes_json = [Method::POST, Method::PUT, Method::PATCH].contains(&call.method);
        let acts = [
            "/test",
            "/activate",
            "/pause",
            "/resume",
            "/archive",
            "/imports",
            "/replay",
            "/claim",
            "/retry",
            "/drop",
            "/release",
        ];
        if !takes_json || acts.iter().any(|end| call.path.ends_with(end)) {
            continue;
        }
        let api = if call.path.starts_with("/tenants") { app.platform() } else { app.admin.clone() };
        let body = json!({ "no_such_field": 1 });
        let answer = Api::send(api.request(call.method.clone(), &call.path_with(&campaign.id)).json(&body)).await;
        let faults = answer.faults();
        assert_eq!(faults[0].0, "no_such_field", "{}: {faults:?}", call.name());
        assert!(faults[0].1.contains("unknown field"), "{}: {faults:?}", call.name());
    }
    app.admin.get("/campaigns?no_such_parameter=1").await.problem(422);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_error_is_a_problem_document() {
    let app = TestApp::start().await;
    let api = &app.admin;
    api.get("/no/such/path").await.problem(404);
    api.get("/campaigns/not-an-id").await.problem(404);
    api.delete("/me").await.problem(405);
    let request = || api.request(Method::POST, "/campaigns");
    Api::send(request().header("content-type", "application/json").body("{\"name\": ")).await.problem(400);
    Api::send(request().header("content-type", "text/plain").body("name")).await.problem(415);
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(8 << 20));
    Api::send(request().header("content-type", "application/json").body(large)).await.problem(413);

    let faults = api.post("/campaigns", json!({})).await.faults();
    assert_eq!(faults[0].0, "name");
    let faults = api.post("/campaigns", json!({ "name": " ", "time_zone": "Mars/Olympus" })).await.faults();
    assert_eq!(
        faults.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(),
        ["name", "time_zone"],
        "all at once"
    );
    let campaign = app.campaign("Manners").await;
    api.act(&campaign.path("/resume")).await.problem(409);
    let smtp = json!({ "name": "x", "kind": "smtp", "settings": { "host": "h", "port": 99999, "tls": "maybe", "from": "nobody" } });
    let fields: Vec<String> =
        api.post("/integrations", smtp).await.faults().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["settings.port", "settings.tls", "settings.from"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cursors_walk_the_whole_list_whatever_the_pages_size() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Pages").await;
    let contacts: Vec<(String, String)> = (0..23).map(|i| (format!("{i}"), format!("c-{i}@example.com"))).collect();
    let contacts: Vec<_> = contacts.iter().map(|(id, email)| (id.as_str(), email.as_str(), "")).collect();
    campaign.import_contacts(&contacts).await;
    let path = campaign.path("/contacts");
    let whole = app.admin.list(&path).await;
    assert_eq!(whole.len(), 23);
    for limit in [1, 7, 22, 23, 24] {
        assert_eq!(app.admin.list_by(&path, limit).await, whole, "pages of {limit}");
    }
    assert_eq!(app.admin.get(&format!("{path}?limit=0")).await.faults()[0].0, "limit");
    assert_eq!(app.admin.get(&format!("{path}?limit=201")).await.faults()[0].0, "limit");
    assert_eq!(app.admin.get(&format!("{path}?cursor=nonsense")).await.faults()[0].0, "cursor");
    // Filters and cursors go together.
    let found = app.admin.list_by(&format!("{path}?q=c-1"), 2).await;
    assert_eq!(found.len(), 11, "c-1 and c-10 to c-19");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_request_is_done_once_and_answered_alike() {
    let app = TestApp::start().await;
    let make = |key: &'static str, name: &'static str| {
        app.admin.request(Method::POST, "/campaigns").header("Idempotency-Key", key).json(&json!({ "name": name }))
    };
    let first = Api::send(make("key-1", "Once")).await;
    let second = Api::send(make("key-1", "Once")).await;
    assert_eq!((first.with(201), first.status), (second.with(201), second.status));
    assert_eq!(app.admin.list("/campaigns").await.len(), 1);
    // Another request under the same key is a mistake of the client's.
    let other = Api::send(make("key-1", "Twice")).await;
    assert!([409, 422].contains(&other.status), "{} {}", other.status, other.text);
    Api::send(make("key-2", "Twice")).await.with(201);
    assert_eq!(app.admin.list("/campaigns").await.len(), 2);
    // Keys are the tenant's own.
    let stranger = app.other_tenant("Stranger").await;
    let request = stranger
        .request(Method::POST, "/campaigns")
        .header("Idempotency-Key", "key-1")
        .json(&json!({ "name": "Once" }));
    assert_ne!(Api::send(request).await.with(201)["id"], first.with(201)["id"]);

    // Many at the same time: one is done, the others get its answer or are told to wait.
    let token = || {
        let request = app.admin.request(Method::POST, "/tokens").header("Idempotency-Key", "key-3");
        Api::send(request.json(&json!({ "name": "one", "role": "viewer" })))
    };
    let answers = futures::future::join_all((0..8).map(|_| token())).await;
    let made: Vec<String> = answers.iter().filter(|a| a.status == 201).map(|a| a.with(201)["id"].to_string()).collect();
    assert!(!made.is_empty() && made.iter().all(|id| *id == made[0]), "{answers:?}");
    assert!(answers.iter().all(|answer| [201, 409].contains(&answer.status)), "{answers:?}");
    let named = app.admin.list("/tokens").await.into_iter().filter(|token| token["name"] == "one").count();
    assert_eq!(named, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_upload_is_read_once() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Uploads").await;
    let upload = || {
        let request = app.admin.request(Method::POST, &campaign.path("/imports")).header("Idempotency-Key", "file-1");
        Api::send(request.header("content-type", "text/csv").body(crate::samples::CONTACTS))
    };
    let first = upload().await.with(202)["id"].clone();
    assert_eq!(upload().await.with(202)["id"], first);
    campaign.import_ended(first.as_str().unwrap()).await;
    assert_eq!(app.admin.list(&campaign.path("/imports")).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_are_written_and_never_read_back() {
    let app = TestApp::start().await;
    const PASSWORD: &str = "correct horse battery staple";
    let settings = json!({ "host": "127.0.0.1", "port": 25, "tls": "starttls", "from": "x@example.com" });
    let body = json!({
        "name": "Mail", "kind": "smtp", "settings": settings, "secrets": { "username": "ann", "password": PASSWORD },
    });
    let made = app.admin.post("/integrations", body).await;
    assert_eq!(made.with(201)["secrets"], json!(["password", "username"]));
    let path = format!("/integrations/{}", made.with(201)["id"].as_str().unwrap());
    for answer in [made, app.admin.get(&path).await, app.admin.get("/integrations").await] {
        assert!(!answer.text.contains(PASSWORD), "{}", answer.text);
    }
}
