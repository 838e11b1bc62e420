use std::{io, path::PathBuf};

/// Why a file could not be stored, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The setting is wrong.
    #[error("the object store `{place}` cannot be used: {reason}")]
    Unusable {
        /// As it was set, without secrets.
        place: String,
        /// In plain words.
        reason: String,
    },
    /// The object is not there.
    #[error("`{0}` is not in the object store")]
    Gone(String),
    /// The store failed or did not answer.
    #[error("the object store: {0}")]
    Store(object_store::Error),
    /// The folder of copies failed.
    #[error("{0}: {1}")]
    Scratch(PathBuf, io::Error),
}

/// Why an upload was not stored.
#[derive(Debug)]
pub enum PutError<E> {
    /// It is larger than it may be.
    TooLarge,
    /// It took longer than an upload may.
    TooSlow,
    /// Its sender stopped, or sent nonsense.
    Upload(E),
    /// It is ours.
    Files(FilesError),
}

impl FilesError {
    /// Whether it may be otherwise a little later, without anybody's doing or with the operator's: the store is away, a disk
    /// is full, a key has expired.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Store(_) | Self::Scratch(..))
    }
}

impl From<object_store::Error> for FilesError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { path, .. } => Self::Gone(path),
            error => Self::Store(error),
        }
    }
}

impl<E> From<FilesError> for PutError<E> {
    fn from(error: FilesError) -> Self {
        Self::Files(error)
    }
}

impl<E> From<object_store::Error> for PutError<E> {
    fn from(error: object_store::Error) -> Self {
        Self::Files(error.into())
    }
}
