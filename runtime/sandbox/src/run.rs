//! One run: a fresh store, a fresh instance, `load`, `call`, and nothing left over.

use std::time::Instant;

use stratagem_domain::strategy::{Limits, RunError, RunErrorKind, RunReport, StrategyType};
use wasmtime::{Engine, Store, Trap};

use crate::bindings::{Hook, PythonRuntime, PythonRuntimePre};
use crate::error::internal;
use crate::outcome::{Ending, Phase, grouped, too_large};
use crate::sandbox::{Moment, Source};
use crate::state::RunState;

/// Bytes that the guest may hand to the host in one call, beyond which it traps. Not less than a result may have.
const HOSTCALL_BYTES: usize = 2 << 20;

/// Handles of the component model that may be alive at a time.
const HANDLES: usize = 1_000;

/// Runs `source`: its hook where there is an input, else only its load.
pub(crate) async fn execute(
    engine: &Engine,
    runtime: &PythonRuntimePre<RunState>,
    source: &Source<'_>,
    input: Option<&str>,
    at: &Moment<'_>,
    limits: &Limits,
) -> RunReport {
    let started = Instant::now();
    let mut run = match refuse(source, input, at, limits).and_then(|()| Run::new(engine, at, limits)) {
        Ok(run) => run,
        Err(error) => return not_started(error, started),
    };
    let phases = async {
        let python = run.load(runtime, source, at).await?;
        match input {
            Some(input) => run.call(&python, input).await,
            None => Ok("null".to_owned()),
        }
    };
    // Looked at whenever the guest gives way, so the limit holds to within a tick.
    let outcome = match tokio::time::timeout(limits.wall(), phases).await {
        Ok(outcome) => outcome,
        Err(_) => Err(run.ending().timed_out()),
    };
    run.report(outcome, started)
}

/// What need not even be tried.
fn refuse(source: &Source<'_>, input: Option<&str>, at: &Moment<'_>, limits: &Limits) -> Result<(), RunError> {
    if source.text.len() > limits.source_bytes {
        let message = format!(
            "the source has {} bytes, {} are allowed",
            grouped(source.text.len() as u64),
            grouped(limits.source_bytes as u64)
        );
        return Err(RunError::new(RunErrorKind::SourceTooLarge, message));
    }
    if let Some(input) = input.filter(|input| input.len() > limits.contact_bytes) {
        return Err(too_large("the contact given to the strategy", input.len(), limits));
    }
    if at.time_zone.parse::<chrono_tz::Tz>().is_err() {
        let message = format!("{:?} is no IANA time zone", at.time_zone);
        return Err(RunError::new(RunErrorKind::Internal, message));
    }
    Ok(())
}

fn not_started(error: RunError, started: Instant) -> RunReport {
    RunReport { outcome: Err(error), logs: Vec::new(), fuel: 0, peak_memory: 0, wall: started.elapsed() }
}

struct Run<'a> {
    store: Store<RunState>,
    limits: &'a Limits,
    phase: Phase,
    /// Fuel that the phase began with.
    allowed: u64,
    /// Fuel that the phases before used.
    used_before: u64,
}

impl<'a> Run<'a> {
    fn new(engine: &Engine, at: &Moment<'_>, limits: &'a Limits) -> Result<Self, RunError> {
        let mut store = Store::try_new(engine, RunState::new(at, limits))
            .map_err(|error| internal("the run could not be set up", &error))?;
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(HOSTCALL_BYTES.max(limits.contact_bytes.saturating_mul(2)));
        store.set_max_component_handles(HANDLES);
        // At each tick the guest gives way: to other tasks, and to the timeout around it.
        store.epoch_deadline_async_yield_and_update(1);
        store.set_epoch_deadline(1);
        let mut run = Self { store, limits, phase: Phase::Load, allowed: 0, used_before: 0 };
        run.begin(Phase::Load, limits.load_fuel)?;
        Ok(run)
    }

    async fn load(
        &mut self,
        runtime: &PythonRuntimePre<RunState>,
        source: &Source<'_>,
        at: &Moment<'_>,
    ) -> Result<PythonRuntime, RunError> {
        let python = match runtime.instantiate_async(&mut self.store).await {
            Ok(python) => python,
            // With very low limits, it is already too much to bring the runtime up.
            Err(error) if self.store.data().limiter.refused() || error.is::<Trap>() => {
                return Err(self.ending().trapped(&error));
            }
            Err(error) => return Err(internal("the Python runtime could not be instantiated", &error)),
        };
        let hook = hook(source.hook);
        match python.call_load(&mut self.store, source.text, source.function, hook, at.time_zone).await {
            Ok(Ok(())) => Ok(python),
            Ok(Err(raised)) => Err(self.ending().raised(raised)),
            Err(trap) => Err(self.ending().trapped(&trap)),
        }
    }

    async fn call(&mut self, python: &PythonRuntime, input: &str) -> Result<String, RunError> {
        self.used_before = self.fuel_used();
        self.begin(Phase::Call, self.limits.run_fuel)?;
        // The bindings want a `String`, because `json` is a named type of the world.
        match python.call_call(&mut self.store, &input.to_owned()).await {
            Ok(Ok(output)) if output.len() > self.limits.contact_bytes => {
                Err(too_large("the contact returned by the strategy", output.len(), self.limits))
            }
            Ok(Ok(output)) => Ok(output),
            Ok(Err(raised)) => Err(self.ending().raised(raised)),
            Err(trap) => Err(self.ending().trapped(&trap)),
        }
    }

    fn begin(&mut self, phase: Phase, fuel: u64) -> Result<(), RunError> {
        self.phase = phase;
        self.allowed = fuel;
        self.store.set_fuel(fuel).map_err(|error| internal("fuel could not be set", &error))
    }

    /// Fuel used so far, that of earlier phases included.
    fn fuel_used(&self) -> u64 {
        let left = self.store.get_fuel().unwrap_or(0);
        self.used_before.saturating_add(self.allowed.saturating_sub(left))
    }

    fn ending(&self) -> Ending<'_> {
        Ending { phase: self.phase, limits: self.limits, limiter: &self.store.data().limiter }
    }

    fn report(self, outcome: Result<String, RunError>, started: Instant) -> RunReport {
        let state = self.store.data();
        RunReport {
            outcome,
            logs: state.log.finish(),
            fuel: self.fuel_used(),
            peak_memory: state.limiter.peak(),
            wall: started.elapsed(),
        }
    }
}

fn hook(hook: StrategyType) -> Hook {
    match hook {
        StrategyType::DataLoad => Hook::DataLoad,
        StrategyType::Aggregation => Hook::Aggregation,
        StrategyType::AnswerAnalysis => Hook::AnswerAnalysis,
    }
}
