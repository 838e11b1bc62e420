//! The use cases: what happens to a contact between the file it came in and the last decision about it.
//!
//! Everything that happens is a step, and each kind of step has a file in `steps`, which is the index of the system. The
//! scheduler claims steps, the committer stores what came of them, many at a time. Between two steps there is only the
//! database.

mod activation;
mod calls;
mod choices;
mod code;
mod committer;
mod decide;
mod desk;
mod documents;
mod egress;
mod error;
mod fetching;
mod files;
mod housekeeping;
mod import;
mod inbound;
mod integrations;
mod lines;
mod links;
mod listening;
mod metrics;
mod preparing;
mod record;
mod relay;
mod sandboxes;
mod scheduler;
mod sending;
mod steps;
mod suppressing;
mod talking;
mod test_run;
mod vault;
mod waiting;
mod workers;

use std::{sync::Arc, time::Duration};

use stratagem_agent::Agent;
use stratagem_channels::{AddressPolicy, Registry};
use stratagem_domain::{
    clock::{Clock, SteadyClock},
    random::Random,
    strategy::{Limits, RunReport, Sources, StrategyType},
};
use stratagem_sandbox::{Compiler, Moment, Sandbox, Strategy};
use stratagem_store::{Scope, Store};
use tokio::sync::{Notify, Semaphore, SemaphorePermit, watch};

use self::sandboxes::Sandboxes;

pub use code::sources;
pub use desk::CLAIM_MS;
pub use egress::{SECRET_FIELD, is_secret_name};
pub use error::EngineError;
pub use files::{Files, FilesError, ObjectName, OnDisk, PutError, Stored};
pub use housekeeping::{Forgotten, Keep};
pub use import::reader;
pub use inbound::{Hook, WebhookError};
pub use listening::Listener;
pub use metrics::Metrics;
pub use record::{Replay, ReplayError};
pub use relay::Relay;
pub use scheduler::Running;
pub use talking::spec as agent_spec;
pub use test_run::{TestMessage, TestRun, TestRunReport};
pub use vault::Vault;

/// How many decisions may be under way at the same time. Most wait for answers to their HTTP requests then: each thread computes one.
const DECISIONS_AT_A_TIME: usize = 192;

/// How many test-runs, checks and replays may be under way at the same time; others wait.
const INTERACTIVE_AT_A_TIME: usize = 8;

/// What an engine is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Where strategies run.
    pub sandbox: Sandbox,
    /// What messages leave through.
    pub channels: Arc<Registry>,
    /// Who talks.
    pub agents: Arc<dyn Agent>,
    /// Opens the secrets of integrations.
    pub vault: Vault,
    /// The campaign's time.
    pub clock: Arc<dyn Clock>,
    /// Real time, which leases and rate limits go by; the database's, where several machines share one.
    pub real: Arc<SteadyClock>,
    /// How long a claim holds without being renewed, on real time: others take over from a process that died after this.
    pub lease: Duration,
    /// Where ids, seeds and jitter come from.
    pub random: Arc<dyn Random>,
    /// Uploaded files and components.
    pub files: Files,
    /// Compiles components.
    pub compiler: Compiler,
    /// Addresses that strategies' requests may be made to.
    pub addresses: AddressPolicy,
    /// Where the server is reached from outside.
    pub public_url: String,
    /// How long things are kept.
    pub keep: Keep,
    /// Counts and measures.
    pub metrics: Metrics,
}

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    parts: Parts,
    /// Told when there may be work.
    work: Notify,
    /// Told when an agent has said something.
    spoken: Notify,
    /// Calls in which this process holds the socket or makes a turn.
    lines: lines::Lines,
    /// Told when something was stored that those who listen may want to know.
    stored: Notify,
    /// True once the engine is told to stop.
    stopping: watch::Sender<bool>,
    /// How many listen, by tenant.
    listeners: listening::Listeners,
    /// Places for decisions.
    sandboxes: Sandboxes,
    /// Places for what people wait for: test-runs, checks of sources, replays.
    interactive: Semaphore,
    /// A place for judging uploaded components.
    judging: Semaphore,
    /// Places for messages that are under way.
    sending: sending::Sending,
    /// Where strategies' requests leave.
    egress: egress::Egress,
    /// Compiled strategies that were used last.
    components: code::Held,
}

