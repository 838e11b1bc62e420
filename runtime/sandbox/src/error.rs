use stratagem_domain::strategy::{RunError, RunErrorKind};
use wasmtime::WasmCoreDump;

/// Why a sandbox cannot be opened. All of them are the host's trouble: none depends on a strategy.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// This machine or build cannot run the engine with our settings.
    #[error("the WebAssembly engine refuses its settings: {0}")]
    Engine(String),
    /// The embedded component is no valid component, or uses a feature that is off.
    #[error("the Python runtime does not compile: {0}")]
    Compile(String),
    /// The component imports what no interface answers, or lacks an export.
    #[error("the Python runtime does not fit the boundary: {0}")]
    Link(String),
    /// Slots were asked for, and this machine has none.
    #[error("memories cannot be put back on this machine: {0}")]
    Slots(std::io::Error),
    /// Memory for the runtime's image cannot be had.
    #[error("this machine cannot hold memory images: {0}")]
    Memories(std::io::Error),
    /// The runtime does not run: not even what it is warmed up with.
    #[error("the Python runtime does not run: {0}")]
    Warming(String),
    /// A thread could not be started.
    #[error("a thread could not be started: {0}")]
    Thread(#[from] std::io::Error),
}

impl OpenError {
    pub(crate) fn link(error: wasmtime::Error) -> Self {
        Self::Link(format!("{error:#}"))
    }

    pub(crate) fn warming(error: RunError) -> Self {
        Self::Warming(error.to_string())
    }
}

/// An error of the host's during a run, with the whole chain of causes, because nobody will ask for them later. A dump of the
/// guest's memory is none.
pub(crate) fn internal(what: &str, error: &wasmtime::Error) -> RunError {
    let causes = if error.is::<WasmCoreDump>() { error.root_cause().to_string() } else { format!("{error:#}") };
    RunError::new(RunErrorKind::Internal, format!("{what}: {causes}"))
}
