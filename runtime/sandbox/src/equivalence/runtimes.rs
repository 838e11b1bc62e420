//! The two components, compiled once on each machine.

use std::path::PathBuf;
use std::sync::OnceLock;

use stratagem_flatten::{features, flatten, with_image};
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::artefact::Artefacts;
use crate::engine::{self, Ticker};
use crate::interfaces;
use crate::state::RunState;

/// One of them, ready to be instantiated.
pub(super) struct Runtime {
    pub(super) engine: Engine,
    pub(super) prepared: InstancePre<RunState>,
}

pub(super) struct Both {
    /// As componentize-py made it.
    pub(super) original: Runtime,
    /// Flattened, with its memory's content as data again.
    pub(super) flattened: Runtime,
    _ticker: Ticker,
}

pub(super) fn both() -> &'static Both {
    static BOTH: OnceLock<Both> = OnceLock::new();
    BOTH.get_or_init(|| {
        let original = std::fs::read(env!("STRATAGEM_RUNTIME_PATH")).unwrap();
        let flattened = flatten(&original, features()).unwrap();
        let flattened = with_image(&flattened.component, &flattened.image).unwrap();
        let engine = engine::engine().unwrap();
        Both {
            original: Runtime::new(&engine, &original),
            flattened: Runtime::new(&engine, &flattened),
            _ticker: Ticker::start([engine.clone(), engine]).unwrap(),
        }
    })
}

impl Runtime {
    fn new(engine: &Engine, wasm: &[u8]) -> Self {
        let mut linker = Linker::new(engine);
        interfaces::link(&mut linker).unwrap();
        let prepared = linker.instantiate_pre(&compiled(engine, wasm, "equivalence", KEPT)).unwrap();
        Self { engine: engine.clone(), prepared }
    }
}

/// These two, and those of another version of the runtime.
const KEPT: usize = 4;

/// From disk, or compiled, which takes some 10 s, and kept in that folder of the tests' artefacts, with so many others.
pub(super) fn compiled(engine: &Engine, wasm: &[u8], folder: &str, kept: usize) -> Component {
    let artefacts = Artefacts::new(engine, &folder_of_tests(folder), KEY);
    let hash = blake3::hash(wasm).to_hex();
    artefacts.load(&hash).unwrap_or_else(|| {
        let component = Component::new(engine, wasm).unwrap();
        artefacts.store(&hash, &component.serialize().unwrap(), kept).unwrap();
        component
    })
}

/// The key of all that tests keep.
pub(super) const KEY: [u8; 32] = [7; 32];

pub(super) fn folder_of_tests(folder: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/stratagem/artefacts-test").join(folder)
}
