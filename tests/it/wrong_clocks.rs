//! A machine's clock that is wrong by minutes, and jumps forward and back while a campaign is under way.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::DateTime;
use serde_json::json;
use stratagem_domain::clock::{Clock, SystemClock};
use stratagem_domain::random;
use stratagem_tests::{
    Audit, Campaign, Faults, Launch, MachineClock, Pace, Sink, audit, counted_after, on_postgres, rows, until,
};

/// Seconds from a decision to the mail that it plans.
const LATER: u32 = 2;
const CONTACTS: u64 = 40;
const MINUTE: i64 = 60;

/// Rounding to milliseconds, and what asking the database for the time takes.
const TOLERANCE_MS: i64 = 100;

async fn taken(sink: &Sink, least: u64) {
    until("mails", async || (*sink.taken().borrow() >= least).then_some(())).await;
}

async fn nobody_lost_nobody_doubled(campaign: &Campaign, contacts: u64, sink: &Sink) -> Audit {
    let imported: BTreeMap<u64, u64> = (1..=contacts).map(|number| (number, 1)).collect();
    let found = audit(campaign, &imported, &sink.ledger()).await;
    assert!(found.is_clean() && found.unknown == 0, "{found:#?}");
    assert_eq!(found.mails, 2 * contacts);
    found
}

/// By recipient and stage, when each mail was planned to leave.
async fn planned(campaign: &Campaign) -> BTreeMap<(String, String), i64> {
    let mut planned = BTreeMap::new();
    for (object_id, contact) in campaign.contacts().await {
        for communication in campaign.communications(&object_id).await {
            let stage = communication["stage_name"].as_str().unwrap();
            let at = DateTime::parse_from_rfc3339(communication["start_date"].as_str().unwrap()).unwrap();
            let email = contact["email"].as_str().unwrap().to_owned();
            planned.insert((email, format!("{stage} {object_id}")), at.timestamp_millis());
        }
    }
    planned
}

/// Servers that share a database go by its time: what their machines' clocks say does not matter.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_servers_one_may_have_a_clock_that_is_minutes_wrong_and_jumps() {
    if !on_postgres() {
        println!("skipped: SQLite has one server");
        return;
    }
    let begun_ms = SystemClock.now_ms();
    let folder = tempfile::tempdir().unwrap();
    let clock = MachineClock::off_by(folder.path(), 5 * MINUTE);
    let sink = Sink::start_at_pace(random::seeded(1), Faults::default(), Pace::After(Duration::from_millis(300))).await;
    // Short, so that leases are renewed and lost ones looked for meanwhile; and longer than a busy machine stands still.
    let launch = Launch::on(folder.path()).env("STRATAGEM_LEASE_S", "9");
    let (right, wrong) = (launch.clone().on_real_time().start().await, launch.on_clock(&clock).start().await);
    let campaign = counted_after(&right.admin, sink.port, LATER).await;
    // Mail by mail: otherwise one of them may take them all at once.
    let rate = json!({ "send_rate": { "sends": 20, "per_s": 1, "burst": 1 } });
    right.admin.patch(&campaign.path(""), rate).await.ok();
    let through_the_wrong_one = Campaign { api: wrong.admin.clone(), ..campaign.clone() };
    campaign.import(&rows(1..=CONTACTS / 2)).await;
    through_the_wrong_one.import(&rows(CONTACTS / 2 + 1..=CONTACTS)).await;
    for (least, minutes) in [(1, -10), (CONTACTS / 2, 20), (CONTACTS, -3)] {
        taken(&sink, least).await;
        clock.set_off_by(minutes * MINUTE);
    }
    campaign.settle().await;
    nobody_lost_nobody_doubled(&campaign, CONTACTS, &sink).await;

    let (ledger, ended_ms) = (sink.ledger(), SystemClock.now_ms());
    let planned = planned(&campaign).await;
    for (mail, taken_at_ms) in &ledger.taken_at_ms {
        let start_ms = planned[mail];
        assert!(*taken_at_ms >= start_ms - TOLERANCE_MS, "{mail:?} left {} ms early", start_ms - taken_at_ms);
        let true_ms = begun_ms..=ended_ms + i64::from(LATER) * 1_000;
        assert!(true_ms.contains(&start_ms), "{mail:?} was planned for {start_ms}, by a wrong clock");
    }
    for server in [&right, &wrong] {
        assert_eq!(server.figure("stratagem_rescued_steps_total").await, 0.0, "no lease was taken for ended");
        assert!(server.figure("stratagem_sends_total").await > 0.0, "it had a share");
    }
}

/// SQLite's only server goes by its machine's clock: what is planned waits for it, however often it is set.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_goes_on_where_its_clock_was_set_back_and_forward() {
    if on_postgres() {
        println!("skipped: on PostgreSQL the database's time counts");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let clock = MachineClock::off_by(folder.path(), 0);
    let sink = Sink::start(random::seeded(1), Faults::default()).await;
    let data = folder.path().join("data");
    let launch = Launch::on(&data).on_clock(&clock);
    let server = launch.start().await;
    let made = counted_after(&server.admin, sink.port, LATER).await;
    // Fast, but such that mails wait for it all the time: what they wait until is kept over the restart.
    let rate = json!({ "send_rate": { "sends": 20, "per_s": 1, "burst": 1 } });
    made.api.patch(&made.path(""), rate).await.ok();
    made.import(&rows(1..=CONTACTS)).await;
    taken(&sink, 5).await;
    assert!(server.terminate().await.success());

    clock.set_off_by(-10 * MINUTE);
    let server = launch.start().await;
    let campaign = Campaign { api: server.admin.clone(), ..made };
    let before = *sink.taken().borrow();
    let last = CONTACTS + 10;
    campaign.import(&rows(CONTACTS + 1..=last)).await;
    // What comes in now is done now, though others wait for a time that was there already.
    let address = |number| format!("contact-{number}@example.com");
    until("the new ones' mails", async || {
        let ledger = sink.ledger();
        (CONTACTS + 1..=last)
            .all(|number| ledger.taken.contains_key(&(address(number), format!("Second {number}"))))
            .then_some(())
    })
    .await;
    let others = *sink.taken().borrow() - before - 2 * (last - CONTACTS);
    assert!(before + others < 2 * CONTACTS, "the others wait: {before} and {others} mails");

    for minutes in [10, -5, 10] {
        clock.set_off_by(minutes * MINUTE);
        let so_far = *sink.taken().borrow();
        if minutes > 0 && so_far < 2 * last {
            taken(&sink, so_far + 1).await;
        }
    }
    campaign.settle().await;
    nobody_lost_nobody_doubled(&campaign, last, &sink).await;
}
