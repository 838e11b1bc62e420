//! Nobody lost, nobody doubled: `make chaos`.
//!
//! A real server, or several, works on a campaign while it is killed, stopped, or has its database, its disk or its mail
//! server fail, at random moments. When the campaign has come to rest every contact is looked at through the HTTP API and
//! compared with the mail server's ledger, which outlives the server. What each scenario does is the head of its file.
//!
//! The exit code is 1 where something was lost, doubled or told otherwise than it was.

mod database;
mod disk_full;
mod kill;
mod lost_answer;
mod machine;
mod nodes;
mod options;
mod report;
mod scenario;
mod uploads;
mod world;

use std::process::ExitCode;

use stratagem_domain::random;

use crate::{options::Options, world::World};

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    let seed = options.seed.unwrap_or_else(|| random::system().expect("the system has randomness").next_u64());
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    runtime.block_on(run(&options, seed))
}

async fn run(options: &Options, seed: u64) -> ExitCode {
    let mut clean = true;
    for plan in options.plans() {
        if let Some(reason) = plan.obstacle() {
            println!("\n{} is left out: {reason}", plan.title());
            clean &= !options.must_run();
            continue;
        }
        println!("\n{}, {} rounds, seed {seed}", plan.title(), plan.rounds);
        let mut world = World::make(&plan, seed, options.contacts).await;
        plan.scenario.run(&mut world, plan.rounds).await;
        clean &= world.close().await;
    }
    if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
