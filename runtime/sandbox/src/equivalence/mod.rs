//! The Python runtime component as componentize-py made it, and what `stratagem_flatten` made of that, do the same.
//!
//! Both run the same strategies on an engine without slots, the flattened one with its image put back as data. Compared are the
//! report (outcome, error with its traceback, log, HTTP transcript, peak memory) and, where the instance did not trap, its whole
//! memory byte for byte: whatever a strategy could have observed, and much that it could not.
//!
//! Fuel differs, because folded constants cost none; it must only be the same each time on the same component. So a strategy
//! that is stopped for want of fuel or time is stopped at another place, and one that overflows the native stack does so at
//! another depth, since the merged code keeps less on it: those are left out.

mod behaviours;
mod plain_host;
mod runtimes;
mod standalone;
mod ways;

use std::sync::Arc;
use std::time::{Duration, Instant};

use stratagem_domain::strategy::{Limits, Output, RunError, RunReport, Sources};
use wasmtime::{Memory, WasmCoreDump};

use crate::bindings::PythonRuntime;
use crate::error::internal;
use crate::hooks;
use crate::run::{Run, in_time};
use crate::strategy::{Moment, Source};
use behaviours::{Behaviour, Echo};
use runtimes::Runtime;

#[tokio::test]
async fn whatever_a_run_can_observe_is_the_same() {
    let failed = compare(behaviours::own()).await;
    assert_eq!(failed, ["http", "error", "an abort"], "the others come to a result");
}

#[tokio::test]
async fn the_standard_library_does_the_same() {
    assert_eq!(compare(behaviours::standard_library()).await, [] as [&str; 0]);
}

#[tokio::test]
async fn hostile_strategies_come_to_the_same() {
    let corpus = behaviours::corpus();
    let (all, failed) = (corpus.len(), compare(corpus).await.len());
    assert!(failed > 100 && all - failed > 100, "{failed} of {all} end in an error");
}

/// A comparison that finds no difference where there is one would prove nothing.
#[tokio::test]
async fn a_difference_is_found() {
    let [one, other] = ["1", "2"].map(|out| Behaviour::of_body("tampered", &format!("contact.name = '{out}'")));
    let (limits, flattened) = (Limits::default(), &runtimes::both().flattened);
    let (mut one, mut other) = (run(flattened, &one, &limits).await, run(flattened, &other, &limits).await);
    let difference = difference(&mut one, &mut other).unwrap();
    assert!(difference.contains("report") && difference.contains("memory"), "{difference}");
}

/// Runs them on both, and panics where there is a difference. Returns the names of those that end in an error.
async fn compare(behaviours: Vec<Behaviour>) -> Vec<String> {
    let (limits, both) = (Limits::default(), runtimes::both());
    let (mut differences, mut failed) = (Vec::new(), Vec::new());
    for behaviour in &behaviours {
        let mut original = run(&both.original, behaviour, &limits).await;
        let mut flattened = run(&both.flattened, behaviour, &limits).await;
        let again = run(&both.flattened, behaviour, &limits).await;
        let name = &behaviour.name;
        differences.extend(difference(&mut original, &mut flattened).map(|found| format!("{name}: {found}")));
        if flattened.fuel != again.fuel {
            differences.push(format!("{name}: used {} fuel, and then {}", flattened.fuel, again.fuel));
        }
        failed.extend(original.report.outcome.is_err().then(|| name.clone()));
    }
    assert!(differences.is_empty(), "{} of {}:\n{}", differences.len(), behaviours.len(), differences.join("\n"));
    failed
}

/// A run that is over, and its store, because the memory is in it.
struct Ended<'a> {
    run: Run<'a>,
    /// Without fuel and wall time, which may differ.
    report: RunReport,
    fuel: u64,
    /// None where the instance trapped: nobody may enter it again.
    memory: Option<Memory>,
}

async fn run<'a>(runtime: &Runtime, behaviour: &'a Behaviour, limits: &'a Limits) -> Ended<'a> {
    let started = Instant::now();
    let at = Moment { now: behaviours::now(), time_zone: "Asia/Kathmandu", seed: 7 };
    let run = Run::new(&runtime.engine, Arc::new(Echo), &at, limits, started);
    let mut run = run.unwrap().of_sources(&behaviour.sources);
    let instance = runtime.prepared.instantiate_async(run.store()).await.unwrap();
    let exports = PythonRuntime::new(run.store(), &instance).unwrap();
    let outcome = in_time(limits, load_and_call(&mut run, &exports, behaviour)).await;
    let report = run.report_so_far(outcome.expect("no behaviour takes that long"), started);
    let memory = end(&mut run, &exports).await;
    Ended { fuel: report.fuel, report: RunReport { fuel: 0, wall: Duration::ZERO, ..report }, run, memory }
}

async fn load_and_call(run: &mut Run<'_>, exports: &PythonRuntime, behaviour: &Behaviour) -> Result<Output, RunError> {
    let (sources, hook): (&Sources, _) = (&behaviour.sources, behaviour.hook);
    let source = Source { sources, function: hook.default_function(), hook, loaded_at: behaviours::now() };
    let loaded = hooks::python::load(run.store(), exports, source).await;
    run.unless_failed(loaded)?;
    run.call_python(exports, &behaviours::input(hook)).await
}

/// Ends the instance before the first instruction of another call, which leaves its memory as it is.
async fn end(run: &mut Run<'_>, exports: &PythonRuntime) -> Option<Memory> {
    run.refuel(0).unwrap();
    let ended = exports.call_warm_up(run.store(), 1).await.unwrap_err();
    let dump = ended.downcast_ref::<WasmCoreDump>()?;
    Some(*dump.memories().first().unwrap_or_else(|| panic!("{}", internal("no memory", &ended))))
}

fn difference(one: &mut Ended<'_>, other: &mut Ended<'_>) -> Option<String> {
    let mut found = Vec::new();
    if one.report != other.report {
        found.push(format!("another report: {:#?}\n{:#?}", one.report, other.report));
    }
    match (one.memory, other.memory) {
        (None, None) => {}
        (Some(a), Some(b)) => found.extend(first_difference(a.data(one.run.store()), b.data(other.run.store()))),
        (a, b) => found.push(format!("only one instance trapped: {}, {}", a.is_none(), b.is_none())),
    }
    (!found.is_empty()).then(|| found.join("\n"))
}

fn first_difference(one: &[u8], other: &[u8]) -> Option<String> {
    // Below it are the cells of the globals, which the original does not have.
    const BEGIN: usize = 64;
    if one[BEGIN..] == other[BEGIN..] {
        return None;
    }
    let at = one.iter().zip(other).skip(BEGIN).position(|(one, other)| one != other).map(|at| at + BEGIN);
    Some(format!("another memory: {} and {} bytes, the first that differs is at {at:?}", one.len(), other.len()))
}
