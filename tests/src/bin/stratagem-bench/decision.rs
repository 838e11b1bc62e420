//! One decision: the specification's data load sample, in a fresh sandbox and in a python3 process.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use stratagem_domain::strategy::{
    CampaignDoc, ContactDoc, ContextDoc, HookInput, Limits, Sources, StageDoc, StrategyType,
};
use stratagem_sandbox::{Closed, Moment, Sandbox, Strategy};
use tokio::runtime::Builder;

use crate::{Outcome, campaign, machine, options::Options};

/// What the ratios are made of.
pub(crate) struct Figures {
    pub(crate) one_thread_us: f64,
    pub(crate) one_thread_a_second: f64,
    pub(crate) two_threads_a_second: f64,
    pub(crate) python_us: f64,
}

/// Parts that take turns, so that a slow phase of the machine meets all of them.
const ROUNDS: usize = 5;

/// Decisions of one kind.
#[derive(Default)]
struct Series {
    walls: Vec<Duration>,
    elapsed: Duration,
    processor: Duration,
}

impl Series {
    fn median_us(&mut self) -> f64 {
        self.quantile_us(0.5)
    }

    fn quantile_us(&mut self, q: f64) -> f64 {
        self.walls.sort_unstable();
        let index = ((self.walls.len().saturating_sub(1)) as f64 * q).round() as usize;
        self.walls.get(index).map_or(f64::NAN, |wall| wall.as_secs_f64() * 1e6)
    }

    fn a_second(&self) -> f64 {
        self.walls.len() as f64 / self.elapsed.as_secs_f64()
    }

    fn report(&mut self, what: &str) {
        let (median, p99, count) = (self.median_us(), self.quantile_us(0.99), self.walls.len());
        let processor = self.processor.as_secs_f64() * 1e6 / count.max(1) as f64;
        let spent = if self.processor.is_zero() {
            String::new()
        } else {
            format!(", {processor:.0} µs of processor time each")
        };
        println!(
            "  {what:<28} {count:>6} × median {median:>7.0} µs, p99 {p99:>7.0} µs, {:>6.0} a second{spent}",
            self.a_second()
        );
    }
}

/// Measures and prints.
pub(crate) fn measure(sandbox: &Sandbox, options: &Options) -> Outcome<Figures> {
    let (strategy, input) = (campaign::sample("data_load")?, serde_json::to_string(&input())?);
    let (mut one, mut two, mut python) = (Series::default(), Series::default(), Series::default());
    in_sandboxes(sandbox, &strategy, &input, 1, 20, &mut Series::default())?;
    for _ in 0..ROUNDS {
        in_sandboxes(sandbox, &strategy, &input, 1, options.decisions / ROUNDS, &mut one)?;
        in_sandboxes(sandbox, &strategy, &input, 2, options.decisions / ROUNDS, &mut two)?;
        in_processes(&input, options.python.div_ceil(ROUNDS), &mut python)?;
    }
    println!("\nA decision: the specification's data load sample, the source loaded each time");
    one.report("fresh sandbox, one thread");
    two.report("fresh sandbox, two threads");
    python.report("python3 process, one");
    Ok(Figures {
        one_thread_us: one.median_us(),
        one_thread_a_second: one.a_second(),
        two_threads_a_second: two.a_second(),
        python_us: python.median_us(),
    })
}

fn in_sandboxes(
    sandbox: &Sandbox,
    strategy: &str,
    input: &str,
    threads: usize,
    count: usize,
    series: &mut Series,
) -> Outcome<()> {
    let runtime = Builder::new_multi_thread().worker_threads(threads).enable_time().build()?;
    let (started, processor) = (Instant::now(), machine::processor_time());
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let (sandbox, strategy, input) = (sandbox.clone(), strategy.to_owned(), input.to_owned());
            runtime.spawn(async move { in_sequence(&sandbox, &strategy, &input, count.div_ceil(threads)).await })
        })
        .collect();
    for worker in workers {
        series.walls.extend(runtime.block_on(worker)??);
    }
    series.elapsed += started.elapsed();
    series.processor += machine::processor_time() - processor;
    Ok(())
}

async fn in_sequence(sandbox: &Sandbox, strategy: &str, input: &str, count: usize) -> Outcome<Vec<Duration>> {
    let sources = Sources::single(strategy);
    let (at, limits) = (Moment { now: now(), time_zone: "Europe/Berlin", seed: 7 }, Limits::default());
    let strategy = Strategy::python(&sources, "run", StrategyType::DataLoad, at.now);
    let mut walls = Vec::with_capacity(count);
    for _ in 0..count {
        let started = Instant::now();
        let report = sandbox.run(&strategy, input, &at, &limits, Arc::new(Closed)).await;
        walls.push(started.elapsed());
        is_the_decision(&report.outcome?)?;
    }
    Ok(walls)
}

fn in_processes(input: &str, count: usize, series: &mut Series) -> Outcome<()> {
    let here = machine::repository();
    let begun = Instant::now();
    for _ in 0..count {
        let started = Instant::now();
        let mut child = Command::new(machine::python())
            .arg(here.join("tests/src/bin/stratagem-bench/decide.py"))
            .arg(campaign::sample_path("data_load"))
            .env("PYTHONPATH", here.join("strategy-sdk/src"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        child.stdin.take().ok_or("no stdin")?.write_all(input.as_bytes())?;
        let output = child.wait_with_output()?;
        series.walls.push(started.elapsed());
        is_the_decision(&String::from_utf8(output.stdout)?)?;
    }
    series.elapsed += begun.elapsed();
    Ok(())
}

/// Whoever decided, it must be the same decision.
fn is_the_decision(returned: &str) -> Outcome<()> {
    let contact: Value = serde_json::from_str(returned)?;
    let planned = &contact["communications"][0]["stage_name"];
    if contact["current_stage"] == "First Contact" && planned == "First Contact" {
        return Ok(());
    }
    Err(format!("another decision than expected: {returned:.300}").into())
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_773_133_815, 0).unwrap_or_default()
}

/// The first row of the specification's sample file.
fn input() -> HookInput {
    let params = json!({"add_param1": "12", "add_param2": "Additional data"});
    let contact = ContactDoc {
        id: "01890a5d-ac96-774b-bcce-b302099a8057".to_owned(),
        object_id: "123".to_owned(),
        external_id: "123".to_owned(),
        name: "John Doe".to_owned(),
        email: Some("john@example.com".to_owned()),
        phone: Some("+1234567890".to_owned()),
        time_zone: None,
        current_stage: None,
        params: params.as_object().cloned().unwrap_or_default(),
        results: Map::new(),
        internal_data: Map::new(),
        communications: Vec::new(),
        communications_total: 0,
    };
    let stage = |name: &str| StageDoc { name: name.to_owned(), channel: "email_notification".to_owned() };
    let campaign = CampaignDoc {
        id: "01890a5d-ac96-774b-bcce-b302099a8058".to_owned(),
        name: "Benchmark".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        stages: vec![stage("First Contact"), stage("Second Attempt")],
    };
    let context = ContextDoc {
        now: "2026-03-10T10:10:15".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        campaign,
        session: None,
    };
    HookInput { contact, existing_contact: None, session_results: None, message: None, context }
}
