//! HTTP of strategies, from Python through the sandbox, the rules and a real connection: what it reaches, and what it never does.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
    routing::any,
};
use serde_json::{Value, json};
use stratagem_channels::AddressPolicy;
use stratagem_tests::{Campaign, TestApp};
use tokio::net::TcpListener;

use crate::strategies::LEAVE_IT;

/// Calls each URL of the column and keeps what came of it.
const CALL_ALL: &str = r#"
from stratagem import http

async def run(contact, existing_contact, logger, **kwargs):
    out = []
    for url in contact.params["urls"]:
        try:
            answer = await http.get(url, headers={"x-key": "{{secret:CRM}}"} if contact.params.get("key") else {})
            out.append([url, answer.status_code, answer.text[:200]])
        except http.HTTPError as error:
            out.append([url, type(error).__name__, str(error)])
    contact.results["out"] = out
    return contact
"#;

async fn tenant_allows(app: &TestApp, allow: &[&str], limits: Value) {
    let tenant = app.admin.get("/me").await.ok()["tenant_id"].as_str().unwrap().to_owned();
    let change = json!({ "http_allow": allow, "limits": limits });
    app.platform().patch(&format!("/tenants/{tenant}"), change).await.ok();
}

async fn strategy(app: &TestApp, source: &str) -> (Campaign, String) {
    let campaign = app.campaign("Egress").await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    let id = campaign.decides("data_load", source).await;
    (campaign, id)
}

async fn test_run(app: &TestApp, strategy: &str, params: Value) -> Value {
    let contact = json!({ "object_id": "1", "external_id": "1", "name": "Ann", "params": params });
    let now = "2026-11-23T08:00:00Z";
    app.admin
        .post(&format!("/strategies/{strategy}/test-run"), json!({ "contact": contact, "now": now, "seed": 3 }))
        .await
        .with(200)
}

async fn calls(app: &TestApp, strategy: &str, urls: &[String]) -> Vec<[Value; 3]> {
    let run = test_run(app, strategy, json!({ "urls": urls })).await;
    assert_eq!(run["error"], Value::Null, "{run}");
    serde_json::from_value(run["contact"]["results"]["out"].clone()).unwrap()
}

/// A port that nobody may come to, on every loopback address.
struct Canary {
    port: u16,
    visits: Arc<AtomicUsize>,
}

