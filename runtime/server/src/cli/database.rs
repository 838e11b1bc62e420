//! What commands have in common that work on a database beside the server.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
};

use stratagem_domain::clock::{Clock, SystemClock};
use stratagem_store::Store;
use tokio::process::Command;

use super::{DataArgs, Failure, serve::try_lock};

/// What a command does with the database.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Reads, which goes beside a server.
    Read,
    /// Writes. On SQLite there is one process that does.
    Write,
}

/// A database that is there, and the lock on it, which holds for as long as it is kept. It is not brought up to date: a server of
/// an older version may be running on it.
pub(super) async fn open(data: &DataArgs, access: Access, busy: &str) -> Result<(Store, Option<File>), Failure> {
    let url = data.database_url();
    let Some(path) = sqlite_path(&url) else { return Ok((Store::open(&url).await?, None)) };
    if !path.exists() {
        return Err(format!("there is no database {}", path.display()).into());
    }
    let lock = match access {
        Access::Read => None,
        Access::Write => Some(try_lock(data)?.ok_or(busy)?),
    };
    let mode = if access == Access::Read { "ro" } else { "rw" };
    let url = if url.contains('?') { url } else { format!("{url}?mode={mode}") };
    Ok((Store::open(&url).await?, lock))
}

/// The present moment: the database's, where several machines share one.
pub(super) async fn now_ms(store: &Store) -> Result<i64, Failure> {
    Ok(store.time().await?.unwrap_or_else(|| SystemClock.now_ms()))
}

/// The file of an SQLite database; none for another one.
pub(super) fn sqlite_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    Some(decoded(path.split('?').next().unwrap_or(path)).into())
}

/// The path with something added to its last name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Runs a program of PostgreSQL's on the database. The password goes through the environment: lists of processes show arguments.
pub(super) async fn postgres_tool(program: &str, url: &str, arguments: &[&str], file: &Path) -> Result<(), Failure> {
    let (url, password) = without_password(url);
    let mut command = Command::new(program);
    command.args(arguments).arg("--dbname").arg(url).arg("--no-password").stdin(Stdio::null());
    if program == "pg_dump" {
        command.arg("--file");
    }
    command.arg(file);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    let status = command
        .status()
        .await
        .map_err(|error| format!("{program}, of PostgreSQL's client programs, cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} failed, and said why: see above").into()) }
}

/// `postgres://user:password@host/name` without the password, and the password.
fn without_password(url: &str) -> (String, Option<String>) {
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (user, host) = rest.get(..end)?.rsplit_once('@')?;
        let (user, password) = user.split_once(':')?;
        Some((format!("{scheme}://{user}@{host}{}", rest.get(end..)?), decoded(password)))
    });
    parts.map_or_else(|| (url.to_owned(), None), |(url, password)| (url, Some(password)))
}

/// Without `%20` and the like.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend(before.bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend(rest.bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_out_of_the_url() {
        for (url, without, password) in [
            (
                "postgres://ann:p%40ss%2Fw@db:5432/x?sslmode=require",
                "postgres://ann@db:5432/x?sslmode=require",
                Some("p@ss/w"),
            ),
            ("postgres://ann:a@b@db/x", "postgres://ann@db/x", Some("a@b")),
            ("postgres://ann@db/x", "postgres://ann@db/x", None),
            ("postgres://db/x:y@z", "postgres://db/x:y@z", None),
        ] {
            assert_eq!(without_password(url), (without.to_owned(), password.map(str::to_owned)), "{url}");
        }
    }

    #[test]
    fn the_file_of_a_url_is_found() {
        for (url, path) in [
            ("sqlite:///var/lib/x.db", "/var/lib/x.db"),
            ("sqlite://./data/x.db?mode=rwc", "./data/x.db"),
            ("sqlite:x%20y.db", "x y.db"),
            ("sqlite://100%/é.db", "100%/é.db"),
        ] {
            assert_eq!(sqlite_path(url), Some(path.into()), "{url}");
        }
        assert_eq!(sqlite_path("postgres://h/x"), None);
    }
}
