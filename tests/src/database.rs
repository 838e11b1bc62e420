//! The stories' databases: SQLite in the story's folder; or, where `STRATAGEM_TEST_POSTGRES` is the URL of a PostgreSQL server on
//! which databases may be made, one of the story's own there.

use std::{
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    path::Path,
};

use tokio::process::Command;

/// Whether the stories run on PostgreSQL.
pub fn on_postgres() -> bool {
    postgres_server().is_some()
}

/// URL of the database of that folder, made where there is none yet. It goes with the folder or with the server.
///
/// # Panics
/// When it cannot be made; `psql` does it.
pub async fn database_of(folder: &Path) -> String {
    let Some(server) = postgres_server() else { return format!("sqlite://{}", folder.join("stratagem.db").display()) };
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

/// A PostgreSQL on which databases may be made.
pub fn postgres_server() -> Option<String> {
    std::env::var("STRATAGEM_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

/// Makes an empty PostgreSQL database; returns its URL.
///
/// # Panics
/// When there is no server, or it refuses.
pub async fn make_database(name: &str) -> String {
    let server = postgres_server().expect("STRATAGEM_TEST_POSTGRES names a server");
    psql(&server, &format!("CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")).await;
    let (server, _) = server.rsplit_once('/').expect("the URL names a database");
    format!("{server}/{name}")
}

/// Removes it, whoever is still connected.
///
/// # Panics
/// When it cannot be removed.
pub async fn drop_database(url: &str) {
    let (server, (_, name)) = (postgres_server().expect("there is a server"), url.rsplit_once('/').expect("a name"));
    psql(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

async fn psql(server: &str, statement: &str) {
    let output = Command::new("psql").args(["-qXw", "-c", statement, "-d", server]).output().await;
    let output = output.expect("psql, of Debian's package postgresql-client, is needed");
    assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
}
