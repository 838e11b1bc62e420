//! Source strategies: one compiled Python for all of them, and an image for each.
//!
//! 1. [`runtime`] has the Python runtime component, flattened while building, compiled once on each machine.
//! 2. [`base`] warms its memory up, for all of them together, and changes it so that runs write to few pages ([`heap`]).
//! 3. [`making`] loads a source in the sandbox and keeps what became of its memory.
//! 4. [`images`] holds the images of the strategies that are in use, and keeps all of them on disk.
//! 5. [`Python::instantiate`] gives a run its fresh instance, in one of two ways ([`way`]).
//! 6. [`standalone`] makes a component of an image, for other hosts.

mod base;
mod heap;
mod images;
mod making;
mod runtime;
pub(crate) mod standalone;
mod way;

use std::sync::Arc;

use stratagem_domain::strategy::{Limits, RunReport};
use wasmtime::{Engine, Store};

pub use runtime::Progress;
pub(crate) use runtime::{FLATTENED, RUNTIME_HASH};
pub use way::Way;

use crate::artefact::Artefacts;
use crate::bindings::PythonRuntime;
use crate::error::OpenError;
use crate::sandbox::SandboxConfig;
use crate::slots::Visit;
use crate::state::RunState;
use crate::strategy::Source;
use images::Images;
use way::{Image, Memories};

/// A strategy that has been loaded, and what its load came to.
pub(crate) struct Loaded {
    image: Image,
    report: RunReport,
}

/// The Python runtime, ready to run strategies.
pub(crate) struct Python {
    engine: Engine,
    memories: Memories,
    base: Image,
    base_hash: String,
    images: Images,
}

impl Python {
    pub(crate) fn open(
        config: &SandboxConfig,
        artefacts: &Artefacts,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, OpenError> {
        let (engine, memories) = Memories::open(config.way, config.verify, artefacts, progress)?;
        let images = Images::new(artefacts.files("images"), artefacts.files("bases"), memories.images());
        // The runtime's memory after some calls of our own: what every image would have in common is in the base instead.
        let (delta, base_hash) = images.warm(|| base::make(&engine, &memories))?;
        let base = memories.base(&runtime::base_image()?, Some(&delta)).map_err(OpenError::Memories)?;
        Ok(Self { engine, memories, base, base_hash, images })
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Slots that were put back without asking the kernel, with asking it, made anew, and given up.
    pub(crate) fn slot_figures(&self) -> [u64; 4] {
        self.memories.slot_figures()
    }

    pub(crate) fn way(&self) -> Way {
        self.memories.way()
    }

    /// Loads the strategy, whether or not its image is there, and keeps the image for the runs that follow.
    pub(crate) async fn load(&self, source: Source<'_>, limits: &Limits) -> Result<Arc<Loaded>, RunReport> {
        self.images.renew(self, source, limits).await
    }

    /// The strategy's image, made where it is not there yet.
    pub(crate) async fn loaded(&self, source: Source<'_>, limits: &Limits) -> Result<Arc<Loaded>, RunReport> {
        self.images.get(self, source, limits).await
    }

    /// A fresh instance of the loaded strategy. The run that has it must be watched by `visit`.
    pub(crate) async fn instantiate(
        &self,
        loaded: &Loaded,
        visit: &Arc<Visit>,
        store: &mut Store<RunState>,
    ) -> wasmtime::Result<PythonRuntime> {
        let instance = self.memories.instantiate(&loaded.image, visit, store).await?;
        PythonRuntime::new(store, &instance)
    }
}

impl Loaded {
    /// What loading it came to.
    pub(crate) fn report(&self) -> RunReport {
        self.report.clone()
    }
}
