use std::{sync::Arc, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr,
    RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    sqlx::{self, Connection, SqliteConnection},
};

use crate::{dialect, lanes::LaneCache};

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

impl StoreError {
    /// Whether the database could not be used just now (it is gone, locked, full, or made two transactions wait for each other),
    /// rather than refusing what it was given: then the same will do later.
    pub fn is_passing(&self) -> bool {
        let Self::Database(error) = self else { return false };
        match error {
            DbErr::Conn(error) | DbErr::Exec(error) | DbErr::Query(error) => match error {
                RuntimeErr::SqlxError(error) => dialect::is_passing(error),
                RuntimeErr::Internal(_) => false,
            },
            DbErr::ConnectionAcquire(_) => true,
            _ => false,
        }
    }
}

/// Connections to the database. SQLite has one connection that writes and several that read, and one process; PostgreSQL has
/// connections that do both, and may be shared by several processes.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) read: DatabaseConnection,
    pub(crate) write: DatabaseConnection,
    pub(crate) lanes: Arc<LaneCache>,
    /// A queue that is broken on purpose, to see whether its tests notice.
    #[cfg(test)]
    pub(crate) without_epochs: bool,
}

/// The oldest SQLite without the bug that can corrupt a write-ahead log.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

impl Store {
    /// Connects to `sqlite://PATH` (made where it is missing) or `postgres://…`.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let (read, write) = match url.split(':').next() {
            Some("sqlite") => open_sqlite(url).await?,
            Some("postgres" | "postgresql") => open_postgres(url).await?,
            _ => return Err(StoreError::Unsuitable("a database is sqlite://PATH or postgres://…".to_owned())),
        };
        Ok(Self {
            read,
            write,
            lanes: Arc::default(),
            #[cfg(test)]
            without_epochs: false,
        })
    }

    /// A connection of its own for whoever opens the database, to bring it up to date. On PostgreSQL it holds a lock
    /// until it is closed, so that of several processes that start together one is at it and the others wait.
    pub async fn alone(url: &str) -> Result<DatabaseConnection, StoreError> {
        if url.starts_with("sqlite:") {
            return Ok(open_sqlite(url).await?.1);
        }
        let connection = Database::connect(postgres_options(url, 1)).await?;
        connection.execute_unprepared(&format!("SELECT pg_advisory_lock({START_LOCK})")).await?;
        Ok(connection)
    }

    /// Whether other processes may work on the same database.
    pub fn is_shared(&self) -> bool {
        self.backend() != DatabaseBackend::Sqlite
    }

    /// The database's own time, in milliseconds since 1970: what several processes agree on. None where there is one process,
    /// whose machine the database is on.
    pub async fn time(&self) -> Result<Option<i64>, StoreError> {
        if !self.is_shared() {
            return Ok(None);
        }
        let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
        let row = self.read.query_one_raw(Statement::from_string(self.backend(), sql)).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
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

    /// Whether a claim's epoch counts: always, but in a test that wants to see it missed.
    pub(crate) fn checks_epochs(&self) -> bool {
        #[cfg(test)]
        return !self.without_epochs;
        #[cfg(not(test))]
        true
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

/// Key of PostgreSQL's advisory lock on starting: any number, as long as it is always the same.
const START_LOCK: i64 = 0x7374_7261_7461_6765;

/// Connections of one process to PostgreSQL: some for claims, commits and imports, the rest for calls.
const POSTGRES_CONNECTIONS: u32 = 16;

async fn open_sqlite(url: &str) -> Result<(DatabaseConnection, DatabaseConnection), StoreError> {
    let url = if url.contains('?') { url.to_owned() } else { format!("{url}?mode=rwc") };
    let mut options = sqlite_options(&url, 1, 32 << 10);
    options.map_sqlx_sqlite_pool_opts(|pool| pool.after_release(|connection, _| Box::pin(is_at_rest(connection))));
    let write = Database::connect(options).await?;
    check_sqlite_version(&write).await?;
    let read = Database::connect(sqlite_options(&url, 4, 4 << 10)).await?;
    Ok((read, write))
}

async fn open_postgres(url: &str) -> Result<(DatabaseConnection, DatabaseConnection), StoreError> {
    let connection = Database::connect(postgres_options(url, POSTGRES_CONNECTIONS)).await?;
    check_encoding(&connection).await?;
    Ok((connection.clone(), connection))
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

/// Rows that a connection's thread reads before anybody has taken the first: more than most statements have, so that it never waits for
/// a reader between two of them.
const ROWS_AHEAD: usize = 1_000;

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
            .row_buffer_size(ROWS_AHEAD)
    });
    options
}

fn postgres_options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = options(url, connections);
    options
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        // A connection that a restart of the database has cut is noticed here rather than by whoever gets it.
        .test_before_acquire_if_idle_for(Duration::from_millis(500))
        .set_application_name("stratagem")
        .map_sqlx_postgres_opts(|postgres| postgres.statement_cache_capacity(500));
    options
}

async fn check_encoding(connection: &DatabaseConnection) -> Result<(), StoreError> {
    let statement = Statement::from_string(DatabaseBackend::Postgres, "SHOW server_encoding");
    let row = connection.query_one_raw(statement).await?;
    let encoding: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    if encoding == "UTF8" {
        return Ok(());
    }
    Err(StoreError::Unsuitable(format!("the database is encoded as {encoding}; make one with ENCODING 'UTF8'")))
}

/// Whether the connection that writes comes back in no transaction; otherwise it is closed and another one opened.
///
/// Where the disk is full SQLite takes a transaction back by itself, and the ROLLBACK that follows is an error. The driver then
/// still counts one, so that the next one is a SAVEPOINT in it; and when the disk is full again, one in a transaction that nobody
/// ever commits: everything seems to be stored, nobody can see it, and it is gone after a restart.
async fn is_at_rest(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // A rollback may still be on its way.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
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
