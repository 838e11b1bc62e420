//! Uploads on disk. A file is written under a temporary name and gets its own when all of it is safe, so a crash in
//! mid-upload leaves nothing that looks like a whole file.

use std::{
    io,
    path::{Path, PathBuf},
};

use axum::body::Bytes;
use futures::{Stream, TryStreamExt};
use tokio::{
    fs::{self, File},
    io::{AsyncWriteExt, BufWriter},
};

/// The largest file.
pub(crate) const MAX_BYTES: u64 = 4 << 30;
/// What files have at the end of their names that are not whole.
const PART: &str = ".part";

/// A file that is safe on disk.
pub(crate) struct Spooled {
    /// Its name below the spool folder.
    pub(crate) file: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// BLAKE3 of its content, in hex.
    pub(crate) hash: String,
}

/// Why an upload did not get to the disk.
#[derive(Debug)]
pub(crate) enum SpoolError<E> {
    /// It is larger than [`MAX_BYTES`].
    TooLarge,
    /// The client stopped sending, or sent nonsense.
    Upload(E),
    /// The disk.
    Disk(io::Error),
}

impl<E> From<io::Error> for SpoolError<E> {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

/// Streams an upload to the disk, in the memory of one chunk. When it returns, the bytes survive a power cut.
pub(crate) async fn receive<E>(
    folder: &Path,
    file: String,
    chunks: impl Stream<Item = Result<Bytes, E>>,
) -> Result<Spooled, SpoolError<E>> {
    let part = PartFile(folder.join(format!("{file}{PART}")));
    let mut chunks = std::pin::pin!(chunks);
    let mut writer = BufWriter::with_capacity(256 << 10, File::create(&part.0).await?);
    let mut hasher = blake3::Hasher::new();
    let mut bytes = 0;
    while let Some(chunk) = chunks.try_next().await.map_err(SpoolError::Upload)? {
        bytes += chunk.len() as u64;
        if bytes > MAX_BYTES {
            return Err(SpoolError::TooLarge);
        }
        hasher.update(&chunk);
        writer.write_all(&chunk).await?;
    }
    writer.flush().await?;
    writer.into_inner().sync_all().await?;
    fs::rename(&part.0, folder.join(&file)).await?;
    File::open(folder).await?.sync_all().await?;
    Ok(Spooled { file, bytes, hash: hasher.finalize().to_hex().to_string() })
}

/// Removes a spooled file; one that is gone already is fine.
pub(crate) async fn remove(folder: &Path, file: &str) {
    let path = folder.join(file);
    if let Err(error) = fs::remove_file(&path).await
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "an uploaded file could not be removed");
    }
}

/// Removes what uploads left behind that were cut off with their process.
pub(crate) fn clear_parts(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().ends_with(PART) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Gone from the disk when it is dropped, which is what happens when a client hangs up. Once renamed there is nothing to
/// remove.
struct PartFile(PathBuf);

impl Drop for PartFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;

    fn names(folder: &Path) -> Vec<String> {
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[tokio::test]
    async fn a_whole_upload_is_there_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let good = stream::iter([Ok::<_, &str>(Bytes::from("a,b\n")), Ok(Bytes::from("1,2\n"))]);
        let spooled = receive(folder.path(), "one".to_owned(), good).await.ok().unwrap();
        assert_eq!(spooled.bytes, 8);
        assert_eq!(spooled.hash, blake3::hash(b"a,b\n1,2\n").to_hex().to_string());
        assert_eq!(std::fs::read(folder.path().join("one")).unwrap(), b"a,b\n1,2\n");

        let broken = stream::iter([Ok(Bytes::from("a,b\n")), Err("hung up")]);
        assert!(matches!(receive(folder.path(), "two".to_owned(), broken).await, Err(SpoolError::Upload("hung up"))));
        assert_eq!(names(folder.path()), ["one"]);
    }

    #[test]
    fn leftovers_are_cleared() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("x.part"), "x").unwrap();
        std::fs::write(folder.path().join("y"), "y").unwrap();
        clear_parts(folder.path()).unwrap();
        assert_eq!(names(folder.path()), ["y"]);
    }
}
