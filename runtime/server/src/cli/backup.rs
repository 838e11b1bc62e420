use std::{
    fs::{self, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

use super::{
    DataArgs, Failure,
    database::{Access, open, postgres_tool, sqlite_path, with_suffix},
};

/// Write the database to a file
///
/// As it is at this moment, beside a running server. What else belongs to a backup: the master key (<data-dir>/master.key, or
/// what STRATAGEM_MASTER_KEY is set to), without which no secret can be read, and the uploaded files and components of the data
/// directory or the object store. With PostgreSQL this runs pg_dump.
#[derive(Args)]
pub(super) struct Backup {
    /// The file to write; it must not be there yet
    file: PathBuf,

    #[command(flatten)]
    data: DataArgs,
}

impl Backup {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let url = self.data.database_url();
        if self.file.exists() {
            return Err(format!("{} is there already: choose another name", self.file.display()).into());
        }
        // Whole or not at all: under its name once it is on disk.
        let part = with_suffix(&self.file, ".part");
        let failed = |error: io::Error| format!("{}: {error}", part.display());
        private_file(&part).map_err(failed)?;
        let written = match sqlite_path(&url) {
            Some(_) => {
                let (store, _) = open(&self.data, Access::Read, "").await?;
                store.copy_into(&part).await.map_err(Failure::from)
            }
            None => postgres_tool("pg_dump", &url, &["--format=custom"], &part).await,
        };
        if let Err(error) = written {
            // What matters is why it was not written.
            let _ = fs::remove_file(&part);
            return Err(error);
        }
        put_in_place(&part, &self.file)?;
        let bytes = fs::metadata(&self.file)?.len();
        eprintln!("{}: {bytes} bytes. The master key and uploaded files are not in it.", self.file.display());
        Ok(ExitCode::SUCCESS)
    }
}

/// An empty file that nobody but this user can read: there are contacts in it.
pub(super) fn private_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map(drop)
}

/// Renames a file once all of it is on disk.
pub(super) fn put_in_place(part: &Path, file: &Path) -> Result<(), Failure> {
    let failed = |error: io::Error| format!("{}: {error}", file.display());
    fs::File::open(part).and_then(|part| part.sync_all()).map_err(failed)?;
    fs::rename(part, file).map_err(failed)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(())
}
