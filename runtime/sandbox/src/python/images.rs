//! The images of strategies: those in use in memory, all of them on disk.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use stratagem_domain::strategy::{Limits, RunReport};
use tokio::sync::OnceCell;

use super::runtime::RUNTIME_HASH;
use super::{Loaded, Python, making};
use crate::artefact::Files;
use crate::error::OpenError;
use crate::image::Delta;
use crate::strategy::Source;

/// Images that are kept on disk. One that is used after it went is made anew, which takes milliseconds.
const KEPT: usize = 500;

/// Bases that are kept: finding one's lasting objects takes some seconds.
const KEPT_BASES: usize = 4;

/// Changes where the same source and base would give another image.
const RECIPE: &str = "stratagem: image of a strategy, 2026-11";

/// Changes where the same runtime would give another base.
const RECIPE_OF_BASE: &str = "stratagem: base of images, 2026-11";

pub(crate) struct Images {
    held: Mutex<VecDeque<Held>>,
    /// How many are held.
    most: usize,
    files: Files,
    /// What the runtime's own memory becomes, of this version and some before.
    bases: Files,
}

struct Held {
    key: String,
    /// Empty while the image is being made; who else needs it waits.
    loaded: Arc<OnceCell<Arc<Loaded>>>,
}

impl Images {
    pub(crate) fn new(files: Files, bases: Files, most: usize) -> Self {
        Self { held: Mutex::default(), most, files, bases }
    }

    /// What the runtime's own memory becomes once it is warmed up, from disk or made, and its hash: an image is told apart from
    /// one base and makes no sense over another.
    pub(super) fn warm(&self, make: impl FnOnce() -> Result<Delta, OpenError>) -> Result<(Delta, String), OpenError> {
        let hash = |encoded: &[u8]| blake3::hash(encoded).to_hex().to_string();
        let key = blake3::derive_key(RECIPE_OF_BASE, RUNTIME_HASH.as_bytes());
        let key = blake3::Hash::from(key).to_hex().to_string();
        if let Some(encoded) = self.bases.read(&key)
            && let Ok(delta) = Delta::decode(&encoded)
        {
            return Ok((delta, hash(&encoded)));
        }
        let delta = make()?;
        let encoded = delta.encode();
        if let Err(error) = self.bases.write(&key, &encoded, KEPT_BASES) {
            tracing::warn!(%error, "the warm image of the Python runtime was not kept: every start makes it anew");
        }
        Ok((delta, hash(&encoded)))
    }

    pub(super) async fn get(
        &self,
        python: &Python,
        source: Source<'_>,
        limits: &Limits,
    ) -> Result<Arc<Loaded>, RunReport> {
        let key = source.key(&python.base_hash);
        let cell = self.cell(&key);
        let loaded = cell.get_or_try_init(|| async {
            match self.read(python, &key) {
                Some(loaded) => Ok(Arc::new(loaded)),
                None => self.make(python, source, &key, limits).await.map(Arc::new),
            }
        });
        loaded.await.cloned()
    }

    pub(super) async fn renew(
        &self,
        python: &Python,
        source: Source<'_>,
        limits: &Limits,
    ) -> Result<Arc<Loaded>, RunReport> {
        let key = source.key(&python.base_hash);
        let made = Arc::new(self.make(python, source, &key, limits).await?);
        // Another one may have been made meanwhile: it is the same.
        Ok(self.cell(&key).get_or_init(|| async { made.clone() }).await.clone())
    }

    async fn make(&self, python: &Python, source: Source<'_>, key: &str, limits: &Limits) -> Result<Loaded, RunReport> {
        let made = making::make(python, source, limits).await?;
        if let Err(error) = self.files.write(key, &made.delta.encode(), KEPT) {
            tracing::warn!(%error, "a strategy's image was not kept: every start makes it anew");
        }
        let image = python.memories.over(&python.base, made.delta).map_err(|error| making::no_image(&error))?;
        Ok(Loaded { image, report: made.report })
    }

    /// The image on disk. Its report is empty: it was given when the strategy was loaded.
    fn read(&self, python: &Python, key: &str) -> Option<Loaded> {
        let encoded = self.files.read(key)?;
        let image = Delta::decode(&encoded)
            .map_err(io::Error::other)
            .and_then(|delta| python.memories.over(&python.base, delta));
        match image {
            Ok(image) => Some(Loaded { image, report: making::nothing_to_report() }),
            Err(error) => {
                tracing::warn!(%error, "a strategy's image cannot be used: making it anew");
                None
            }
        }
    }

    /// The place of that image among those that were used last.
    fn cell(&self, key: &str) -> Arc<OnceCell<Arc<Loaded>>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let found = held.iter().position(|held| held.key == key).and_then(|at| held.remove(at));
        let found = found.unwrap_or_else(|| Held { key: key.to_owned(), loaded: Arc::default() });
        let loaded = found.loaded.clone();
        held.push_front(found);
        held.truncate(self.most);
        loaded
    }
}

impl Source<'_> {
    /// What everything random follows from while it is loaded.
    pub(super) fn seed(&self) -> u64 {
        u64::from_str_radix(&self.key("")[..16], 16).unwrap_or_default()
    }

    /// What the image depends on, as 64 hexadecimal digits: the base with that hash, and the source.
    fn key(&self, base: &str) -> String {
        let mut hasher = blake3::Hasher::new_derive_key(RECIPE);
        let mut add = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
        };
        add(RUNTIME_HASH.as_bytes());
        add(base.as_bytes());
        add(self.hook.as_str().as_bytes());
        add(self.function.as_bytes());
        add(&self.loaded_at.timestamp_millis().to_le_bytes());
        add(self.sources.entry().as_bytes());
        for (path, text) in self.sources.modules() {
            add(path.as_bytes());
            add(text.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}
