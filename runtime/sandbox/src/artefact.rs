//! Native code and images on disk, trusted only if we made them.
//!
//! Whoever can write native code into the artefact directory could run it in the server. So an artefact is one only if
//! its first 32 bytes are the keyed hash of its name and content, under a key that the server alone has.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::ops::Deref;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::engine::WASMTIME_VERSION;

const MAC_BYTES: usize = blake3::OUT_LEN;

/// A directory of files that only the owner of the key can have made.
pub(crate) struct Files {
    directory: PathBuf,
    key: [u8; 32],
}

/// What such a file holds.
pub(crate) struct Content(Vec<u8>);

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0[MAC_BYTES..]
    }
}

impl Files {
    /// The file of that name. None where there is none, or none that we made.
    pub(crate) fn read(&self, name: &str) -> Option<Content> {
        let path = self.path(name);
        let file = match fs::read(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "a kept file cannot be read: making it anew");
                return None;
            }
        };
        let Some((stored, content)) = file.split_first_chunk::<MAC_BYTES>() else {
            tracing::warn!(path = %path.display(), "a kept file is cut short: making it anew");
            return None;
        };
        if mac(&self.key, name, content) != *stored {
            tracing::warn!(path = %path.display(), "a kept file is not what we stored: refused, making it anew");
            return None;
        }
        Some(Content(file))
    }

    /// Keeps the content under that name, and the `kept` newest files of all. Writes beside the final name and renames: a
    /// reader sees the whole file or none.
    pub(crate) fn write(&self, name: &str, content: &[u8], kept: usize) -> io::Result<()> {
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        let path = self.path(name);
        let temporary =
            path.with_extension(format!("{}-{}.tmp", process::id(), SERIAL.fetch_add(1, Ordering::Relaxed)));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        let written = write(file, &mac(&self.key, name, content), content).and_then(|()| fs::rename(&temporary, path));
        written.inspect_err(|_| {
            // What is left of a failed attempt helps nobody; that it cannot be removed is no news.
            let _ = fs::remove_file(&temporary);
        })?;
        self.tidy(kept);
        Ok(())
    }

    /// Removes all but the newest files. A failure is no trouble but disk space.
    fn tidy(&self, kept: usize) {
        let Ok(entries) = fs::read_dir(&self.directory) else { return };
        let paths = entries.flatten().map(|entry| entry.path());
        let mut artefacts: Vec<_> =
            paths.filter(|path| path.extension().is_some_and(|extension| extension == "artefact")).collect();
        if artefacts.len() <= kept {
            return;
        }
        artefacts.sort_by_cached_key(|path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok());
        for path in artefacts.iter().rev().skip(kept) {
            let _ = fs::remove_file(path);
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(format!("{name}.artefact"))
    }
}

/// A directory of compiled components, each known by the hash of the WebAssembly that it was compiled from.
pub(crate) struct Artefacts {
    engine: Engine,
    files: Files,
}

impl Artefacts {
    pub(crate) fn new(engine: &Engine, directory: &Path, key: [u8; 32]) -> Self {
        Self { engine: engine.clone(), files: Files { directory: directory.to_owned(), key } }
    }

    /// A directory within this one, under the same key.
    pub(crate) fn below(&self, name: &str) -> Self {
        Self { engine: self.engine.clone(), files: self.files(name) }
    }

    /// The same directory for the code of another engine.
    pub(crate) fn of(&self, engine: &Engine) -> Self {
        Self::new(engine, &self.files.directory, self.files.key)
    }

    /// A directory within this one, for other files than compiled components.
    pub(crate) fn files(&self, name: &str) -> Files {
        Files { directory: self.files.directory.join(name), key: self.files.key }
    }

    /// The compiled component of that hash. None where there is no artefact, or none that we made.
    pub(crate) fn load(&self, hash: &str) -> Option<Component> {
        let code = self.files.read(&self.name(hash))?;
        #[expect(
            unsafe_code,
            reason = "loading native code is unsafe by nature, and compiling at every start takes 10 s"
        )]
        // SAFETY: the bytes must come from this wasmtime's own compiler. The hash of exactly these bytes in memory has just
        // been compared (in constant time) with one that needs the server's key; only `store` makes it, from what the
        // compiler gave. Version and settings are part of the hashed name, and wasmtime checks them once more.
        let component = unsafe { Component::deserialize(&self.engine, &*code) };
        component
            .inspect_err(|error| {
                let error = format!("{error:#}");
                tracing::warn!(hash, error, "compiled code does not load: compiling it anew");
            })
            .ok()
    }

    /// Keeps what the compiler gave for the WebAssembly of that hash, and the `kept` newest of all.
    pub(crate) fn store(&self, hash: &str, code: &[u8], kept: usize) -> io::Result<()> {
        self.files.write(&self.name(hash), code, kept)
    }

    /// Names what the native code depends on: the component, the engine's settings on this processor, wasmtime's version.
    fn name(&self, hash: &str) -> String {
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
        feed.0.update(hash.as_bytes()).update(WASMTIME_VERSION.as_bytes());
        std::hash::Hash::hash(&self.engine.precompile_compatibility_hash(), &mut feed);
        feed.0.finalize().to_hex().to_string()
    }
}

/// The name is hashed too, so that an authentic artefact of another component cannot be put in this one's place.
fn mac(key: &[u8; 32], name: &str, code: &[u8]) -> blake3::Hash {
    blake3::Hasher::new_keyed(key).update(name.as_bytes()).update(code).finalize()
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
        let engine = crate::engine::engine().unwrap();
        let artefacts = |key| Artefacts::new(&engine, &directory.path().join("deep/new"), key);
        let ours = artefacts([7; 32]);
        ours.store("hash", &engine.precompile_component(b"\0asm\x0d\0\x01\0").unwrap(), 9).unwrap();
        assert!(ours.load("hash").is_some());
        assert!(artefacts([8; 32]).load("hash").is_none(), "another key");
        fs::copy(ours.files.path(&ours.name("hash")), ours.files.path(&ours.name("other"))).unwrap();
        assert!(ours.load("other").is_none(), "another name");

        let path = ours.files.path(&ours.name("hash"));
        let mut file = fs::read(&path).unwrap();
        for byte in [0, MAC_BYTES, file.len() - 1] {
            file[byte] ^= 1;
            fs::write(&path, &file).unwrap();
            assert!(ours.load("hash").is_none(), "byte {byte}");
            file[byte] ^= 1;
        }
        fs::write(&path, &file[..10]).unwrap();
        assert!(ours.load("hash").is_none(), "cut short");
    }

    #[test]
    fn old_artefacts_go() {
        let directory = tempfile::tempdir().unwrap();
        for number in 0..9 {
            fs::write(directory.path().join(format!("{number}.artefact")), "").unwrap();
        }
        fs::write(directory.path().join("other"), "").unwrap();
        Files { directory: directory.path().to_owned(), key: [7; 32] }.tidy(4);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 4 + 1);
    }
}
