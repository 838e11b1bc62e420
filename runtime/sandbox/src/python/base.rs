//! What every image begins with: the runtime's memory as it was built, prepared once on each machine. What images would have in
//! common is here instead.
//!
//! 1. The objects of the memory as it was built become immortal, and calls of functions whose code was made anew can be
//!    specialised ([`heap`]).
//! 2. Some calls warm it up, without a strategy. CPython notes then in its code what it meets, and that it need not count how
//!    often something immortal is referred to.
//! 3. What came to be meanwhile becomes immortal too.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use chrono::DateTime;
use stratagem_domain::strategy::Limits;
use wasmtime::Engine;
use wasmtime::component::Instance;

use super::heap;
use super::making::{WARM_UP_FUEL, snapshot, warm_up};
use super::runtime::base_image;
use super::way::{Image, Memories};
use crate::bindings::PythonRuntime;
use crate::error::OpenError;
use crate::image::Delta;
use crate::outbound::Closed;
use crate::run::Run;
use crate::slots::Visit;
use crate::strategy::Moment;

/// Calls that the base is warmed up with. CPython notes what it meets from the second to the eighth time on.
const CALLS: u32 = 8;

/// What the base has that the memory as it was built has not. Blocks, on a thread of its own: the caller's may be one that must not.
pub(super) fn make(engine: &Engine, memories: &Memories) -> Result<Delta, OpenError> {
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        runtime.block_on(made(engine, memories))
    };
    let ended = thread::scope(|scope| scope.spawn(work).join());
    ended.unwrap_or_else(|_| Err(OpenError::Warming("warming it up panicked".to_owned())))
}

async fn made(engine: &Engine, memories: &Memories) -> Result<Delta, OpenError> {
    let image = |memory: &[u8]| memories.base(memory, None).map_err(OpenError::Memories);
    let limits = Limits { hostcall_bytes: 64 << 20, ..Limits::default() };
    let mut memory = base_image()?;
    let as_built = image(&memory)?;
    {
        let mut one = Warming::begin(engine, memories, &as_built, &limits).await?;
        let remade = one.remade().await?;
        expect(heap::make_specialisable(&mut memory, &remade), remade.len(), "functions that were made anew")?;
        make_immortal(&mut memory, &one.addresses().await?)?;
    }
    let prepared = image(&memory)?;
    // The second is looked at and thrown away, because looking for objects makes some: what is deterministic is the same in both.
    let (mut one, mut other) = (
        Warming::begin(engine, memories, &prepared, &limits).await?,
        Warming::begin(engine, memories, &prepared, &limits).await?,
    );
    one.warm_up().await?;
    other.warm_up().await?;
    let mut memory = one.snapshot().await?;
    make_immortal(&mut memory, &other.addresses().await?)?;
    Ok(as_built.delta_to(&memory))
}

fn make_immortal(memory: &mut [u8], addresses: &[u32]) -> Result<(), OpenError> {
    expect(heap::make_immortal(memory, addresses), addresses.len(), "objects")
}

/// With another CPython, objects may look otherwise.
fn expect(changed: usize, all: usize, what: &str) -> Result<(), OpenError> {
    match changed * 10 >= all * 9 && changed > 0 {
        true => Ok(()),
        false => Err(OpenError::Warming(format!("only {changed} of {all} {what} are as this CPython has them"))),
    }
}

/// An instance of the runtime, without a strategy.
struct Warming<'a> {
    run: Run<'a>,
    instance: Instance,
    exports: PythonRuntime,
}

impl<'a> Warming<'a> {
    async fn begin(engine: &Engine, memories: &Memories, image: &Image, limits: &'a Limits) -> Result<Self, OpenError> {
        let at = Moment { now: DateTime::UNIX_EPOCH, time_zone: "UTC", seed: 0 };
        let mut run = Run::new(engine, Arc::new(Closed), &at, limits, Instant::now()).map_err(OpenError::warming)?;
        let instance = memories.instantiate(image, &Visit::anywhere(), run.store()).await.map_err(OpenError::link)?;
        let exports = PythonRuntime::new(run.store(), &instance).map_err(OpenError::link)?;
        Ok(Self { run, instance, exports })
    }

    async fn warm_up(&mut self) -> Result<(), OpenError> {
        warm_up(&mut self.run, &self.exports, CALLS).await.map_err(OpenError::warming)
    }

    async fn remade(&mut self) -> Result<Vec<u32>, OpenError> {
        self.exports.call_remade(self.run.store()).await.map_err(OpenError::link)
    }

    async fn addresses(&mut self) -> Result<Vec<u32>, OpenError> {
        self.run.refuel(100 * WARM_UP_FUEL).map_err(OpenError::warming)?;
        self.exports.call_addresses(self.run.store()).await.map_err(OpenError::link)
    }

    async fn snapshot(&mut self) -> Result<Vec<u8>, OpenError> {
        snapshot(&mut self.run, &self.instance).await.map_err(OpenError::warming)
    }
}