impl Engine {
    /// An engine at rest: [`Engine::start`] sets it to work.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            egress: egress::Egress::new(parts.addresses.clone()),
            components: Default::default(),
            parts,
            work: Notify::new(),
            spoken: Notify::new(),
            lines: Default::default(),
            stored: Notify::new(),
            stopping: watch::Sender::new(false),
            listeners: Default::default(),
            sandboxes: Sandboxes::new(DECISIONS_AT_A_TIME),
            interactive: Semaphore::new(INTERACTIVE_AT_A_TIME),
            judging: Semaphore::new(1),
            sending: Default::default(),
        }))
    }

    /// Starts to claim and do steps, what a crash left behind first.
    pub fn start(&self) -> Running {
        scheduler::start(self.clone())
    }

    /// Says that there may be work: a file was uploaded, a campaign was activated or resumed.
    pub fn wake(&self) {
        self.0.work.notify_one();
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.0.parts.store
    }

    /// The campaign's time.
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.parts.clock
    }

    /// How long a claim holds.
    pub fn lease(&self) -> Duration {
        self.0.parts.lease
    }

    /// Real time, in milliseconds since 1970.
    pub fn real_ms(&self) -> i64 {
        self.0.parts.real.now_ms()
    }

    /// Sets real time by the database, where several machines share one: they agree on nothing else.
    pub async fn agree_on_time(&self) -> Result<(), EngineError> {
        if let Some(now_ms) = self.store().time().await? {
            self.0.parts.real.set(now_ms);
        }
        Ok(())
    }

    /// Where ids, seeds and jitter come from.
    pub fn random(&self) -> &dyn Random {
        &*self.0.parts.random
    }

    /// Where strategies run.
    pub fn sandbox(&self) -> &Sandbox {
        &self.0.parts.sandbox
    }

    /// What messages leave through.
    pub fn channels(&self) -> &Registry {
        &self.0.parts.channels
    }

    /// Who talks.
    pub fn agents(&self) -> &dyn Agent {
        &*self.0.parts.agents
    }

    /// Told when an agent has said something.
    pub(crate) fn spoken(&self) -> &Notify {
        &self.0.spoken
    }

    /// Where turns and sockets of calls meet.
    pub(crate) fn lines(&self) -> &lines::Lines {
        &self.0.lines
    }

    /// The present moment, in real time.
    pub(crate) fn real_now(&self) -> chrono::DateTime<chrono::Utc> {
        self.0.parts.real.now()
    }

    /// Seals and opens secrets.
    pub fn vault(&self) -> &Vault {
        &self.0.parts.vault
    }

    /// Counts and measures.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.parts.metrics
    }

    /// Uploaded files and components.
    pub fn files(&self) -> &Files {
        &self.0.parts.files
    }

    /// Loads a source in the sandbox, to see whether it can be a strategy of that type. Runs of the version that is made at that
    /// moment begin with what this load came to.
    pub async fn check_source(
        &self,
        scope: Scope,
        kind: StrategyType,
        function: &str,
        sources: &Sources,
        loaded_at_ms: i64,
    ) -> Result<RunReport, EngineError> {
        let limits = self.limits(scope).await?;
        let loaded_at = stratagem_domain::clock::from_ms(loaded_at_ms);
        let at = Moment { now: loaded_at, time_zone: "UTC", seed: 0 };
        let _place = self.interactive().await?;
        Ok(self.sandbox().check(&Strategy::python(sources, function, kind, loaded_at), &at, &limits).await)
    }

    /// A place for a run that somebody waits for.
    pub(crate) async fn interactive(&self) -> Result<SemaphorePermit<'_>, EngineError> {
        self.0.interactive.acquire().await.map_err(|error| EngineError::Internal(error.to_string()))
    }

    /// The tenant's limits.
    pub(crate) async fn limits(&self, scope: Scope) -> Result<Limits, EngineError> {
        let stored = self.store().tenant_limits(scope).await?;
        if stored.is_null() {
            return Ok(Limits::default());
        }
        serde_json::from_value(stored).map_err(|error| EngineError::Internal(format!("the tenant's limits: {error}")))
    }
}