impl Canary {
    async fn sit() -> Self {
        let visits = Arc::new(AtomicUsize::new(0));
        let v4 = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = v4.local_addr().unwrap().port();
        let mut listeners = vec![v4];
        listeners.extend(TcpListener::bind(("::1", port)).await);
        for listener in listeners {
            let visits = visits.clone();
            tokio::spawn(async move {
                while listener.accept().await.is_ok() {
                    visits.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        Self { port, visits }
    }
}

/// Spellings of places that a strategy has no business with. `P` is the canary's port.
const FORBIDDEN: [&str; 73] = [
    "http://127.0.0.1:P/",
    "http://127.1:P/",
    "http://127.0.1:P/",
    "http://127.9.9.9:P/",
    "http://2130706433:P/",
    "http://0x7f000001:P/",
    "http://0x7f.0.0.1:P/",
    "http://0x7f.1:P/",
    "http://017700000001:P/",
    "http://0177.0.0.1:P/",
    "http://0177.1:P/",
    "http://127.0.0.1.:P/",
    "http://①②⑦.⓪.⓪.①:P/",
    "http://127。0。0。1:P/",
    "http://１２７.0.0.1:P/",
    "http://%31%32%37.0.0.1:P/",
    "http://127.0.0.1%2e:P/",
    "http://localhost:P/",
    "http://LOCALHOST:P/",
    "http://localhost.:P/",
    "http://loc%61lhost:P/",
    "http://ｌocalhost:P/",
    "http://app.localhost:P/",
    "http://0:P/",
    "http://0.0.0.0:P/",
    "http://0.1.2.3:P/",
    "http://[::]:P/",
    "http://[::1]:P/",
    "http://[0:0:0:0:0:0:0:1]:P/",
    "http://[0000::0001]:P/",
    "http://[::127.0.0.1]:P/",
    "http://[::ffff:127.0.0.1]:P/",
    "http://[::ffff:7f00:1]:P/",
    "http://[::FFFF:127.0.0.1]:P/",
    "http://[64:ff9b::127.0.0.1]:P/",
    "http://[64:ff9b::7f00:1]:P/",
    "http://[2002:7f00:1::]:P/",
    "http://[2001:0:7f00:1::]:P/",
    "http://[fe80::1]:P/",
    "http://[fe80::1%25lo]:P/",
    "http://[fc00::1]:P/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254:80/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0xa9.0xfe.0xa9.0xfe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://169。254。169。254/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://168.63.129.16/metadata/",
    "http://192.0.0.192/",
    "http://10.0.0.1/",
    "http://010.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://user@127.0.0.1:P/",
    "http://api.example@127.0.0.1:P/",
    "http://127.0.0.1:P#@api.example/",
    "http://127.0.0.1:P\\@api.example/",
    "http:///127.0.0.1:P/",
    "http:\\\\127.0.0.1:P/",
    "https://127.0.0.1:P/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:P/_x",
];

/// The tenant's own list lets all of these through, so that it is the addresses that are refused.
const ALLOW_MUCH: [&str; 24] = [
    "127.0.0.1:*",
    "127.9.9.9:*",
    "localhost:*",
    "app.localhost:*",
    "0.0.0.0:*",
    "0.1.2.3:*",
    "[::]:*",
    "[::1]:*",
    "[::7f00:1]:*",
    "[::ffff:7f00:1]:*",
    "[64:ff9b::7f00:1]:*",
    "[2002:7f00:1::]:*",
    "[2001:0:7f00:1::]:*",
    "[fe80::1]:*",
    "[fc00::1]:*",
    "[fd00:ec2::254]:*",
    "169.254.169.254:*",
    "[::ffff:a9fe:a9fe]:*",
    "10.0.0.1:*",
    "8.0.0.1:1",
    "172.16.0.1:*",
    "192.168.1.1:*",
    "*.example:*",
    "*.internal:*",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_spelling_of_a_forbidden_place_gets_anywhere() {
    let app = TestApp::start_guarded(AddressPolicy::default()).await;
    let canary = Canary::sit().await;
    tenant_allows(&app, &ALLOW_MUCH, json!({ "http_requests": 200, "http_ms": 1000, "wall_ms": 60_000 })).await;
    let (_campaign, id) = strategy(&app, CALL_ALL).await;
    let urls: Vec<String> = FORBIDDEN.iter().map(|url| url.replace('P', &canary.port.to_string())).collect();
    let outcomes = calls(&app, &id, &urls).await;
    assert_eq!(outcomes.len(), FORBIDDEN.len());
    let mut by_address = 0;
    for [url, outcome, message] in &outcomes {
        let refused = ["RequestDenied", "InvalidRequest"].contains(&outcome.as_str().unwrap_or_default());
        // Some names mean loopback to one machine's resolver, and nothing to another's.
        let nowhere = outcome == "ConnectError" && message.as_str().unwrap().contains("cannot be resolved");
        assert!(refused || nowhere, "{url}: {outcome} {message}");
        by_address += usize::from(message.as_str().unwrap().contains("the operator can allow it"));
    }
    assert!(by_address >= 40, "{by_address} by the rule of addresses:\n{outcomes:#?}");
    assert_eq!(canary.visits.load(Ordering::SeqCst), 0);
}

/// The first answer is an address that the operator allows, every later one is the canary's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_changes_its_address_reaches_only_the_one_that_was_checked() {
    let canary = Canary::sit().await;
    let good = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let port = good.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(good, Router::new().fallback(|| async { "good" })).await });
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let rebinding = move |_: &str| {
        let last = if count.fetch_add(1, Ordering::SeqCst) == 0 { 2 } else { 1 };
        vec![IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))]
    };
    let policy = AddressPolicy::parse("127.0.0.2").unwrap().with_lookup(Arc::new(rebinding));
    let app = TestApp::start_guarded(policy).await;
    tenant_allows(&app, &["rebind.example:*"], json!({ "http_requests": 50 })).await;
    let (_campaign, id) = strategy(&app, CALL_ALL).await;

    let outcomes = calls(&app, &id, &[format!("http://rebind.example:{port}/")]).await;
    assert_eq!((&outcomes[0][1], &outcomes[0][2]), (&json!(200), &json!("good")));
    assert_eq!(asked.load(Ordering::SeqCst), 1, "a name is looked up once for a request");
    let urls = vec![format!("http://rebind.example:{}/", canary.port); 10];
    for [_, outcome, message] in calls(&app, &id, &urls).await {
        assert_eq!(outcome, "RequestDenied", "{message}");
        assert!(message.as_str().unwrap().contains("rebind.example has no address that may be called"), "{message}");
    }
    assert_eq!(canary.visits.load(Ordering::SeqCst), 0);
}

/// A service that keeps what it was sent.
#[derive(Clone, Default)]
struct Service(Arc<Mutex<Vec<(String, HeaderMap, Bytes)>>>);

