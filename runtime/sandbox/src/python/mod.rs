//! Source strategies: one compiled Python for all of them, and an image for each.
//!
//! 1. [`runtime`] has the Python runtime component, flattened while building, compiled once on each machine.
//! 2. [`making`] loads a source in the sandbox and keeps what became of its memory.
//! 3. [`images`] holds the images of the strategies that are in use, and keeps all of them on disk.
//! 4. [`Python::instantiate`] gives a run its fresh instance.
//! 5. [`standalone`] makes a component of an image, for other hosts.

mod images;
mod making;
mod runtime;
pub(crate) mod standalone;

use std::sync::Arc;

use stratagem_domain::strategy::{Limits, RunReport};
use wasmtime::component::{Instance, InstancePre, Linker};
use wasmtime::{Engine, Store};

pub use runtime::Progress;
pub(crate) use runtime::{FLATTENED, RUNTIME_HASH};

use crate::artefact::Artefacts;
use crate::bindings::PythonRuntime;
use crate::engine;
use crate::error::OpenError;
use crate::interfaces;
use crate::sandbox::SandboxConfig;
use crate::slots::{self, Slots, Visit};
use crate::state::RunState;
use crate::strategy::Source;
use images::Images;

/// A strategy that has been loaded, and what its load came to.
pub(crate) struct Loaded {
    image: Arc<slots::Image>,
    report: RunReport,
}

/// The Python runtime, ready to run strategies.
pub(crate) struct Python {
    engine: Engine,
    prepared: InstancePre<RunState>,
    slots: Slots,
    base: Arc<slots::Image>,
    base_hash: String,
    images: Images,
}

impl Python {
    pub(crate) fn open(
        config: &SandboxConfig,
        artefacts: &Artefacts,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, OpenError> {
        let slots = Slots::new(config.verify).map_err(OpenError::Slots)?;
        let engine = engine::with_slots(&slots)?;
        let component = runtime::open(&engine, &artefacts.of(&engine), progress)?;
        let mut linker = Linker::new(&engine);
        interfaces::link(&mut linker).map_err(OpenError::link)?;
        let prepared = linker.instantiate_pre(&component).map_err(OpenError::link)?;
        let base = Arc::new(slots::Image::base(runtime::BASE_IMAGE, None).map_err(OpenError::Slots)?);
        let images = Images::new(artefacts.files("images"), artefacts.files("bases"));
        let mut python = Self { engine, prepared, slots, base, base_hash: String::new(), images };
        python.warm_base()?;
        Ok(python)
    }

    /// The base after some calls of our own: what every image would have in common is in the base instead.
    fn warm_base(&mut self) -> Result<(), OpenError> {
        let (delta, hash) = self.images.warm(|| making::warm(self))?;
        let base = slots::Image::base(runtime::BASE_IMAGE, Some(&delta)).map_err(OpenError::Slots)?;
        (self.base, self.base_hash) = (Arc::new(base), hash);
        Ok(())
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Slots that were put back without asking the kernel, with asking it, made anew, and given up.
    pub(crate) fn slot_figures(&self) -> [u64; 4] {
        self.slots.figures()
    }

    /// Loads the strategy, whether or not its image is there, and keeps the image for the runs that follow.
    pub(crate) async fn load(&self, source: Source<'_>, limits: &Limits) -> Result<Arc<Loaded>, RunReport> {
        self.images.renew(self, source, limits).await
    }

    /// The strategy's image, made where it is not there yet.
    pub(crate) async fn loaded(&self, source: Source<'_>, limits: &Limits) -> Result<Arc<Loaded>, RunReport> {
        self.images.get(self, source, limits).await
    }

    /// A fresh instance whose memory begins with the image.
    async fn instance_of(
        &self,
        image: &Arc<slots::Image>,
        visit: &Arc<Visit>,
        store: &mut Store<RunState>,
    ) -> wasmtime::Result<Instance> {
        store.data_mut().limiter.begin_with(image.len())?;
        slots::with_image(image, visit, self.prepared.instantiate_async(store)).await
    }

    /// A fresh instance of the loaded strategy. The run that has it must be watched by `visit`.
    pub(crate) async fn instantiate(
        &self,
        loaded: &Loaded,
        visit: &Arc<Visit>,
        store: &mut Store<RunState>,
    ) -> wasmtime::Result<PythonRuntime> {
        let instance = self.instance_of(&loaded.image, visit, store).await?;
        PythonRuntime::new(store, &instance)
    }
}

impl Loaded {
    /// What loading it came to.
    pub(crate) fn report(&self) -> RunReport {
        self.report.clone()
    }
}
