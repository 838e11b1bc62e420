//! Uploaded files and components: objects in a store that all nodes share, a folder or one that speaks S3.
//!
//! Objects are named by tenant: `<tenant>/imports/<id>` and `<tenant>/components/<hash>.wasm`. They come in as streams
//! ([`Files::put`], in `upload.rs`) and are whole or absent. What reads one needs a file on this machine: a folder's objects
//! are read where they are, others from a copy in the scratch folder (`scratch.rs`) that lasts as long as its reader
//! ([`Files::on_disk`]). What nobody refers to any more is swept up (`sweep.rs`).

mod error;
mod name;
mod open;
mod ready;
mod scratch;
mod sweep;
#[cfg(test)]
mod tests;
mod upload;

use std::{fmt, path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt, local::LocalFileSystem};
use stratagem_store::Scope;
use tokio::io::{AsyncWriteExt, BufWriter};

pub use error::{FilesError, PutError};
pub use name::ObjectName;
pub use scratch::OnDisk;
pub use upload::Stored;

use ready::LastLook;
use scratch::Scratch;

/// Bytes that are asked for at once, where a store is no folder.
const SLICE: u64 = 16 << 20;
/// How long after an object was written nobody may refer to it yet: whoever wrote it is about to.
const SETTLED: Duration = Duration::from_secs(3600);

/// Uploaded files and components. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    /// The same store, where it is a folder.
    folder: Option<LocalFileSystem>,
    /// Where it is, as it was set.
    place: String,
    scratch: Arc<Scratch>,
    last_look: LastLook,
}

impl Files {
    /// The object as a file on this machine, for as long as the answer is held.
    pub async fn on_disk(&self, name: &ObjectName) -> Result<OnDisk, FilesError> {
        let scratch = self.scratch.place()?;
        if let Some(folder) = &self.folder {
            return Ok(scratch.beside(folder.path_to_filesystem(&name.0)?));
        }
        let copy = scratch.copy();
        self.fetch(name, copy.path()).await?;
        Ok(copy)
    }

    /// Copies the object, slice by slice: each has its own time and tries, however long the whole takes.
    async fn fetch(&self, name: &ObjectName, to: &Path) -> Result<(), FilesError> {
        let unwritable = |error| FilesError::Scratch(to.to_owned(), error);
        let file = tokio::fs::File::create(to).await.map_err(unwritable)?;
        let mut writer = BufWriter::with_capacity(256 << 10, file);
        let (size, mut at) = (self.store.head(&name.0).await?.size, 0);
        while at < size {
            let end = size.min(at + SLICE);
            let slice = GetOptions { range: Some((at..end).into()), ..GetOptions::default() };
            let mut chunks = self.store.get_opts(&name.0, slice).await?.into_stream();
            while let Some(chunk) = chunks.try_next().await? {
                writer.write_all(&chunk).await.map_err(unwritable)?;
            }
            at = end;
        }
        writer.flush().await.map_err(unwritable)
    }

    /// The whole object, which has to be a small one.
    pub async fn bytes(&self, name: &ObjectName) -> Result<Bytes, FilesError> {
        Ok(self.store.get(&name.0).await?.bytes().await?)
    }

    /// Bytes of all components that are kept for the tenant, but for this one.
    pub(crate) async fn components_beside(&self, scope: Scope, but: &ObjectName) -> Result<u64, FilesError> {
        let folder = name::components(scope);
        let others = self.store.list(Some(&folder)).try_filter(|object| std::future::ready(object.location != but.0));
        Ok(others.try_fold(0, async |bytes, object| Ok(bytes + object.size)).await?)
    }

    /// Removes an object; one that is gone already is fine.
    pub async fn delete(&self, name: &ObjectName) -> Result<(), FilesError> {
        match self.store.delete(&name.0).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes an object that nobody needs any more. What cannot be removed now is swept up later.
    pub async fn discard(&self, name: &ObjectName) {
        if let Err(error) = self.delete(name).await {
            tracing::warn!(%name, %error, "an uploaded file could not be removed yet");
        }
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Files({})", self.store)
    }
}
