//! The two ways to give a run a memory that begins with an image. What a strategy does is the same on both.

use std::io;
use std::sync::Arc;

use wasmtime::component::{Instance, InstancePre, Linker};
use wasmtime::{Engine, Store};

use super::runtime::{self, Progress};
use crate::artefact::Artefacts;
use crate::engine;
use crate::error::OpenError;
use crate::image::Delta;
use crate::interfaces;
use crate::pool::{self, Pool};
use crate::slots::{self, Slots, Visit};
use crate::state::RunState;

/// How a run of a source strategy gets its memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Memories of our own, put back page by page after a run: the fastest. Needs `PAGEMAP_SCAN`, which Linux has since 6.7.
    Slots,
    /// Memories of wasmtime's own pool, without unsafe code of ours: half as fast with `PAGEMAP_SCAN`, and several times as slow
    /// without.
    Pooling,
}

/// A process has one way alone.
const ANOTHER_WAY: &str = "an image of another way";

/// One of the ways, ready to make instances.
pub(super) enum Memories {
    Slots { slots: Slots, prepared: InstancePre<RunState> },
    Pooling(Box<Pool>),
}

/// What a memory begins with, as that way holds it.
pub(super) enum Image {
    Slots(Arc<slots::Image>),
    Pooling(pool::Image),
}

impl Memories {
    /// The way that is asked for, or else the fastest that works here; and its engine. With `verify`, what slots show is compared
    /// with their image after each run.
    pub(super) fn open(
        way: Option<Way>,
        verify: bool,
        artefacts: &Artefacts,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(Engine, Self), OpenError> {
        let slots = match way {
            Some(Way::Pooling) => None,
            Some(Way::Slots) => Some(Slots::new(verify).map_err(OpenError::Slots)?),
            None => Slots::new(verify)
                .inspect_err(|error| {
                    tracing::warn!(%error, "this machine has no slots for memories: each decision takes several times as long");
                })
                .ok(),
        };
        match slots {
            Some(slots) => {
                let engine = engine::with_slots(&slots)?;
                let component = runtime::open(&engine, &artefacts.of(&engine), progress)?;
                let prepared = linker(&engine)?.instantiate_pre(&component).map_err(OpenError::link)?;
                Ok((engine, Self::Slots { slots, prepared }))
            }
            None => {
                let engine = engine::with_pool()?;
                let component = runtime::open_with_imported_memory(&engine, &artefacts.of(&engine), progress)?;
                let pool = Pool::new(component, linker(&engine)?);
                Ok((engine, Self::Pooling(Box::new(pool))))
            }
        }
    }

    pub(super) fn way(&self) -> Way {
        match self {
            Self::Slots { .. } => Way::Slots,
            Self::Pooling(_) => Way::Pooling,
        }
    }

    /// Slots that were put back without asking the kernel, with asking it, made anew, and given up.
    pub(super) fn slot_figures(&self) -> [u64; 4] {
        match self {
            Self::Slots { slots, .. } => slots.figures(),
            Self::Pooling(_) => [0; 4],
        }
    }

    /// Images of strategies that are held in memory. In slots each is of some 2 MB, and a slot for each thread.
    pub(super) fn images(&self) -> usize {
        match self {
            Self::Slots { .. } => 128,
            Self::Pooling(_) => 16,
        }
    }

    /// The image that others are told apart from: some bytes, of which a delta changes pages.
    pub(super) fn base(&self, bytes: &[u8], delta: Option<&Delta>) -> io::Result<Image> {
        match self {
            Self::Slots { .. } => slots::Image::base(bytes, delta).map(Arc::new).map(Image::Slots),
            Self::Pooling(pool) => pool.base(bytes, delta).map(Image::Pooling),
        }
    }

    /// The base with the delta's pages.
    pub(super) fn over(&self, base: &Image, delta: Delta) -> io::Result<Image> {
        match (self, base) {
            (Self::Slots { .. }, Image::Slots(base)) => {
                slots::Image::over(base, &delta).map(Arc::new).map(Image::Slots)
            }
            (Self::Pooling(pool), Image::Pooling(base)) => pool.over(base, delta).map(Image::Pooling),
            _ => Err(io::Error::other(ANOTHER_WAY)),
        }
    }

    /// A fresh instance whose memory begins with the image. The run must be watched by `visit`.
    pub(super) async fn instantiate(
        &self,
        image: &Image,
        visit: &Arc<Visit>,
        store: &mut Store<RunState>,
    ) -> wasmtime::Result<Instance> {
        store.data_mut().limiter.begin_with(image.len())?;
        match (self, image) {
            (Self::Slots { prepared, .. }, Image::Slots(image)) => {
                slots::with_image(image, visit, prepared.instantiate_async(store)).await
            }
            (Self::Pooling(pool), Image::Pooling(image)) => pool.instantiate(image, store).await,
            _ => wasmtime::bail!(ANOTHER_WAY),
        }
    }
}

impl Image {
    fn len(&self) -> usize {
        match self {
            Self::Slots(image) => image.len(),
            Self::Pooling(image) => image.len(),
        }
    }

    /// What `memory` has that this base has not.
    pub(super) fn delta_to(&self, memory: &[u8]) -> Delta {
        match self {
            Self::Slots(image) => image.delta_to(memory),
            Self::Pooling(image) => image.delta_to(memory),
        }
    }

    /// All of the content, copied.
    pub(super) fn content(&self) -> Vec<u8> {
        match self {
            Self::Slots(image) => image.content(),
            Self::Pooling(image) => image.content(),
        }
    }
}

fn linker(engine: &Engine) -> Result<Linker<RunState>, OpenError> {
    let mut linker = Linker::new(engine);
    interfaces::link(&mut linker).map_err(OpenError::link)?;
    Ok(linker)
}
