//! One run: a fresh store, a fresh instance, the hook's call, and nothing left over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use stratagem_domain::strategy::{
    ContactDoc, Input, Limits, Output, RunError, RunErrorKind, RunReport, Sources, StrategyType,
};
use wasmtime::component::Instance;
use wasmtime::{Engine, Store, Trap, UpdateDeadline, WasmCoreDump};

use crate::bindings::PythonRuntime;
use crate::bindings::stratagem::strategy::types::StrategyError;
use crate::component::Component;
use crate::error::internal;
use crate::hooks::{self, python};
use crate::outbound::Outbound;
use crate::outcome::{Ending, Phase, TimedOut, grouped, too_large};
use crate::postmortem;
use crate::python::{Loaded, Python};
use crate::sandbox::Inner;
use crate::slots::Visit;
use crate::state::RunState;
use crate::strategy::{Code, Moment, Source, Strategy};

/// Time that a run gets to end by itself when its wall clock limit is over. It does, at the next tick, unless it waits for
/// something of the host's.
const GRACE: Duration = Duration::from_millis(50);

/// Runs the strategy: its hook where there is an input, else only its load.
pub(crate) async fn execute(
    inner: &Inner,
    outbound: Arc<dyn Outbound>,
    strategy: &Strategy<'_>,
    input: Option<&Input>,
    at: &Moment<'_>,
    limits: &Limits,
) -> RunReport {
    let started = Instant::now();
    if let Err(error) = refuse(strategy, input, at, limits) {
        return not_started(error, started);
    }
    match strategy.code {
        Code::Python { sources, function, loaded_at } => {
            let source = Source { sources, function, hook: strategy.hook, loaded_at };
            let Some(input) = input else {
                return inner.python.load(source, limits).await.map_or_else(|report| report, |loaded| loaded.report());
            };
            match inner.python.loaded(source, limits).await {
                Ok(loaded) => run_python(&inner.python, &loaded, sources, outbound, input, at, limits).await,
                Err(report) => report,
            }
        }
        Code::Component(component) => {
            run_component(&inner.engine, component, strategy.hook, outbound, input, at, limits).await
        }
    }
}

async fn run_python(
    python: &Python,
    loaded: &Loaded,
    sources: &Sources,
    outbound: Arc<dyn Outbound>,
    input: &Input,
    at: &Moment<'_>,
    limits: &Limits,
) -> RunReport {
    let started = Instant::now();
    let mut run = match Run::new(python.engine(), outbound, at, limits, started) {
        Ok(run) => run.of_sources(sources),
        Err(error) => return not_started(error, started),
    };
    let visit = Visit::begin();
    let calling = async {
        let instance = python.instantiate(loaded, &visit, &mut run.store).await;
        let instance = instance.map_err(|error| run.not_instantiated(&error))?;
        run.call_python(&instance, input).await
    };
    let outcome = in_time(limits, visit.watch(calling)).await.unwrap_or_else(|| Err(run.timed_out()));
    run.report(outcome, started)
}

async fn run_component(
    engine: &Engine,
    component: &Component,
    hook: StrategyType,
    outbound: Arc<dyn Outbound>,
    input: Option<&Input>,
    at: &Moment<'_>,
    limits: &Limits,
) -> RunReport {
    let started = Instant::now();
    let mut run = match Run::new(engine, outbound, at, limits, started) {
        Ok(run) => run,
        Err(error) => return not_started(error, started),
    };
    let calling = async {
        let instance = run.instantiate(component).await?;
        match input {
            Some(input) => run.call_component(&instance, hook, input).await,
            None => run.check_component(&instance, hook),
        }
    };
    let outcome = in_time(limits, calling).await.unwrap_or_else(|| Err(run.timed_out()));
    run.report(outcome, started)
}

/// What the future gives, unless the run's wall clock limit is over before.
pub(crate) async fn in_time<T>(limits: &Limits, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limits.wall() + GRACE, future).await.ok()
}

