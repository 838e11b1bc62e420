//! From a source to an image: it is loaded in a fresh instance under the tenant's limits, the instance is warmed up, and what
//! became of its memory is kept.
//!
//! Clock and randomness of the load follow from the source alone, so that the image is the same whenever it is made.

use std::fmt::Display;
use std::sync::Arc;
use std::time::{Duration, Instant};

use stratagem_domain::strategy::{Limits, Output, RunError, RunErrorKind, RunReport};
use wasmtime::WasmCoreDump;
use wasmtime::component::Instance;

use super::Python;
use crate::bindings::PythonRuntime;
use crate::error::internal;
use crate::hooks;
use crate::image::Delta;
use crate::outbound::Closed;
use crate::run::{Run, in_time, not_started};
use crate::slots::Visit;
use crate::strategy::{Moment, Source};

/// Calls that an image is warmed up with: the base has met most of it already.
const WARM_UP_CALLS: u32 = 4;

/// Fuel of the warm-up: it is our code and uses a small part, but a strategy may have replaced what it calls.
pub(super) const WARM_UP_FUEL: u64 = 1_000_000_000;

pub(super) struct Made {
    pub(super) delta: Delta,
    /// What loading came to.
    pub(super) report: RunReport,
}

pub(super) async fn make(python: &Python, source: Source<'_>, limits: &Limits) -> Result<Made, RunReport> {
    match attempt(python, source, limits, WARM_UP_CALLS).await {
        // A strategy whose top level has replaced parts of the library may not survive calls that it does not expect.
        Attempt::FailedToWarmUp => match attempt(python, source, limits, 0).await {
            Attempt::Made(made) => Ok(made),
            Attempt::Failed(report) => Err(report),
            Attempt::FailedToWarmUp => Err(no_image(&"the source could not be warmed up")),
        },
        Attempt::Made(made) => Ok(made),
        Attempt::Failed(report) => Err(report),
    }
}

enum Attempt {
    Made(Made),
    Failed(RunReport),
    FailedToWarmUp,
}

async fn attempt(python: &Python, source: Source<'_>, limits: &Limits, warm_ups: u32) -> Attempt {
    let started = Instant::now();
    let at = Moment { now: source.loaded_at, time_zone: "UTC", seed: source.seed() };
    let mut run = match Run::new(&python.engine, Arc::new(Closed), &at, limits, started) {
        Ok(run) => run.of_sources(source.sources),
        Err(error) => return Attempt::Failed(not_started(error, started)),
    };
    let loading = async {
        let instance = python.memories.instantiate(&python.base, &Visit::anywhere(), run.store()).await;
        let instance = instance.map_err(|error| run.not_instantiated(&error))?;
        let exports = PythonRuntime::new(run.store(), &instance);
        let exports = exports.map_err(|error| internal("the Python runtime has other exports", &error))?;
        let loaded = hooks::python::load(run.store(), &exports, source).await;
        run.unless_failed(loaded)?;
        run.unless_memory_was_refused()?;
        Ok((instance, exports))
    };
    let loaded = in_time(limits, loading).await.unwrap_or_else(|| Err(run.timed_out()));
    let (instance, exports) = match loaded {
        Ok(loaded) => loaded,
        Err(error) => return Attempt::Failed(run.report(Err(error), started)),
    };
    let report = run.report_so_far(Ok(Output::none()), started);
    if in_time(limits, warm_up(&mut run, &exports, warm_ups)).await.is_none_or(|warmed| warmed.is_err()) {
        return Attempt::FailedToWarmUp;
    }
    match snapshot(&mut run, &instance).await {
        Ok(memory) => {
            let delta = python.base.delta_to(&memory);
            tracing::debug!(?delta, us = started.elapsed().as_micros(), "made the image of a strategy");
            Attempt::Made(Made { delta, report })
        }
        Err(error) => Attempt::Failed(no_image(&error)),
    }
}

pub(super) async fn warm_up(run: &mut Run<'_>, exports: &PythonRuntime, calls: u32) -> Result<(), RunError> {
    if calls == 0 {
        return Ok(());
    }
    run.refuel(WARM_UP_FUEL)?;
    let called = exports.call_warm_up(run.store(), calls).await;
    called.map_err(|error| internal("the image could not be warmed up", &error))
}

/// Ends the instance and gives its memory.
pub(super) async fn snapshot(run: &mut Run<'_>, instance: &Instance) -> Result<Vec<u8>, RunError> {
    if !run.store().data().holds_nothing() {
        return Err(RunError::new(RunErrorKind::Internal, "the loaded source holds on to something of the host's"));
    }
    run.refuel(WARM_UP_FUEL)?;
    let name = stratagem_flatten::names::SNAPSHOT;
    let end = instance.get_typed_func::<(), ()>(run.store(), name);
    let end = end.map_err(|error| internal("the Python runtime cannot be made an image of", &error))?;
    match end.call_async(run.store(), ()).await {
        Ok(()) => Err(RunError::new(RunErrorKind::Internal, "the instance did not end")),
        Err(ended) => {
            let dump = ended.downcast_ref::<WasmCoreDump>();
            let memory = dump.and_then(|dump| dump.memories().first().copied());
            let memory = memory.ok_or_else(|| internal("the instance left no memory", &ended))?;
            Ok(memory.data(run.store()).to_vec())
        }
    }
}

/// Loading went well, and yet there is no image: our own failure.
pub(super) fn no_image(error: &dyn Display) -> RunReport {
    let error = RunError::new(RunErrorKind::Internal, format!("the strategy's image could not be made: {error}"));
    RunReport { outcome: Err(error), ..nothing_to_report() }
}

pub(super) fn nothing_to_report() -> RunReport {
    RunReport {
        outcome: Ok(Output::none()),
        logs: Vec::new(),
        transcript: Vec::new(),
        fuel: 0,
        peak_memory: 0,
        wall: Duration::ZERO,
    }
}
