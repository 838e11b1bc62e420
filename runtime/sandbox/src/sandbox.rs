use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use stratagem_domain::strategy::{Limits, RunReport, StrategyType};
use wasmtime::Engine;
use wasmtime::component::Linker;

use crate::bindings::PythonRuntimePre;
use crate::boundary::Boundary;
use crate::compile::{self, Progress, RUNTIME_HASH};
use crate::engine::{self, Ticker};
use crate::error::OpenError;
use crate::interfaces;
use crate::run;
use crate::state::RunState;

/// Where compiled code is kept, and the key that authenticates it.
#[derive(Clone)]
pub struct SandboxConfig {
    /// Directory of compiled artefacts; it is made where it is missing, for this user alone.
    pub artefact_dir: PathBuf,
    /// Secret of this installation. With another key an artefact is compiled anew.
    pub key: [u8; 32],
}

/// A strategy as source.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Python text, one module.
    pub text: &'a str,
    /// Name of the entry point in it.
    pub function: &'a str,
    /// What it is called as.
    pub hook: StrategyType,
}

/// The time and the luck of one run. With the same moment, source, input, limits and [`Sandbox::runtime_hash`] a run gives
/// the same bytes and uses the same fuel.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// What every clock of the run shows, from its beginning to its end.
    pub now: DateTime<Utc>,
    /// IANA name of the zone that local times of the run are in.
    pub time_zone: &'a str,
    /// Everything random in the run follows from it.
    pub seed: u64,
}

/// The Python runtime, compiled and ready to run strategies. Cloning it is cheap and shares everything.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    engine: Engine,
    runtime: PythonRuntimePre<RunState>,
    boundary: Boundary,
    _ticker: Ticker,
}

impl Sandbox {
    /// Loads the compiled Python runtime from the artefact directory, or compiles it (some 10 s on two cores) and keeps the
    /// result there. Blocks the thread; `progress` is called from it, so that somebody waiting sees what goes on.
    ///
    /// An artefact that is damaged, or was made by somebody else, is refused with a warning and compiled anew. One that
    /// cannot be stored is a warning as well.
    pub fn open(config: &SandboxConfig, progress: &mut dyn FnMut(Progress)) -> Result<Self, OpenError> {
        let engine = engine::engine()?;
        let component = compile::runtime(&engine, &config.artefact_dir, &config.key, progress)?;
        // Now rather than in the first run: it copies the runtime's memory image of some 20 MB.
        component.initialize_copy_on_write_image().map_err(|error| OpenError::Engine(format!("{error:#}")))?;
        let misfit = |error: wasmtime::Error| OpenError::Link(format!("{error:#}"));
        let mut linker = Linker::new(&engine);
        interfaces::link(&mut linker).map_err(misfit)?;
        let runtime = linker.instantiate_pre(&component).and_then(PythonRuntimePre::new).map_err(misfit)?;
        let boundary = Boundary::of(&component, &engine);
        let ticker = Ticker::start(&engine)?;
        Ok(Self(Arc::new(Inner { engine, runtime, boundary, _ticker: ticker })))
    }

    /// BLAKE3 of the Python runtime component, 64 hexadecimal digits: part of a run's record, because a replay gives the
    /// same bytes only with the same runtime.
    pub fn runtime_hash(&self) -> &str {
        RUNTIME_HASH
    }

    /// What crosses the boundary of a source strategy, and what answers it.
    pub fn boundary(&self) -> &Boundary {
        &self.0.boundary
    }

    /// Loads `source` without calling it: finds syntax errors, exceptions of the top level, a missing function, and a
    /// source that is too large. The outcome of a good source is `null`.
    ///
    /// Needs a tokio runtime with time enabled, like [`Self::run`].
    pub async fn check(&self, source: &Source<'_>, at: &Moment<'_>, limits: &Limits) -> RunReport {
        run::execute(&self.0.engine, &self.0.runtime, source, None, at, limits).await
    }

    /// Loads `source` in a fresh instance and calls its hook with `input`, the JSON text of a
    /// [`HookInput`](stratagem_domain::strategy::HookInput). The outcome is the returned contact as JSON text, or `null`
    /// where the hook may return none and did.
    ///
    /// Any number of runs may go on at a time, though more than two a processor only get in each other's way. A run holds
    /// its thread for at most 10 ms at a stretch. Dropping the future ends the run.
    pub async fn run(&self, source: &Source<'_>, input: &str, at: &Moment<'_>, limits: &Limits) -> RunReport {
        run::execute(&self.0.engine, &self.0.runtime, source, Some(input), at, limits).await
    }
}