/// What need not even be tried.
pub(crate) fn refuse(
    strategy: &Strategy<'_>,
    input: Option<&Input>,
    at: &Moment<'_>,
    limits: &Limits,
) -> Result<(), RunError> {
    if let Code::Python { sources, .. } = strategy.code
        && sources.bytes() > limits.source_bytes
    {
        let message = format!(
            "the source has {} bytes, {} are allowed",
            grouped(sources.bytes() as u64),
            grouped(limits.source_bytes as u64)
        );
        return Err(RunError::new(RunErrorKind::SourceTooLarge, message));
    }
    if let Some(bytes) = input.map(|input| input.json().len()).filter(|bytes| *bytes > limits.contact_bytes) {
        return Err(too_large("the contact given to the strategy", bytes, limits));
    }
    if at.time_zone.parse::<chrono_tz::Tz>().is_err() {
        let message = format!("{:?} is no IANA time zone", at.time_zone);
        return Err(RunError::new(RunErrorKind::Internal, message));
    }
    Ok(())
}

pub(crate) fn not_started(error: RunError, started: Instant) -> RunReport {
    let (logs, transcript) = Default::default();
    RunReport { outcome: Err(error), logs, transcript, fuel: 0, peak_memory: 0, wall: started.elapsed() }
}

/// A run that has begun: its store, and how far it has come.
pub(crate) struct Run<'a> {
    store: Store<RunState>,
    limits: &'a Limits,
    /// The tenant's Python, where it is that.
    sources: Option<&'a Sources>,
    phase: Phase,
    /// Fuel that the phase began with.
    allowed: u64,
    /// Fuel that the phases before used.
    used_before: u64,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        engine: &Engine,
        outbound: Arc<dyn Outbound>,
        at: &Moment<'_>,
        limits: &'a Limits,
        started: Instant,
    ) -> Result<Self, RunError> {
        let state = RunState::new(at, limits, outbound, started);
        let deadline = state.deadline;
        let mut store =
            Store::try_new(engine, state).map_err(|error| internal("the run could not be set up", &error))?;
        store.limiter(|state| &mut state.limiter);
        // A contact may be larger than what a host call may carry otherwise; its JSON is at most twice its size.
        store.set_hostcall_fuel(limits.hostcall_bytes.max(limits.contact_bytes.saturating_mul(2)));
        store.set_max_component_handles(limits.handles);
        // At each tick the guest gives way to other tasks, or ends where its time is over.
        store.epoch_deadline_callback(move |_| match Instant::now() < deadline {
            true => Ok(UpdateDeadline::Yield(1)),
            false => Err(TimedOut.into()),
        });
        store.set_epoch_deadline(1);
        let mut run = Self { store, limits, sources: None, phase: Phase::Load, allowed: 0, used_before: 0 };
        run.begin(Phase::Load, limits.load_fuel)?;
        Ok(run)
    }

    /// The same for Python: where it is stopped, its modules tell in which line.
    pub(crate) fn of_sources(mut self, sources: &'a Sources) -> Self {
        self.sources = Some(sources);
        self
    }

    pub(crate) fn store(&mut self) -> &mut Store<RunState> {
        &mut self.store
    }

    pub(crate) async fn call_python(&mut self, python: &PythonRuntime, input: &Input) -> Result<Output, RunError> {
        self.begin_call()?;
        let returned = python::call(&mut self.store, python, input.document(), self.limits.contact_bytes).await;
        self.unless_failed(returned).and_then(|output| self.bounded(output))
    }

    async fn instantiate(&mut self, component: &Component) -> Result<Instance, RunError> {
        let instantiated = component.prepared().instantiate_async(&mut self.store).await;
        instantiated.map_err(|error| self.not_instantiated(&error))
    }

    async fn call_component(
        &mut self,
        instance: &Instance,
        hook: StrategyType,
        input: &Input,
    ) -> Result<Output, RunError> {
        self.begin_call()?;
        let returned = hooks::call(&mut self.store, instance, hook, input.document().clone()).await;
        self.unless_failed(returned).and_then(|output| self.bounded(output))
    }

    /// Whether the hook is there with the parameters and the result that it has in its world.
    fn check_component(&mut self, instance: &Instance, hook: StrategyType) -> Result<Output, RunError> {
        match hooks::fits(&mut self.store, instance, hook) {
            Ok(()) => Ok(Output::none()),
            Err(error) => {
                let message = format!("the exported `{}` does not fit its world: {error:#}", hooks::export(hook));
                Err(RunError::new(RunErrorKind::MissingFunction, message))
            }
        }
    }

    fn bounded(&self, contact: Option<ContactDoc>) -> Result<Output, RunError> {
        let output = Output::new(contact)
            .map_err(|error| RunError::new(RunErrorKind::Internal, format!("the returned contact: {error}")))?;
        match output.json().len() > self.limits.contact_bytes {
            true => Err(too_large("the contact returned by the strategy", output.json().len(), self.limits)),
            false => Ok(output),
        }
    }

    pub(crate) fn unless_failed<T>(&self, returned: wasmtime::Result<Result<T, StrategyError>>) -> Result<T, RunError> {
        match returned {
            Ok(Ok(returned)) => Ok(returned),
            Ok(Err(raised)) => Err(self.ending().raised(raised)),
            Err(trap) => Err(self.trapped(&trap)),
        }
    }

    pub(crate) fn not_instantiated(&self, error: &wasmtime::Error) -> RunError {
        // With very low limits it is already too much to bring the guest up; and what dumped its memory was the guest's own code.
        if self.store.data().limiter.refused() || error.is::<Trap>() || error.is::<WasmCoreDump>() {
            return self.trapped(error);
        }
        internal("the strategy could not be instantiated", error)
    }

    /// What was loaded without the memory that it wanted is no base for runs: with more of it, it would be something else.
    pub(crate) fn unless_memory_was_refused(&self) -> Result<(), RunError> {
        match self.store.data().limiter.refused() {
            true => Err(self.ending().memory_refused()),
            false => Ok(()),
        }
    }

    pub(crate) fn timed_out(&self) -> RunError {
        self.ending().timed_out()
    }

    /// Fuel for our own code; it is not counted.
    pub(crate) fn refuel(&mut self, fuel: u64) -> Result<(), RunError> {
        self.begin(self.phase, fuel)
    }

    /// Where Python was stopped, it is told in which line.
    fn trapped(&self, error: &wasmtime::Error) -> RunError {
        let mut ended = self.ending().trapped(error);
        if let Some(sources) = self.sources
            && let Some(place) = postmortem::examine(error, &self.store, sources)
        {
            ended.file = Some(place.file);
            ended.line = Some(place.line);
            ended.traceback = Some(place.traceback);
        }
        ended
    }

    fn begin_call(&mut self) -> Result<(), RunError> {
        self.used_before = self.fuel_used();
        self.begin(Phase::Call, self.limits.run_fuel)
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
        let state = self.store.data();
        Ending {
            phase: self.phase,
            limits: self.limits,
            limiter: &state.limiter,
            http_limited: state.http.limited(),
            python: self.sources.is_some(),
        }
    }

    pub(crate) fn report(mut self, outcome: Result<Output, RunError>, started: Instant) -> RunReport {
        self.report_so_far(outcome, started)
    }

    pub(crate) fn report_so_far(&mut self, outcome: Result<Output, RunError>, started: Instant) -> RunReport {
        let fuel = self.fuel_used();
        let state = self.store.data_mut();
        RunReport {
            outcome,
            logs: state.log.finish(),
            transcript: state.http.take_transcript(),
            fuel,
            peak_memory: state.limiter.peak(),
            wall: started.elapsed(),
        }
    }
}