impl Service {
    async fn start(self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(any(answer)).with_state(self);
        tokio::spawn(async move { axum::serve(listener, router).await });
        port
    }

    fn seen(&self, path: &str) -> Vec<(HeaderMap, Bytes)> {
        let seen = self.0.lock().unwrap();
        seen.iter().filter(|(at, ..)| at == path).map(|(_, headers, body)| (headers.clone(), body.clone())).collect()
    }
}

async fn answer(State(service): State<Service>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let key = headers.get("x-key").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    service.0.lock().unwrap().push((uri.path().to_owned(), headers, body));
    match uri.path() {
        "/echo" => ([("x-seen", key.clone())], format!("you sent {key}")).into_response(),
        "/large" => vec![b'x'; 3 << 20].into_response(),
        "/never" => std::future::pending().await,
        "/loop" => Redirect::temporary("/loop").into_response(),
        "/tell" => Redirect::temporary(&format!("/ok?key={key}")).into_response(),
        "/betray" => Redirect::temporary(&format!("http://{key}.example/")).into_response(),
        "/ok" => "ok".into_response(),
        path => match path.strip_prefix("/to/") {
            Some(target) => (StatusCode::FOUND, [("location", target.replace("~", "/"))]).into_response(),
            None => (StatusCode::NOT_FOUND, Body::from("nothing")).into_response(),
        },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redirects_are_judged_like_requests() {
    let app = TestApp::start_guarded(AddressPolicy::parse("127.0.0.1").unwrap()).await;
    let (canary, service) = (Canary::sit().await, Service::default());
    let port = service.clone().start().await;
    tenant_allows(
        &app,
        &[&format!("127.0.0.1:{port}"), "127.0.0.3:*"],
        json!({ "http_requests": 50, "http_ms": 500, "http_response_bytes": 1 << 20 }),
    )
    .await;
    app.admin.put("/secrets/CRM", json!({ "value": "s3cret-value", "hosts": ["127.0.0.1"] })).await.ok();
    let (_campaign, id) = strategy(&app, CALL_ALL).await;
    let at = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let urls = [
        at("/to/~ok"),
        at("/to/http:~~127.0.0.1:") + &canary.port.to_string() + "~",
        at("/to/http:~~127.0.0.3:") + &canary.port.to_string() + "~",
        at("/to/http:~~169.254.169.254~"),
        at("/to/file:~~~etc~passwd"),
        at("/loop"),
        at("/large"),
        at("/never"),
        at("/nowhere"),
    ];
    let outcomes = calls(&app, &id, &urls).await;
    let expected: [(Value, &str); 9] = [
        (json!(200), "ok"),
        (json!("RequestDenied"), "allow-list"),
        (json!("RequestDenied"), "is not a public address"),
        (json!("RequestDenied"), "allow-list"),
        (json!("RequestDenied"), "names no host"),
        (json!("RequestDenied"), "redirects"),
        (json!("HttpLimit"), "1048576 bytes"),
        (json!("TimeoutException"), "within 500 ms"),
        (json!(404), "nothing"),
    ];
    for ([url, outcome, message], (kind, part)) in outcomes.iter().zip(&expected) {
        assert_eq!(outcome, kind, "{url}: {message}");
        assert!(message.as_str().unwrap().contains(part), "{url}: {message}");
    }
    assert_eq!(canary.visits.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_goes_to_its_host_and_nowhere_else() {
    let app = TestApp::start_guarded(AddressPolicy::parse("127.0.0.1").unwrap().allow_loopback(true)).await;
    let service = Service::default();
    let port = service.clone().start().await;
    tenant_allows(&app, &["127.0.0.1:*", "localhost:*"], json!({})).await;
    app.admin.put("/secrets/CRM", json!({ "value": "s3cret-value", "hosts": ["127.0.0.1"] })).await.ok();
    let secret = app.admin.get("/secrets/CRM").await.ok();
    assert_eq!((&secret["hosts"], &secret["value"]), (&json!(["127.0.0.1"]), &Value::Null));
    let (_campaign, id) = strategy(&app, CALL_ALL).await;
    let urls = [
        format!("http://127.0.0.1:{port}/echo"),
        format!("http://localhost:{port}/echo"),
        format!("http://127.0.0.1:{port}/to/http:~~localhost:{port}~echo"),
    ];
    let run = test_run(&app, &id, json!({ "urls": urls, "key": true })).await;
    let outcomes: Vec<[Value; 3]> = serde_json::from_value(run["contact"]["results"]["out"].clone()).unwrap();
    // The host filled it in, and took it out of the answer.
    assert_eq!(service.seen("/echo")[0].0["x-key"], "s3cret-value");
    assert_eq!(outcomes[0][2], "you sent {{secret:CRM}}");
    assert_eq!(outcomes[1][1], "RequestDenied", "{:?}", outcomes[1]);
    assert!(outcomes[1][2].as_str().unwrap().contains("is not for http://localhost"));
    // A redirect to another host leaves it behind.
    assert_eq!(outcomes[2][2], "you sent ");
    assert_eq!(service.seen("/echo").len(), 2);
    // Nor does a redirect tell it, where it ends or why it does not.
    let urls = ["tell", "betray"].map(|path| format!("http://127.0.0.1:{port}/{path}"));
    let told = test_run(&app, &id, json!({ "urls": urls, "key": true })).await;
    assert_eq!(told["contact"]["results"]["out"][0][1], 200);
    assert_eq!(
        told["http"][0]["outcome"]["response"]["url"],
        format!("http://127.0.0.1:{port}/ok?key={{{{secret:CRM}}}}")
    );
    assert!(!told.to_string().contains("s3cret-value"), "{told}");
    // For https only, it is not sent in the clear.
    app.admin.put("/secrets/CRM", json!({ "value": "s3cret-value", "hosts": ["https://127.0.0.1:*"] })).await.ok();
    let plain = test_run(&app, &id, json!({ "urls": [urls[0]], "key": true })).await;
    assert!(
        plain["contact"]["results"]["out"][0][2].as_str().unwrap().contains("is not for http://127.0.0.1"),
        "{plain}"
    );
    let record = run["http"].to_string();
    assert!(record.contains("{{secret:CRM}}") && !run.to_string().contains("s3cret-value"), "{run}");

    for (name, value, hosts, field) in [
        ("CRM", "short", json!(["a.example"]), "value"),
        ("CRM", "long enough", json!([]), "hosts"),
        ("CRM", "long enough", json!(["no host!"]), "hosts"),
        ("no%20name", "long enough", json!(["a.example"]), "name"),
    ] {
        let answer = app.admin.put(&format!("/secrets/{name}"), json!({ "value": value, "hosts": hosts })).await;
        assert_eq!(answer.faults()[0].0, field);
    }
    app.admin.delete("/secrets/CRM").await.with(204);
    let run = test_run(&app, &id, json!({ "urls": [format!("http://127.0.0.1:{port}/echo")], "key": true })).await;
    assert!(run["contact"]["results"]["out"][0][2].as_str().unwrap().contains("no secret `CRM`"), "{run}");
}

const POST_TWICE: &str = r#"
from stratagem import http

async def run(contact, existing_contact, logger, **kwargs):
    for n in range(2):
        await http.post(contact.params["url"], json={"n": n})
    return contact
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_with_requests_is_a_record_that_can_be_replayed() {
    let app = TestApp::start_guarded(AddressPolicy::default().allow_loopback(true)).await;
    let service = Service::default();
    let port = service.clone().start().await;
    tenant_allows(&app, &["POST http://127.0.0.1:*"], json!({})).await;
    let (campaign, _) = strategy(&app, POST_TWICE).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    campaign.activate().await;
    let csv = format!(
        "object_id,external_id,name,email,phone,url\n1,1,Ann,ann@example.com,,http://127.0.0.1:{port}/ok\n2,2,Bob,bob@example.com,,http://127.0.0.1:1/ok\n"
    );
    campaign.import(&csv).await;
    campaign.settle_with_dead(1).await;

    // A key for each request, the same if the step had run again.
    let keys: Vec<String> = service
        .seen("/ok")
        .iter()
        .map(|(headers, _)| headers["idempotency-key"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(keys.len(), 2);
    assert!(keys[0].ends_with("-0") && keys[1].ends_with("-1") && keys[0][..32] == keys[1][..32], "{keys:?}");

    let [run] = campaign.runs("1").await.try_into().unwrap();
    assert_eq!(run["http"].as_array().unwrap().len(), 2, "{run}");
    assert_eq!(run["http"][0]["outcome"]["response"]["body"], "ok");
    let [failed] = campaign.runs("2").await.try_into().unwrap();
    assert_eq!(
        (&failed["outcome"], &failed["http"][0]["outcome"]["error"]["kind"]),
        (&json!("Exception"), &json!("unreachable"))
    );
    for run in [&run, &failed] {
        let replay = app.admin.act(&format!("/runs/{}/replay", run["id"].as_str().unwrap())).await.ok();
        assert_eq!(replay, json!({ "identical": true, "fuel": run["fuel"] }), "{run}");
    }
    assert_eq!(service.seen("/ok").len(), 2, "a replay calls nobody");
}
