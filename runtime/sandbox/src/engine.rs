//! The engine's settings: what a guest may use of WebAssembly, and how it is stopped.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use wasmtime::{Config, Engine, InstanceAllocationStrategy, WasmFeatures};

use crate::error::OpenError;
use crate::pool;
use crate::slots::Slots;

/// Version of wasmtime, part of a compiled artefact's name. A test compares it with `Cargo.lock`.
pub(crate) const WASMTIME_VERSION: &str = "48.0.8";

/// How often a running guest gives way to other tasks of its thread, which is also how fast a time-out takes effect.
const TICK: Duration = Duration::from_millis(10);

/// Stack of the guest, in bytes. With Python's recursion limit of 1,000 every recursion in Python then ends as a
/// `RecursionError` and only 100,000-deep data overflows (figures in `design/PYTHON_GUEST.md`).
const WASM_STACK: usize = 2 << 20;

/// Stack of a whole run: the guest's and, on top of it, that of host functions that the guest calls.
const RUN_STACK: usize = WASM_STACK + (1 << 20);

/// The engine that compiled strategies share.
pub(crate) fn engine() -> Result<Engine, OpenError> {
    Engine::new(&config()).map_err(|error| OpenError::Engine(format!("{error:#}")))
}

/// The engine that source strategies share: the same settings, with memories and stacks of our own.
pub(crate) fn with_slots(slots: &Slots) -> Result<Engine, OpenError> {
    let mut config = config();
    // The memory's content is ours alone: the module has none, and wasmtime must not make any.
    config.memory_init_cow(false).with_host_memory(Arc::new(slots.clone())).with_host_stack(Arc::new(slots.clone()));
    Engine::new(&config).map_err(|error| OpenError::Engine(format!("{error:#}")))
}

/// The engine that source strategies share where there are no slots.
pub(crate) fn with_pool() -> Result<Engine, OpenError> {
    let mut config = config();
    pool::configure(&mut config);
    Engine::new(&config).map_err(|error| OpenError::Engine(format!("{error:#}")))
}

/// An engine that compiles for [`engine`] on one thread, and does not run anything.
pub(crate) fn compiling_engine() -> Result<Engine, OpenError> {
    Engine::new(config().parallel_compilation(false)).map_err(|error| OpenError::Engine(format!("{error:#}")))
}

/// What a component may use of WebAssembly: what its type is read with before it is compiled.
pub(crate) fn features() -> WasmFeatures {
    stratagem_flatten::features()
}

fn config() -> Config {
    let mut config = Config::new();
    config
        .wasm_features(WasmFeatures::default().difference(features()), false)
        .concurrency_support(false)
        .consume_fuel(true)
        .epoch_interruption(true)
        // The same bytes for the same input, on every machine.
        .cranelift_nan_canonicalization(true)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(RUN_STACK)
        // Addresses in the runtime's own code tell a tenant nothing; Python's traceback does.
        .wasm_backtrace_max_frames(None)
        // Costs nothing until a guest is stopped: then its memory tells which line of Python was being executed.
        .coredump_on_trap(true)
        .generate_address_map(false)
        .native_unwind_info(false)
        // No bound on runs at a time, and memory goes back after each. The pooling allocator takes the same processor time,
        // and 30 % less only where every slot keeps the whole memory image (20 MB) resident.
        .allocation_strategy(InstanceAllocationStrategy::OnDemand);
    config
}

/// Moves the engines' epochs forward every 10 ms until it is dropped.
///
/// A thread of its own, so that it ticks while every worker of the async runtime is busy inside a guest.
pub(crate) struct Ticker {
    _ends_when_dropped: Sender<()>,
}

impl Ticker {
    /// Starts the thread.
    pub(crate) fn start(engines: [Engine; 2]) -> Result<Self, OpenError> {
        let (sender, ended) = channel::<()>();
        thread::Builder::new().name("stratagem-epoch".to_owned()).spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(TICK) {
                engines.iter().for_each(Engine::increment_epoch);
            }
        })?;
        Ok(Self { _ends_when_dropped: sender })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_in_artefact_names_is_the_one_in_the_lock_file() {
        let lock = include_str!("../../../Cargo.lock");
        assert!(lock.contains(&format!("name = \"wasmtime\"\nversion = \"{WASMTIME_VERSION}\"\n")));
    }

    #[test]
    fn the_engines_accept_their_settings() {
        engine().unwrap();
        with_pool().unwrap();
    }
}
