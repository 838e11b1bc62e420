//! The same campaign by one server and by two on one PostgreSQL, each with ten connections to a mail server that takes its time.

use std::time::{Duration, Instant};

use stratagem_domain::random;
use stratagem_tests::{Binary, Faults, Launch, Pace, Sink, counted, drop_database, make_database, rows, until_within};

use crate::{Outcome, options::Options};

const PATIENCE: Duration = Duration::from_secs(600);

pub(crate) async fn measure(options: &Options) -> Outcome<()> {
    let Options { contacts, answer_ms, .. } = options;
    println!(
        "\nServers on one PostgreSQL: {contacts} contacts, two mails and three decisions each; the mail server takes {answer_ms} ms for each mail"
    );
    let one = journey(options, 1).await?;
    let two = journey(options, 2).await?;
    println!("  two servers finish it {:.2} times as fast as one", one.as_secs_f64() / two.as_secs_f64());
    Ok(())
}

async fn journey(options: &Options, servers: usize) -> Outcome<Duration> {
    let folder = tempfile::tempdir()?;
    let url = make_database(&format!("bench_{}_nodes_{servers}", std::process::id())).await;
    let launch = Launch::on(folder.path()).with_database(&url).on_real_time().logging_to(&folder.path().join("log"));
    let mut nodes: Vec<Binary> = Vec::new();
    for _ in 0..servers {
        nodes.push(launch.start().await);
    }
    let pace = Pace::After(Duration::from_millis(options.answer_ms));
    let sink = Sink::start_at_pace(random::seeded(1), Faults::default(), pace).await;
    let campaign = counted(&nodes[0].admin, sink.port).await;
    let began = Instant::now();
    campaign.import(&rows(1..=options.contacts)).await;
    until_within(PATIENCE, "the campaign to be completed", async || {
        tokio::time::sleep(Duration::from_millis(100)).await;
        (campaign.api.get(&campaign.path("")).await.ok()["status"] == "completed").then_some(())
    })
    .await;
    let took = began.elapsed();
    let mails = *sink.taken().borrow();
    if mails != 2 * options.contacts {
        return Err(format!("{mails} mails instead of {}", 2 * options.contacts).into());
    }
    let a_second = mails as f64 / took.as_secs_f64();
    println!(
        "  {servers} server{:<2} {:>6.1} s, {a_second:>5.0} mails a second",
        if servers > 1 { "s" } else { "" },
        took.as_secs_f64()
    );
    for node in nodes {
        node.terminate().await;
    }
    drop_database(&url).await;
    Ok(took)
}
