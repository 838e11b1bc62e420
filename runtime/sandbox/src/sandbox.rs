use std::path::{Path, PathBuf};
use std::sync::Arc;

use stratagem_domain::strategy::{Input, Limits, RunError, RunErrorKind, RunReport};
use wasmtime::Engine;
use wasmtime::component::Linker;

use crate::artefact::Artefacts;
use crate::boundary::Boundary;
use crate::component::{Compiler, Component, ComponentError};
use crate::engine::{self, Ticker, WASMTIME_VERSION};
use crate::error::OpenError;
use crate::interfaces;
use crate::outbound::{Closed, Outbound};
use crate::python::{FLATTENED, Progress, Python, RUNTIME_HASH, Way, standalone};
use crate::run;
use crate::state::RunState;
use crate::strategy::{Code, Moment, Source, Strategy};

/// Where compiled code is kept, and the key that authenticates it.
#[derive(Clone)]
pub struct SandboxConfig {
    /// Directory of compiled artefacts; it is made where it is missing, for this user alone.
    pub artefact_dir: PathBuf,
    /// Secret of this installation. With another key an artefact is compiled anew.
    pub key: [u8; 32],
    /// How source strategies get their memory; none for the fastest way that this machine has.
    pub way: Option<Way>,
    /// Compares the whole memory of a source strategy's instance with its image after each run, and stops the process where it
    /// was not put back: for tests, since it takes a millisecond.
    pub verify: bool,
}

/// The Python runtime, compiled and ready to run strategies, and the compiled strategies of tenants. Cloning it is cheap and
/// shares everything.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) python: Python,
    linker: Linker<RunState>,
    components: Artefacts,
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
        let artefacts = Artefacts::new(&engine, &config.artefact_dir, config.key);
        let python = Python::open(config, &artefacts, progress)?;
        let mut linker = Linker::new(&engine);
        interfaces::link(&mut linker).map_err(OpenError::link)?;
        let components = artefacts.below("components");
        let _ticker = Ticker::start([engine.clone(), python.engine().clone()])?;
        Ok(Self(Arc::new(Inner { engine, python, linker, components, _ticker })))
    }

    /// BLAKE3 of the Python runtime, code and memory, 64 hexadecimal digits: part of a run's record, because a replay gives the
    /// same bytes only with the same runtime.
    pub fn runtime_hash(&self) -> &str {
        RUNTIME_HASH
    }

    /// What runs components, with its version: fuel may differ with another one.
    pub fn engine(&self) -> String {
        format!("wasmtime {WASMTIME_VERSION}")
    }

    /// What crosses the boundary of a source strategy, and what answers it.
    pub fn boundary(&self) -> Result<Boundary, ComponentError> {
        Ok(Boundary { component_hash: RUNTIME_HASH.to_owned(), ..Boundary::of(FLATTENED)? })
    }

    /// Loads a strategy without calling it: finds syntax errors, exceptions of the top level, a missing function, and a
    /// source that is too large.
    ///
    /// Needs a tokio runtime with time enabled, like [`Self::run`].
    pub async fn check(&self, strategy: &Strategy<'_>, at: &Moment<'_>, limits: &Limits) -> RunReport {
        run::execute(&self.0, Arc::new(Closed), strategy, None, at, limits).await
    }

    /// Makes a source strategy's image where there is none, so that its first run need not. What is wrong with the source, its runs tell.
    pub async fn prepare(&self, strategy: &Strategy<'_>, limits: &Limits) {
        if let Code::Python { sources, function, loaded_at } = strategy.code {
            let source = Source { sources, function, hook: strategy.hook, loaded_at };
            let _ = self.0.python.loaded(source, limits).await;
        }
    }

    /// Makes a fresh instance and calls its hook. The outcome is the returned contact, or none where the hook may return none and
    /// did. HTTP requests leave through `outbound`.
    ///
    /// Any number of runs may go on at a time, though more than two a processor only get in each other's way. A run holds
    /// its thread for at most 10 ms at a stretch. Dropping the future ends the run.
    pub async fn run(
        &self,
        strategy: &Strategy<'_>,
        input: &Input,
        at: &Moment<'_>,
        limits: &Limits,
        outbound: Arc<dyn Outbound>,
    ) -> RunReport {
        run::execute(&self.0, outbound, strategy, Some(input), at, limits).await
    }

    /// A source strategy as a component of its public world, which any component host runs and [`Self::compile`] takes: some 24 MB,
    /// the whole Python runtime with the strategy loaded. The same strategy gives the same bytes. It is loaded under these limits
    /// where it is not yet, and what fails then is the error; a component has been one before, and is an internal error.
    pub async fn standalone(&self, strategy: &Strategy<'_>, limits: &Limits) -> Result<Vec<u8>, RunError> {
        let failed = |error: &dyn std::fmt::Display| {
            RunError::new(RunErrorKind::Internal, format!("the component could not be made: {error}"))
        };
        let Code::Python { sources, function, loaded_at } = strategy.code else {
            return Err(failed(&"the strategy is one"));
        };
        run::refuse(strategy, None, &Moment { now: loaded_at, time_zone: "UTC", seed: 0 }, limits)?;
        let hook = strategy.hook;
        let source = Source { sources, function, hook, loaded_at };
        let loaded = match self.0.python.loaded(source, limits).await {
            Ok(loaded) => loaded,
            Err(report) => return Err(report.outcome.err().unwrap_or_else(|| failed(&"the load has no result"))),
        };
        let made = tokio::task::spawn_blocking(move || standalone::component(&loaded, hook)).await;
        made.map_err(|error| failed(&error))?.map_err(|error| failed(&error))
    }

    /// How source strategies get their memory.
    pub fn way(&self) -> Way {
        self.0.python.way()
    }

    /// How often the memory of an instance was put back without asking the kernel which pages had been written, with asking it,
    /// how often it had to be mapped anew, and how often it was given up after the run.
    pub fn slot_figures(&self) -> [u64; 4] {
        self.0.python.slot_figures()
    }

    /// Compiles a component that passed [`Boundary::check`] in a process of its own, and keeps the authenticated result.
    /// `wasm` is read from the file, which must not change meanwhile.
    pub async fn compile(&self, compiler: &Compiler, wasm: &Path, hash: &str) -> Result<(), ComponentError> {
        compiler.compile(&self.0.components, wasm, hash).await
    }

    /// The component of that hash, where it has been compiled for this machine and engine; it is loaded from disk, which takes
    /// milliseconds. None where it has to be compiled (again).
    pub fn component(&self, hash: &str) -> Result<Option<Component>, ComponentError> {
        match self.0.components.load(hash) {
            Some(compiled) => Component::link(&self.0.linker, compiled, hash).map(Some),
            None => Ok(None),
        }
    }
}
