//! Strategies that call what does not answer, beside others that call nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Router, extract::State, routing::get};
use serde_json::json;
use stratagem_channels::AddressPolicy;
use stratagem_tests::{Campaign, TestApp, until};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::strategies::LEAVE_IT;

/// More than may be claimed at a time.
const CONTACTS_OF_THE_LARGE_ONE: usize = 700;
/// As many requests as a campaign alone may wait for.
const ALONE: usize = 32;

/// A service whose answers wait until it is told to give them.
#[derive(Clone)]
struct Dam {
    asked: Arc<AtomicUsize>,
    open: watch::Sender<bool>,
}

impl Dam {
    async fn start() -> (Self, u16) {
        let dam = Self { asked: Arc::default(), open: watch::Sender::new(false) };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().route("/score", get(score)).with_state(dam.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (dam, port)
    }
}

async fn score(State(dam): State<Dam>) -> &'static str {
    dam.asked.fetch_add(1, Ordering::SeqCst);
    // An error is the story's end.
    let _ = dam.open.subscribe().wait_for(|open| *open).await;
    "7"
}

async fn campaign(app: &TestApp, name: &str, source: &str, contacts: usize) -> Campaign {
    let campaign = app.campaign(name).await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    campaign.decides("data_load", source).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    campaign.activate().await;
    let names: Vec<String> = (0..contacts).map(|number| format!("{name}-{number}")).collect();
    let rows: Vec<_> = names.iter().map(|name| (name.as_str(), "", "")).collect();
    campaign.import_contacts(&rows).await;
    campaign
}

/// A server, a service that its strategies may ask, waiting so long for each answer, and the source of one that does.
async fn start(wait_ms: u64) -> (TestApp, Dam, String) {
    let app = TestApp::start_guarded(AddressPolicy::parse("127.0.0.1").unwrap().allow_loopback(true)).await;
    let (dam, port) = Dam::start().await;
    let tenant = app.admin.get("/me").await.ok()["tenant_id"].as_str().unwrap().to_owned();
    let change =
        json!({ "http_allow": [format!("127.0.0.1:{port}")], "limits": { "http_ms": wait_ms, "wall_ms": 60_000 } });
    app.platform().patch(&format!("/tenants/{tenant}"), change).await.ok();
    let asks = format!(
        "from stratagem import http\n\nasync def run(contact, existing_contact, logger, **kwargs):\n    \
         contact.results['score'] = (await http.get('http://127.0.0.1:{port}/score')).text\n    return contact\n"
    );
    (app, dam, asks)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_slow_apis_do_not_hold_up_other_campaigns() {
    let (app, dam, asks) = start(60_000).await;
    let mut slow = vec![campaign(&app, "large", &asks, CONTACTS_OF_THE_LARGE_ONE).await];
    until("the large one's share of requests", async || (dam.asked.load(Ordering::SeqCst) >= ALONE).then_some(()))
        .await;
    for number in 1..10 {
        let before = dam.asked.load(Ordering::SeqCst);
        slow.push(campaign(&app, &format!("slow{number}"), &asks, 30).await);
        until("one of the next one's requests", async || (dam.asked.load(Ordering::SeqCst) > before).then_some(()))
            .await;
    }
    campaign(&app, "quick", LEAVE_IT, 50).await.settle().await;
    for campaign in &slow {
        let runs = app.admin.list(&campaign.path("/runs")).await;
        assert_eq!(runs.len(), 0, "nobody was answered yet");
    }

    dam.open.send_replace(true);
    for campaign in &slow {
        campaign.settle().await;
    }
    assert_eq!(dam.asked.load(Ordering::SeqCst), CONTACTS_OF_THE_LARGE_ONE + 9 * 30, "each asked once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_gives_back_what_waits() {
    let (mut app, dam, asks) = start(3_000).await;
    campaign(&app, "slow", &asks, 300).await;
    until("its share of requests", async || (dam.asked.load(Ordering::SeqCst) >= ALONE).then_some(())).await;
    let before = dam.asked.load(Ordering::SeqCst);
    app.stop().await;
    let asked = dam.asked.load(Ordering::SeqCst);
    assert!(
        asked <= before + ALONE,
        "{before} had asked before, and {asked} in all: who waited is not to ask any more"
    );
    assert!(!app.engine.store().any_claimed().await.unwrap());
}
