//! Uploads, in the memory of a few parts. When one has been stored it survives a power cut; until then nothing is seen of it.

use std::{pin::pin, time::Duration};

use bytes::{Bytes, BytesMut};
use futures::{Stream, TryStreamExt};
use object_store::{ObjectStoreExt, WriteMultipart};

use super::{Files, FilesError, ObjectName, PutError};

/// Bytes of a part. Stores that speak S3 take 10,000 of them, each but the last of at least 5 MiB.
const PART: usize = 8 << 20;
/// The same for a folder, which takes what it gets.
const FOLDER_PART: usize = 1 << 20;
/// Parts that are under way while the next one fills.
const UNDER_WAY: usize = 2;
/// How long an upload may take. S3 dates an object by the beginning of its upload; without a limit an object might look
/// forgotten ([`super::sweep`]) at the moment it appears.
pub(super) const LONGEST: Duration = Duration::from_secs(12 * 3600);

/// What was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its size.
    pub bytes: u64,
    /// BLAKE3 of its content, in hex.
    pub hash: String,
}

impl Files {
    /// Streams an upload into the store, under a name that no other upload has at the same time. What was sent of one that
    /// fails, or whose future is dropped, is removed.
    pub async fn put<E>(
        &self,
        name: &ObjectName,
        most: u64,
        chunks: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<Stored, PutError<E>> {
        let stored = tokio::time::timeout(LONGEST, self.receive(name, most, chunks)).await;
        stored.unwrap_or(Err(PutError::TooSlow))
    }

    async fn receive<E>(
        &self,
        name: &ObjectName,
        most: u64,
        chunks: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<Stored, PutError<E>> {
        let mut chunks = pin!(chunks);
        let mut upload = Upload::new(self, name);
        let mut hasher = blake3::Hasher::new();
        let mut bytes = 0;
        while let Some(chunk) = chunks.try_next().await.map_err(PutError::Upload)? {
            bytes += chunk.len() as u64;
            if bytes > most {
                return Err(PutError::TooLarge);
            }
            hasher.update(&chunk);
            upload.write(&chunk).await?;
        }
        upload.finish().await?;
        Ok(Stored { bytes, hash: hasher.finalize().to_hex().to_string() })
    }
}

/// An upload that is under way.
struct Upload<'a> {
    files: &'a Files,
    name: &'a ObjectName,
    part_bytes: usize,
    part: BytesMut,
    /// There is none until the first part is full: what fits into one part is sent at once.
    writer: Option<WriteMultipart>,
}

impl<'a> Upload<'a> {
    fn new(files: &'a Files, name: &'a ObjectName) -> Self {
        let part_bytes = if files.folder.is_some() { FOLDER_PART } else { PART };
        Self { files, name, part_bytes, part: BytesMut::new(), writer: None }
    }

    async fn write(&mut self, mut chunk: &[u8]) -> Result<(), FilesError> {
        while !chunk.is_empty() {
            self.part.reserve(self.part_bytes - self.part.len());
            let (now, later) = chunk.split_at(chunk.len().min(self.part_bytes - self.part.len()));
            self.part.extend_from_slice(now);
            chunk = later;
            if self.part.len() == self.part_bytes {
                self.send().await?;
            }
        }
        Ok(())
    }

    async fn send(&mut self) -> Result<(), FilesError> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                let begun = self.files.store.put_multipart(&self.name.0).await?;
                none.insert(WriteMultipart::new_with_chunk_size(begun, self.part_bytes))
            }
        };
        writer.wait_for_capacity(UNDER_WAY).await?;
        writer.put(self.part.split().freeze());
        Ok(())
    }

    async fn finish(mut self) -> Result<(), FilesError> {
        if self.writer.is_some() && !self.part.is_empty() {
            self.send().await?;
        }
        let Some(writer) = self.writer.take() else {
            self.files.store.put(&self.name.0, self.part.split().freeze().into()).await?;
            return Ok(());
        };
        // It comes to its end, or removes its parts, even if nobody waits for it any more.
        let finished = tokio::spawn(writer.finish()).await;
        finished.map_err(|error| FilesError::from(object_store::Error::from(error)))??;
        Ok(())
    }
}

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        let (Some(writer), Ok(runtime)) = (self.writer.take(), tokio::runtime::Handle::try_current()) else { return };
        let name = self.name.clone();
        runtime.spawn(async move {
            if let Err(error) = writer.abort().await {
                tracing::warn!(%name, %error, "the parts of an upload that was given up could not be removed");
            }
        });
    }
}
