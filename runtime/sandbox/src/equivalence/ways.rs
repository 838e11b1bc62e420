//! A run comes to the same whichever way it gets its memory: in slots or from the pool, down to the unit of fuel.
//!
//! Both run the same code, so even a strategy that is stopped for want of fuel is stopped at the same instruction. Only what ends
//! when its time is over ends somewhere else each time.

use std::sync::Arc;
use std::time::Duration;

use stratagem_domain::strategy::{Limits, RunReport, StrategyType};

use super::behaviours::{self, Behaviour, Echo};
use super::runtimes::{KEY, folder_of_tests};
use crate::python::Way;
use crate::sandbox::{Sandbox, SandboxConfig};
use crate::strategy::{Moment, Strategy};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_strategy_does_comes_to_the_same_in_slots_and_from_the_pool() {
    let [slots, pool] = [Way::Slots, Way::Pooling].map(|way| tokio::spawn(run_all(sandbox(way))));
    let (slots, pool) = (slots.await.unwrap(), pool.await.unwrap());
    let (all, mut differences) = (everything(), Vec::new());
    for ((behaviour, slots), pool) in all.iter().zip(&slots).zip(&pool) {
        if slots != pool {
            differences.push(format!("{}: {slots:#?}\n{pool:#?}", behaviour.name));
        }
    }
    assert!(differences.is_empty(), "{} of {}:\n{}", differences.len(), all.len(), differences.join("\n"));
}

fn everything() -> Vec<Behaviour> {
    let own = behaviours::own().into_iter();
    own.chain(behaviours::standard_library()).chain(behaviours::corpus_without(&["Timeout"])).collect()
}

async fn run_all(sandbox: Sandbox) -> Vec<RunReport> {
    let mut reports = Vec::new();
    for behaviour in everything() {
        reports.push(run(&sandbox, &behaviour).await);
    }
    reports
}

/// To the byte: written out as a component it is the same file.
#[tokio::test]
async fn both_ways_make_the_same_image() {
    let sample = behaviours::own().remove(0);
    let strategy = Strategy::python(&sample.sources, "run", StrategyType::DataLoad, behaviours::now());
    let moment = Moment { now: behaviours::now(), time_zone: "UTC", seed: 9 };
    let mut components = Vec::new();
    for way in [Way::Slots, Way::Pooling] {
        let sandbox = sandbox(way);
        // Made anew, not read from the folder that they share.
        sandbox.check(&strategy, &moment, &Limits::default()).await.outcome.unwrap();
        components.push(sandbox.standalone(&strategy, &Limits::default()).await.unwrap());
    }
    assert!(components[0] == components[1]);
}

fn sandbox(way: Way) -> Sandbox {
    let config = SandboxConfig { artefact_dir: folder_of_tests("sandbox"), key: KEY, way: Some(way), verify: true };
    let sandbox = Sandbox::open(&config, &mut |_| {}).unwrap();
    assert_eq!(sandbox.way(), way);
    sandbox
}

async fn run(sandbox: &Sandbox, behaviour: &Behaviour) -> RunReport {
    let hook = behaviour.hook;
    let strategy = Strategy::python(&behaviour.sources, hook.default_function(), hook, behaviours::now());
    let at = Moment { now: behaviours::now(), time_zone: "Asia/Kathmandu", seed: 7 };
    let report = sandbox.run(&strategy, &behaviours::input(hook), &at, &Limits::default(), Arc::new(Echo)).await;
    RunReport { wall: Duration::ZERO, ..report }
}
