//! The way of many contacts: from a file into the database, to a planned communication, to the last decision.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use stratagem_domain::clock::{Clock, JumpingClock, SystemClock};
use stratagem_sandbox::Sandbox;
use stratagem_tests::Memory;

use crate::{Outcome, campaign::Campaign, machine, options::Options, sink::Sink};

/// Per second.
pub(crate) struct Figures {
    pub(crate) imported: f64,
    pub(crate) planned: f64,
    pub(crate) journey: f64,
}

/// A part of the bench that has not ended by then has failed.
const PATIENCE: Duration = Duration::from_secs(900);

/// A stretch of time that begins when it is made.
struct Stretch {
    started: Instant,
    processor: Duration,
}

impl Stretch {
    fn start() -> Self {
        Memory::forget_peak("self");
        Self { started: Instant::now(), processor: machine::processor_time() }
    }

    /// Prints what `count` things took, and returns how many that is a second.
    fn report(&self, what: &str, count: usize, unit: &str) -> f64 {
        let (elapsed, processor) = (self.started.elapsed(), machine::processor_time() - self.processor);
        let a_second = count as f64 / elapsed.as_secs_f64();
        let each = processor.as_secs_f64() * 1e6 / count as f64;
        let (seconds, peak) = (elapsed.as_secs_f64(), Memory::of("self").peak_mb);
        println!("  {what:<46} {count:>7} in {seconds:>5.1} s: {a_second:>6.0} {unit} a second");
        println!("  {:<46} {each:>7.0} µs of processor time each, at most {peak} MB resident", "");
        a_second
    }

    fn wait(&self) -> Outcome<()> {
        if self.started.elapsed() > PATIENCE { Err("it does not come to an end".into()) } else { Ok(()) }
    }
}

/// Measures and prints.
pub(crate) async fn measure(sandbox: &Sandbox, options: &Options) -> Outcome<Figures> {
    println!("\nThe road: SQLite in {}, WAL, synchronous=FULL", std::env::temp_dir().display());
    Ok(Figures {
        imported: import(sandbox, options.import).await?,
        planned: planned(sandbox, options.planned).await?,
        journey: journey(sandbox, options.journey).await?,
    })
}

/// The campaign is a draft, so nothing is decided: file → contacts, and a step for each.
async fn import(sandbox: &Sandbox, rows: usize) -> Outcome<f64> {
    let campaign = Campaign::start(sandbox, Arc::new(SystemClock), 25).await?;
    let bytes = campaign.write_file(rows)?;
    let stretch = Stretch::start();
    imported(&campaign, &stretch, bytes, rows).await?;
    let figure = stretch.report("import: file → contacts and steps", rows, "rows");
    expect("steps", campaign.summary().await?.steps_waiting, rows)?;
    campaign.end().await;
    Ok(figure)
}

/// On the real clock, so that what is planned for in an hour stays planned.
async fn planned(sandbox: &Sandbox, contacts: usize) -> Outcome<f64> {
    let campaign = Campaign::start(sandbox, Arc::new(SystemClock), 25).await?;
    campaign.activate().await?;
    let bytes = campaign.write_file(contacts)?;
    let stretch = Stretch::start();
    imported(&campaign, &stretch, bytes, contacts).await?;
    while !campaign.is_at_rest().await? {
        stretch.wait()?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let figure = stretch.report("file → data load → planned communication", contacts, "contacts");
    let summary = campaign.summary().await?;
    expect("dead steps", summary.steps_dead, 0)?;
    expect("planned communications", summary.communications.get("planned").copied().unwrap_or(0), contacts)?;
    campaign.end().await;
    Ok(figure)
}

/// On a jumping clock: import, data load, e-mail over SMTP, close, aggregate, and the stage that ends it.
async fn journey(sandbox: &Sandbox, contacts: usize) -> Outcome<f64> {
    let sink = Sink::start().await?;
    let campaign = Campaign::start(sandbox, Arc::new(JumpingClock::new(SystemClock.now())), sink.port).await?;
    campaign.activate().await?;
    let bytes = campaign.write_file(contacts)?;
    let stretch = Stretch::start();
    imported(&campaign, &stretch, bytes, contacts).await?;
    while !campaign.is_completed().await? {
        stretch.wait()?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let figure = stretch.report("whole journey: … → e-mail → close → aggregate", contacts, "contacts");
    let summary = campaign.summary().await?;
    expect("mails", sink.taken() as u64, contacts)?;
    expect("completed communications", summary.communications.get("completed").copied().unwrap_or(0), 2 * contacts)?;
    expect("dead steps", summary.steps_dead, 0)?;
    campaign.end().await;
    Ok(figure)
}

async fn imported(campaign: &Campaign, stretch: &Stretch, bytes: i64, rows: usize) -> Outcome<()> {
    let id = campaign.import(bytes).await?;
    loop {
        if let Some(created) = campaign.imported(id).await? {
            return expect("contacts", u64::try_from(created)?, rows);
        }
        stretch.wait()?;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A figure counts only if the work was done.
fn expect(what: &str, found: u64, wanted: usize) -> Outcome<()> {
    if found == wanted as u64 { Ok(()) } else { Err(format!("{what}: {found} instead of {wanted}").into()) }
}
