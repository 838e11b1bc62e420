//! Files that are this process's own and worth nothing after it.

use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use super::FilesError;

const LOCK: &str = "lock";

/// A folder that no other process writes to, for as long as its lock is open.
pub(super) struct Scratch {
    folder: PathBuf,
    places: AtomicU64,
    _lock: File,
}

/// An object as a file on this machine. What was made for it goes with it.
pub struct OnDisk {
    path: PathBuf,
    place: PathBuf,
}

/// A folder of one object's own.
pub(super) struct Place(PathBuf);

impl Scratch {
    /// Takes the first folder below `root` that no living process has, and removes what dead ones left behind.
    pub(super) fn open(root: &Path) -> Result<Self, FilesError> {
        let failed = |error| FilesError::Scratch(root.to_owned(), error);
        private_folder(root).map_err(failed)?;
        let mut own = None;
        for number in 0.. {
            let folder = root.join(number.to_string());
            if own.is_some() && !folder.exists() {
                break;
            }
            let Some(lock) = lock(&folder).map_err(failed)? else { continue };
            clear(&folder).map_err(failed)?;
            if own.is_none() {
                own = Some(Self { folder, places: AtomicU64::new(0), _lock: lock });
            }
        }
        own.ok_or_else(|| failed(io::Error::other("it has no room")))
    }

    /// A new folder below it.
    pub(super) fn place(&self) -> Result<Place, FilesError> {
        let path = self.folder.join(self.places.fetch_add(1, Ordering::Relaxed).to_string());
        private_folder(&path).map_err(|error| FilesError::Scratch(path.clone(), error))?;
        Ok(Place(path))
    }
}

impl Place {
    /// For a copy, which is still to be written.
    pub(super) fn copy(self) -> OnDisk {
        OnDisk { path: self.0.join("copy"), place: self.0 }
    }

    /// For an object that is a file already.
    pub(super) fn beside(self, path: PathBuf) -> OnDisk {
        OnDisk { path, place: self.0 }
    }
}

impl OnDisk {
    /// The object's bytes. They are to be read, not changed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where something may be written that is made of them; it goes with the rest.
    pub fn derived(&self, name: &str) -> PathBuf {
        self.place.join(name)
    }
}

impl Drop for OnDisk {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.place)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.place.display(), %error, "a scratch folder could not be removed");
        }
    }
}

/// Makes a folder for this user alone, where it is missing.
pub(super) fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// None where another process holds it.
fn lock(folder: &Path) -> io::Result<Option<File>> {
    private_folder(folder)?;
    let file = File::options().create(true).truncate(false).write(true).open(folder.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

fn clear(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
