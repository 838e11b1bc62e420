//! The stories' databases: SQLite in the story's folder; or, where `STRATAGEM_TEST_POSTGRES` is the URL of a PostgreSQL server on
//! which databases may be made, one of the story's own there.

use std::{
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    path::Path,
};

use tokio::process::Command;

/// Whether the stories run on PostgreSQL.
pub fn on_postgres() -> bool {
    server().is_some()
}

/// URL of the database of that folder, made where there is none yet. It goes with the folder or with the server.
///
/// # Panics
/// When it cannot be made; `psql` does it.
pub async fn database_of(folder: &Path) -> String {
    let Some(server) = server() else { return format!("sqlite://{}", folder.join("stratagem.db").display()) };
    let (server, _) = server.rsplit_once('/').expect("STRATAGEM_TEST_POSTGRES is postgres://USER@HOST/DATABASE");
    // Folders of stories are unlike all others on this machine.
    let name = format!("stratagem_test_{:016x}", BuildHasherDefault::<DefaultHasher>::default().hash_one(folder));
    let make = format!("CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0");
    let made = Command::new("psql").args(["-qXw", "-c", &make, "-d"]).arg(format!("{server}/postgres")).output().await;
    let made = made.expect("psql, of Debian's package postgresql-client, is needed");
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success() || said.contains("already exists"), "{make}: {said}");
    format!("{server}/{name}")
}

fn server() -> Option<String> {
    std::env::var("STRATAGEM_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}
