//! The Python runtime: embedded as WebAssembly, compiled once on each machine, kept on disk as native code.
//!
//! Whoever can write native code into the artefact directory could run it in the server. So an artefact is one only if
//! its first 32 bytes are the keyed hash of its name and content, under a key that the server alone has.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::engine::WASMTIME_VERSION;
use crate::error::OpenError;

/// The Python runtime component, see `wit/python-runtime.wit`.
pub(crate) const RUNTIME: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/python-runtime.wasm"));

/// Its BLAKE3 hash as 64 hexadecimal digits, taken while building.
pub(crate) const RUNTIME_HASH: &str = env!("STRATAGEM_RUNTIME_HASH");

const MAC_BYTES: usize = blake3::OUT_LEN;

/// Enough for this version, the one before, and two more that share the directory.
const ARTEFACTS_KEPT: usize = 4;

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

/// The compiled runtime: from disk where an authentic artefact is there, else compiled and kept.
pub(crate) fn runtime(
    engine: &Engine,
    directory: &Path,
    key: &[u8; 32],
    progress: &mut dyn FnMut(Progress),
) -> Result<Component, OpenError> {
    let started = Instant::now();
    let name = artefact_name(engine);
    let path = directory.join(format!("{name}.artefact"));
    if let Some(component) = load(engine, &path, &name, key) {
        progress(Progress::Ready { compiled: false, elapsed: started.elapsed() });
        return Ok(component);
    }
    progress(Progress::Compiling { bytes: RUNTIME.len() });
    let component = compile(engine, started, progress)?;
    if let Err(error) = component.serialize().map_err(io::Error::other).and_then(|c| store(&path, &name, key, &c)) {
        tracing::warn!(path = %path.display(), %error, "the compiled Python runtime was not kept: every start compiles it anew");
    }
    tidy(directory);
    progress(Progress::Ready { compiled: true, elapsed: started.elapsed() });
    Ok(component)
}

/// Names what the native code depends on: the component, the engine's settings on this processor, wasmtime's version.
fn artefact_name(engine: &Engine) -> String {
    struct Feed(blake3::Hasher);
    impl std::hash::Hasher for Feed {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut feed = Feed(blake3::Hasher::new());
    feed.0.update(RUNTIME_HASH.as_bytes()).update(WASMTIME_VERSION.as_bytes());
    std::hash::Hash::hash(&engine.precompile_compatibility_hash(), &mut feed);
    feed.0.finalize().to_hex().to_string()
}

/// The name is hashed too, so that an authentic artefact of another runtime cannot be put in this one's place.
fn mac(key: &[u8; 32], name: &str, code: &[u8]) -> blake3::Hash {
    blake3::Hasher::new_keyed(key).update(name.as_bytes()).update(code).finalize()
}

/// None where there is no artefact, or none that we made.
fn load(engine: &Engine, path: &Path, name: &str, key: &[u8; 32]) -> Option<Component> {
    let file = match fs::read(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "the compiled Python runtime cannot be read: compiling it anew");
            return None;
        }
    };
    let Some((stored, code)) = file.split_first_chunk::<MAC_BYTES>() else {
        tracing::warn!(path = %path.display(), "the compiled Python runtime is cut short: compiling it anew");
        return None;
    };
    if mac(key, name, code) != *stored {
        tracing::warn!(path = %path.display(), "the compiled Python runtime is not the one we stored: refused, compiling it anew");
        return None;
    }
    #[expect(unsafe_code, reason = "loading native code is unsafe by nature, and compiling at every start takes 10 s")]
    // SAFETY: the bytes must come from this wasmtime's own compiler. The hash of exactly these bytes in memory has just
    // been compared (in constant time) with one that needs the server's key; only `store` makes it, from
    // `Component::serialize`. Version and settings are part of the hashed name, and wasmtime checks them once more.
    let component = unsafe { Component::deserialize(engine, code) };
    component
        .inspect_err(|error| {
            tracing::warn!(path = %path.display(), error = format!("{error:#}"), "the compiled Python runtime does not load: compiling it anew");
        })
        .ok()
}

