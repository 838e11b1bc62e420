//! Servers that share a database share the work.

use stratagem_channels::CONNECTIONS;
use stratagem_domain::random;
use stratagem_tests::{Faults, Launch, Pace, Sink, audit, counted, on_postgres, rows};

/// The mail server answers nobody before more mails are under way than one server has connections for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_send_at_the_same_time() {
    // One server alone would claim 128 sends and wait for its connections.
    const CONTACTS: u64 = 200;
    if !on_postgres() {
        println!("skipped: SQLite has one server");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let sink = Sink::start_at_pace(random::seeded(1), Faults::default(), Pace::Together(2 * CONNECTIONS as u64)).await;
    let launch = Launch::on(folder.path()).on_real_time();
    let (one, other) = (launch.start().await, launch.start().await);
    let campaign = counted(&one.admin, sink.port).await;
    campaign.import(&rows(1..=CONTACTS)).await;
    campaign.settle().await;
    let found = audit(&campaign, &(1..=CONTACTS).map(|number| (number, 1)).collect(), &sink.ledger()).await;
    assert!(found.is_clean() && found.unknown == 0, "{found:#?}");
    let sent = [one.figure("stratagem_sends_total").await, other.figure("stratagem_sends_total").await];
    assert!(sent.iter().all(|sends| *sends > 0.0), "{sent:?}");
}
