//! The Python runtime: embedded as WebAssembly, compiled once on each machine, kept on disk as native code.

use std::borrow::Cow;
use std::io;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::artefact::Artefacts;
use crate::error::OpenError;

/// The Python runtime component (`wit/python-runtime.wit`) without its memory's content, as the build script made it.
pub(crate) static FLATTENED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/python-runtime.wasm"));

/// What its memory begins with: the size, then the content compressed. A server reads it once, and would hold all of it otherwise.
static BASE_IMAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/python-runtime.image.lz4"));

/// BLAKE3 of both, one after the other, 64 hexadecimal digits, taken while building.
pub(crate) const RUNTIME_HASH: &str = env!("STRATAGEM_RUNTIME_HASH");

/// Enough for this version, the one before, and two more that share the directory.
const KEPT: usize = 4;

/// How far the start has come. Compiling takes some 10 s on two cores, and only the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// No usable artefact was found: the runtime of so many bytes is being compiled.
    Compiling {
        /// Size of the component.
        bytes: usize,
    },
    /// It is still being compiled; comes once a second.
    StillCompiling {
        /// Time since it began.
        elapsed: Duration,
    },
    /// The runtime is ready.
    Ready {
        /// True where it had to be compiled, false where the artefact on disk was good.
        compiled: bool,
        /// Time that either took.
        elapsed: Duration,
    },
}

/// What the runtime's memory begins with.
pub(super) fn base_image() -> Result<Vec<u8>, OpenError> {
    lz4_flex::decompress_size_prepended(BASE_IMAGE).map_err(|error| OpenError::Memories(io::Error::other(error)))
}

/// The compiled runtime, which has a memory without content: from disk where an authentic artefact is there, else compiled and kept.
pub(super) fn open(
    engine: &Engine,
    artefacts: &Artefacts,
    progress: &mut dyn FnMut(Progress),
) -> Result<Component, OpenError> {
    from_disk_or(engine, RUNTIME_HASH, artefacts, progress, || Ok(Cow::Borrowed(FLATTENED)))
}

/// The same with a memory that is imported.
pub(super) fn open_with_imported_memory(
    engine: &Engine,
    artefacts: &Artefacts,
    progress: &mut dyn FnMut(Progress),
) -> Result<Component, OpenError> {
    let name = format!("{RUNTIME_HASH} with imported memory");
    from_disk_or(engine, &name, artefacts, progress, || {
        let pages = base_image()?.len() / stratagem_flatten::PAGE;
        let component = stratagem_flatten::with_imported_memory(FLATTENED, pages as u64);
        component.map(Cow::Owned).map_err(|error| OpenError::Compile(error.to_string()))
    })
}

fn from_disk_or(
    engine: &Engine,
    name: &str,
    artefacts: &Artefacts,
    progress: &mut dyn FnMut(Progress),
    wasm: impl FnOnce() -> Result<Cow<'static, [u8]>, OpenError>,
) -> Result<Component, OpenError> {
    let started = Instant::now();
    if let Some(component) = artefacts.load(name) {
        progress(Progress::Ready { compiled: false, elapsed: started.elapsed() });
        return Ok(component);
    }
    progress(Progress::Compiling { bytes: FLATTENED.len() });
    let component = compile(engine, &wasm()?, started, progress)?;
    let code = component.serialize().map_err(io::Error::other);
    if let Err(error) = code.and_then(|code| artefacts.store(name, &code, KEPT)) {
        tracing::warn!(%error, "the compiled Python runtime was not kept: every start compiles it anew");
    }
    progress(Progress::Ready { compiled: true, elapsed: started.elapsed() });
    Ok(component)
}

/// Compiles on another thread, so that this one can tell how long it has been.
fn compile(
    engine: &Engine,
    wasm: &[u8],
    started: Instant,
    progress: &mut dyn FnMut(Progress),
) -> Result<Component, OpenError> {
    thread::scope(|scope| {
        let (sender, compiled) = channel();
        thread::Builder::new().name("stratagem-compile".to_owned()).spawn_scoped(scope, move || {
            // The receiver is there until the scope ends.
            let _ = sender.send(Component::new(engine, wasm));
        })?;
        loop {
            match compiled.recv_timeout(Duration::from_secs(1)) {
                Ok(component) => return component.map_err(|error| OpenError::Compile(format!("{error:#}"))),
                Err(RecvTimeoutError::Timeout) => progress(Progress::StillCompiling { elapsed: started.elapsed() }),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(OpenError::Compile("the compiling thread ended without a result".to_owned()));
                }
            }
        }
    })
}
