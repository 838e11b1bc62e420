use std::{sync::Arc, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use crate::steps::LaneCache;

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed, or cannot be reached.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// A row holds what no version of the project wrote.
    #[error("the database holds an invalid {0}")]
    Corrupt(String),
    /// A name or pair that must be unique is taken.
    #[error("{0}")]
    Conflict(String),
    /// The database cannot be used as it is.
    #[error("{0}")]
    Unsuitable(String),
}

/// Connections to the database. SQLite has one connection that writes and several that read.
#[derive(Debug, Clone)]
pub struct Store {
    read: DatabaseConnection,
    write: DatabaseConnection,
    pub(crate) lanes: Arc<LaneCache>,
}

/// The oldest SQLite without the bug that can corrupt a write-ahead log.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

impl Store {
    /// Connects to `sqlite://PATH` (made where it is missing) or `postgres://…`.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        if !url.starts_with("sqlite:") {
            return Err(StoreError::Unsuitable("only sqlite:// databases are supported in this version".to_owned()));
        }
        let url = if url.contains('?') { url.to_owned() } else { format!("{url}?mode=rwc") };
        let write = Database::connect(sqlite_options(&url, 1, 64 << 10)).await?;
        check_sqlite_version(&write).await?;
        let read = Database::connect(sqlite_options(&url, 4, 4 << 10)).await?;
        Ok(Self { read, write, lanes: Arc::default() })
    }

    /// The connection for migrations.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.write
    }

    /// A cheap question, to see whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.read.ping().await?)
    }

    pub(crate) fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    pub(crate) fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    pub(crate) fn backend(&self) -> DatabaseBackend {
        self.write.get_database_backend()
    }

    /// A transaction that may write. On SQLite it takes the write lock at once: a deferred one could fail half-way.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let mut options = TransactionOptions::default();
        if self.backend() == DatabaseBackend::Sqlite {
            options.sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
        }
        Ok(self.write.begin_with_options(options).await?)
    }
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(30))
        // SQL texts carry contacts' data: they stay out of logs and traces.
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}

/// `cache_kib` is what each connection may keep of the file, in KiB: the writer much, because it comes back to its indexes;
/// readers little, because the operating system keeps the file as well.
fn sqlite_options(url: &str, connections: u32, cache_kib: u32) -> ConnectOptions {
    let mut options = options(url, connections);
    options.min_connections(connections).idle_timeout(None).max_lifetime(None).test_before_acquire(false);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            .pragma("cache_size", format!("-{cache_kib}"))
            .pragma("temp_store", "MEMORY")
            .busy_timeout(Duration::from_secs(5))
            .statement_cache_capacity(500)
    });
    options
}

async fn check_sqlite_version(connection: &DatabaseConnection) -> Result<(), StoreError> {
    let statement = Statement::from_string(DatabaseBackend::Sqlite, "SELECT sqlite_version()");
    let row = connection.query_one_raw(statement).await?;
    let version: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < OLDEST_SQLITE {
        return Err(StoreError::Unsuitable(format!("SQLite {version} can corrupt its log; 3.51.3 or newer is needed")));
    }
    Ok(())
}

/// The error of an insert or update, with a violated unique index as a conflict that says `message`.
pub(crate) fn conflict(error: DbErr, message: impl FnOnce() -> String) -> StoreError {
    match error.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => StoreError::Conflict(message()),
        _ => StoreError::Database(error),
    }
}