/// Compiles on another thread, so that this one can tell how long it has been.
fn compile(engine: &Engine, started: Instant, progress: &mut dyn FnMut(Progress)) -> Result<Component, OpenError> {
    thread::scope(|scope| {
        let (sender, compiled) = channel();
        thread::Builder::new().name("stratagem-compile".to_owned()).spawn_scoped(scope, move || {
            // The receiver is there until the scope ends.
            let _ = sender.send(Component::new(engine, RUNTIME));
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

/// Writes beside the final name and renames: a reader sees the whole artefact or none.
fn store(path: &Path, name: &str, key: &[u8; 32], code: &[u8]) -> io::Result<()> {
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    if let Some(directory) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let temporary = path.with_extension(format!("{}-{}.tmp", process::id(), SERIAL.fetch_add(1, Ordering::Relaxed)));
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    write(file, &mac(key, name, code), code).and_then(|()| fs::rename(&temporary, path)).inspect_err(|_| {
        // What is left of a failed attempt helps nobody; that it cannot be removed is no news.
        let _ = fs::remove_file(&temporary);
    })
}

/// Removes all but the newest artefacts: each is some 50 MB, and each new runtime leaves one behind. A failure is no
/// trouble but disk space.
fn tidy(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut artefacts: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "artefact"))
        .filter_map(|path| Some((fs::metadata(&path).ok()?.modified().ok()?, path)))
        .collect();
    artefacts.sort();
    for (_, path) in artefacts.iter().rev().skip(ARTEFACTS_KEPT) {
        let _ = fs::remove_file(path);
    }
}

fn write(mut file: File, mac: &blake3::Hash, code: &[u8]) -> io::Result<()> {
    file.write_all(mac.as_bytes())?;
    file.write_all(code)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_artefact_is_authentic_under_its_key_and_name_alone() {
        let (key, name) = ([7; 32], "a".repeat(64));
        assert_eq!(mac(&key, &name, b"code"), mac(&key, &name, b"code"));
        assert_ne!(mac(&key, &name, b"code"), mac(&[8; 32], &name, b"code"));
        assert_ne!(mac(&key, &name, b"code"), mac(&key, &"b".repeat(64), b"code"));
        assert_ne!(mac(&key, &name, b"code"), mac(&key, &name, b"c0de"));
    }

    #[test]
    fn what_is_stored_loads_only_unchanged() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/new.artefact");
        let engine = crate::engine::engine().unwrap();
        store(&path, "name", &[7; 32], &engine.precompile_component(b"\0asm\x0d\0\x01\0").unwrap()).unwrap();
        assert!(load(&engine, &path, "name", &[7; 32]).is_some());
        assert!(load(&engine, &path, "name", &[8; 32]).is_none(), "another key");
        assert!(load(&engine, &path, "other", &[7; 32]).is_none(), "another name");

        let mut file = fs::read(&path).unwrap();
        for byte in [0, MAC_BYTES, file.len() - 1] {
            file[byte] ^= 1;
            fs::write(&path, &file).unwrap();
            assert!(load(&engine, &path, "name", &[7; 32]).is_none(), "byte {byte}");
            file[byte] ^= 1;
        }
        fs::write(&path, &file[..10]).unwrap();
        assert!(load(&engine, &path, "name", &[7; 32]).is_none(), "cut short");
    }

    #[test]
    fn old_artefacts_go() {
        let directory = tempfile::tempdir().unwrap();
        for number in 0..9 {
            fs::write(directory.path().join(format!("{number}.artefact")), "").unwrap();
        }
        fs::write(directory.path().join("other"), "").unwrap();
        tidy(directory.path());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), ARTEFACTS_KEPT + 1);
    }
}
