//! The process ends at a boundary of its steps, each in turn: the next one goes on from there, and nobody is lost or doubled.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use reqwest::Method;
use stratagem_domain::random;
use stratagem_tests::{Api, Binary, Campaign, Faults, Launch, Sink, audit, counted, rows, until};

const CONTACTS: u64 = 12;

/// What may be unknown after the process ended at a boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unknown {
    /// Nothing: no message was under way.
    None,
    /// What was about to leave; none of it has.
    NotSent,
    /// What was under way; at least one was taken.
    Sent,
}

/// Every failpoint of the engine, in the order in which a contact comes to them.
const BOUNDARIES: [(&str, Unknown); 11] = [
    ("claimed", Unknown::None),
    ("import_batch", Unknown::None),
    ("import_batch_stored", Unknown::None),
    ("import_ended", Unknown::None),
    ("import_ended_stored", Unknown::None),
    ("deciding", Unknown::None),
    ("decided", Unknown::None),
    ("commit", Unknown::None),
    ("committed", Unknown::None),
    ("sending", Unknown::NotSent),
    ("sent", Unknown::Sent),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_may_end_at_every_boundary_and_nobody_is_lost_or_doubled() {
    for (point, unknown) in BOUNDARIES {
        let folder = tempfile::tempdir().unwrap();
        let sink = Sink::start(random::seeded(1), Faults::default()).await;
        let launch = Launch::on(folder.path()).env("STRATAGEM_LEASE_S", "1");
        let server = launch.start().await;
        let made = counted(&server.admin, sink.port).await;
        server.kill().await;

        let mut server = launch.clone().env("FAILPOINTS", &format!("{point}=panic")).start().await;
        // The answer may be lost with the process.
        let _ = upload(&server.admin, &made).await;
        let status = until("the process to end", async || server.ended()).await;
        assert_eq!(status.signal(), Some(6), "{point}: it aborts where it is told to, and nowhere else");

        let server = launch.start().await;
        let campaign = Campaign { api: server.admin.clone(), ..made };
        let answer = upload(&campaign.api, &campaign).await.expect("an upload is answered");
        assert!(answer.is_success(), "{point}: {answer}");
        rest(&campaign).await;
        let imported: BTreeMap<u64, u64> = (1..=CONTACTS).map(|number| (number, 1)).collect();
        let found = audit(&campaign, &imported, &sink.ledger()).await;
        println!(
            "{point}: {} completed, {} unknown, {} of which arrived",
            found.completed, found.unknown, found.arrived
        );
        assert!(found.is_clean(), "{point}: {found:#?}");
        match unknown {
            Unknown::None => assert_eq!(found.unknown, 0, "{point}"),
            Unknown::NotSent => assert!(found.unknown > 0 && found.arrived < found.unknown, "{point}: {found:#?}"),
            Unknown::Sent => assert!(found.arrived > 0, "{point}: {found:#?}"),
        }
        server.kill().await;
    }
}

/// Uploads everybody, under a key: however often it is sent, it is one import.
async fn upload(api: &Api, campaign: &Campaign) -> Option<reqwest::StatusCode> {
    let request = api.request(Method::POST, &campaign.path("/imports"));
    let request = request.header("content-type", "text/csv").header("idempotency-key", "everybody");
    Some(request.body(rows(1..=CONTACTS)).send().await.ok()?.status())
}

async fn rest(campaign: &Campaign) {
    until("all contacts to be imported", async || (campaign.summary().await["contacts"] == CONTACTS).then_some(()))
        .await;
    campaign.settle().await;
}

/// A server that stands still beyond its lease while another one works: what it says afterwards does not count, and is kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_says_after_it_lost_its_claim_is_kept_and_changes_nothing() {
    if !stratagem_tests::on_postgres() {
        println!("skipped: SQLite has one server");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let objects = format!("file://{}", folder.path().join("objects").display());
    let database = stratagem_tests::database_of(folder.path()).await;
    let launch = |node: &str| {
        let data = folder.path().join(node);
        std::fs::create_dir_all(&data).unwrap();
        launch_of(&data, &database, &objects)
    };
    let sink = Sink::start(random::seeded(1), Faults::default()).await;
    // It rests between what the mail server said and the storing of it, and is brought to a standstill there.
    let slow = launch("slow").env("FAILPOINTS", "sent=1*sleep(4000)").start().await;
    let campaign = counted(&slow.admin, sink.port).await;
    campaign.import(&rows(1..=1)).await;
    let mut taken = sink.taken();
    taken.wait_for(|count| *count > 0).await.unwrap();
    slow.stand_still().await;
    let other: Binary = launch("other").start().await;
    let campaign = Campaign { api: other.admin.clone(), ..campaign };
    let first = async || campaign.communications("1").await.swap_remove(0);
    until("the other one to take over", async || (first().await["status"] == "unknown").then_some(())).await;
    slow.go_on().await;
    let kept = until("the late receipt", async || {
        let communication = first().await;
        let late = communication["status_history"].as_array().unwrap().last().unwrap().clone();
        late["reason"].as_str().is_some_and(|reason| reason.contains("late receipt")).then_some(communication)
    })
    .await;
    assert_eq!((&kept["status"], &kept["delivery"]), (&"unknown".into(), &"unknown".into()));
    assert!(kept["provider_id"].is_string(), "{kept}");
    campaign.settle().await;
    let found = audit(&campaign, &[(1, 1)].into(), &sink.ledger()).await;
    assert!(found.is_clean() && (found.unknown, found.arrived) == (1, 1), "{found:#?}");
}

fn launch_of(data: &Path, database: &str, objects: &str) -> Launch {
    Launch::on(data).with_database(database).env("STRATAGEM_OBJECT_STORE", objects).env("STRATAGEM_LEASE_S", "2")
}
