use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use stratagem_domain::clock::{Clock, SystemClock};
use stratagem_store::{Store, backup::is_empty};

use super::{
    DataArgs, Failure,
    backup::{private_file, put_in_place},
    database::{postgres_tool, sqlite_path, with_suffix},
    serve::{secret, try_lock},
};
use crate::{
    app::{open_store, private_folder},
    time::rfc3339,
};

const BUSY: &str = "a server is running on it: stop it first, or choose another --data-dir";

/// Make a database from a file that `backup` wrote
///
/// Then nothing is sent before somebody releases it (`stratagem steps release`, or POST /api/v1/sends/release): what left after the
/// backup was made would leave once more. Decisions go on. With PostgreSQL this runs pg_restore on an empty database.
#[derive(Args)]
pub(super) struct Restore {
    /// The backup
    #[arg(required_unless_present = "mark")]
    file: Option<PathBuf>,

    /// With SQLite, where there is a database: it is put aside, as NAME.replaced
    #[arg(long)]
    force: bool,

    /// No file: the database was restored by other means, such as pg_restore, and its sends are to be held
    #[arg(long, conflicts_with_all = ["file", "force"])]
    mark: bool,

    #[command(flatten)]
    data: DataArgs,
}

impl Restore {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let url = self.data.database_url();
        private_folder(&self.data.data_dir)?;
        match (&self.file, sqlite_path(&url)) {
            (Some(file), Some(path)) => {
                let _lock = try_lock(&self.data)?.ok_or(BUSY)?;
                restore_sqlite(file, &path, self.force).await?;
            }
            (Some(file), None) => restore_postgres(file, &url).await?,
            (None, sqlite) => {
                let _lock = if sqlite.is_some() { Some(try_lock(&self.data)?.ok_or(BUSY)?) } else { None };
                if sqlite.is_some_and(|path| !path.exists()) {
                    return Err("there is no database to mark".into());
                }
                mark(open_store(&url).await?).await?;
            }
        }
        eprintln!("restored; nothing is sent before `stratagem steps release`");
        let key = self.data.data_dir.join("master.key");
        if sqlite_path(&url).is_some() && !key.exists() && secret("STRATAGEM_MASTER_KEY").is_none() {
            eprintln!("put {} back before a server starts, which would make a new one", key.display());
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Whatever is done is done to a copy, which takes the database's place when it is ready.
async fn restore_sqlite(file: &Path, path: &Path, force: bool) -> Result<(), Failure> {
    let there = path.exists();
    if there && !force {
        let path = path.display();
        return Err(format!("there is a database {path}: choose another --data-dir, or --force to put it aside").into());
    }
    let fresh = with_suffix(path, ".restoring");
    let failed = |error: io::Error| format!("{}: {error}", file.display());
    remove(&fresh)?;
    private_file(&fresh).and_then(|()| fs::copy(file, &fresh)).map_err(failed)?;
    if let Err(error) = bring_up(&fresh).await {
        remove(&fresh)?;
        return Err(format!("{}: {error}", file.display()).into());
    }
    // The log goes first: it must not be taken for that of another file.
    for suffix in ["-wal", "-shm", ""] {
        match fs::rename(with_suffix(path, suffix), with_suffix(path, &format!(".replaced{suffix}"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    put_in_place(&fresh, path)?;
    if there {
        eprintln!("the database that was there is {}", with_suffix(path, ".replaced").display());
    }
    Ok(())
}

/// Checks the copy, brings it up to date and marks it.
async fn bring_up(path: &Path) -> Result<(), Failure> {
    let url = format!("sqlite://{}?mode=rw", path.display());
    let store = Store::open(&url).await.map_err(|error| format!("it is no database: {error}"))?;
    let checked = store.check_copy().await;
    store.close().await?;
    checked?;
    mark(open_store(&url).await?).await?;
    if fs::metadata(with_suffix(path, "-wal")).is_ok_and(|log| log.len() > 0) {
        return Err("somebody else has the copy open".into());
    }
    Ok(())
}

/// Removes a database's files, where they are.
fn remove(path: &Path) -> Result<(), Failure> {
    for suffix in ["", "-wal", "-shm"] {
        match fs::remove_file(with_suffix(path, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

async fn restore_postgres(file: &Path, url: &str) -> Result<(), Failure> {
    // Servers that start meanwhile wait, and then find it marked.
    let alone = Store::alone(url).await?;
    if !is_empty(&alone).await? {
        return Err("the database is not empty: make a new one (createdb), and give its URL".into());
    }
    let arguments = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"];
    postgres_tool("pg_restore", url, &arguments, file).await?;
    stratagem_migrations::run(&alone).await?;
    mark(Store::open(url).await?).await?;
    Ok(alone.close().await?)
}

async fn mark(store: Store) -> Result<(), Failure> {
    let at = rfc3339(SystemClock.now_ms());
    let reason = format!("the database was restored from a backup at {at}: an operator has to release what is due");
    store.mark_restored(&reason).await?;
    Ok(store.close().await?)
}
