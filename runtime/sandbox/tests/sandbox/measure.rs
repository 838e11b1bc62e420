//! `cargo test -p stratagem-sandbox --test sandbox -- --ignored --nocapture measure`

use std::time::{Duration, Instant};

use stratagem_sandbox::{Sandbox, SandboxConfig};

use crate::common::{Ask, check, config, hook};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement, not a test"]
async fn measure_a_decision() {
    let opened = Instant::now();
    let sandbox = Sandbox::open(&SandboxConfig { verify: false, ..config() }, &mut |_| {}).unwrap();
    println!("open: {:?}", opened.elapsed());
    for (name, text) in
        [("small", hook("contact.current_stage = 'x'")), ("sample", include_str!("strategies/data_load.py").to_owned())]
    {
        let mut walls = Vec::new();
        let mut fuel = 0;
        let before = sandbox.slot_figures();
        for _ in 0..2000 {
            let report = Ask { sandbox: &sandbox, ..Ask::default() }.run(&text).await;
            walls.push(report.wall);
            report.outcome.unwrap();
            fuel = report.fuel;
        }
        let check = check(&text).await;
        walls.sort();
        let slots: Vec<u64> = sandbox.slot_figures().iter().zip(before).map(|(now, before)| now - before).collect();
        println!(
            "{name}: median {:?}, p99 {:?}, fuel {fuel} (load {} in {:?}), memory {}, slots {slots:?}",
            walls[1000], walls[1980], check.fuel, check.wall, check.peak_memory
        );
    }
    for at_a_time in [1, 2, 4, 64] {
        let (started, cpu) = (Instant::now(), cpu_time());
        let mut done = 0;
        while started.elapsed() < Duration::from_secs(3) {
            let runs: Vec<_> = (0..at_a_time)
                .map(|_| {
                    let sandbox = sandbox.clone();
                    tokio::spawn(async move {
                        Ask { sandbox: &sandbox, ..Ask::default() }.run(include_str!("strategies/data_load.py")).await
                    })
                })
                .collect();
            for one in runs {
                one.await.unwrap().outcome.unwrap();
                done += 1;
            }
        }
        let a_second = f64::from(done) / started.elapsed().as_secs_f64();
        let each = (cpu_time() - cpu) / done;
        println!(
            "two threads, {at_a_time} at a time: {a_second:.0} decisions a second, {each:?} of processor time each"
        );
    }
}

/// Of the whole process, so that a figure means something on a machine that does other things too.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11..13].iter().map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}
