//! The few statements that differ between databases, written by hand. Nothing else in the project is SQL of one database.

mod postgres;
mod sqlite;

use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, Statement, sea_query::Expr, sqlx};

use crate::StoreError;

/// What a claim asks for.
pub(crate) struct ClaimQuery<'a> {
    pub(crate) lane_id: i64,
    pub(crate) worker: &'a str,
    pub(crate) now_ms: i64,
    pub(crate) lease_until_ms: i64,
    pub(crate) limit: u64,
    /// Steps with at least this many crashes are left to [`ClaimQuery::alone`].
    pub(crate) crashes_until_alone: i32,
    /// Whether to claim just those that must run alone.
    pub(crate) alone: bool,
    /// What to return of each, as a list for SQL.
    pub(crate) columns: &'a str,
}

/// Claims due steps of one lane, earliest first, and returns these columns of them.
pub(crate) fn claim(backend: DatabaseBackend, query: &ClaimQuery<'_>) -> Result<Statement, StoreError> {
    match backend {
        DatabaseBackend::Sqlite => Ok(sqlite::claim(query)),
        DatabaseBackend::Postgres => Ok(postgres::claim(query)),
        other => Err(StoreError::Unsuitable(format!("{other:?} databases are not supported"))),
    }
}

/// Ends those steps as done whose claims hold, given as ids with epochs, and returns id, epoch and lane of each. Without `checks_epochs`
/// any claim will do. The lease stays where it is, for one whose end is taken back.
pub(crate) fn end_steps(
    backend: DatabaseBackend,
    claims: &[(i64, i64)],
    now_ms: i64,
    checks_epochs: bool,
) -> Statement {
    let epoch = if checks_epochs { "steps.claim_epoch = v.epoch" } else { "TRUE" };
    match backend {
        DatabaseBackend::Sqlite => sqlite::end_steps(claims, now_ms, epoch),
        _ => postgres::end_steps(claims, now_ms, epoch),
    }
}

/// A condition that is true, and has the transaction's commit not wait for the disk, where that is a transaction's own choice: in another
/// statement, so that it costs no way to the database and back.
pub(crate) fn quickly(backend: DatabaseBackend) -> Option<Expr> {
    (backend == DatabaseBackend::Postgres).then(postgres::quickly)
}

/// Leaves out as many ids of steps.
pub(crate) fn skip_step_ids(backend: DatabaseBackend, count: u32) -> Statement {
    let sql = match backend {
        DatabaseBackend::Sqlite => sqlite::skip_step_ids(count),
        _ => postgres::skip_step_ids(count),
    };
    Statement::from_string(backend, sql)
}

/// Whether a row's transaction, and all that began before it, have ended; none where one writes at a time, and all have.
pub(crate) fn is_settled(backend: DatabaseBackend) -> Option<Expr> {
    (backend == DatabaseBackend::Postgres).then(postgres::is_settled)
}

/// The oldest transaction that is under way, or the next to come; none where one writes at a time.
pub(crate) async fn oldest_transaction(connection: &DatabaseConnection) -> Result<Option<i64>, StoreError> {
    if connection.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(None);
    }
    let row = connection.query_one_raw(postgres::oldest_transaction()).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// Waits until all transactions have ended that are under way, where several write at a time; but not for long, for an operator's may
/// take hours.
pub(crate) async fn outlast_transactions(connection: &DatabaseConnection) -> Result<(), StoreError> {
    if connection.get_database_backend() == DatabaseBackend::Postgres {
        postgres::outlast_transactions(connection).await?;
    }
    Ok(())
}

/// Whether an error is the database's trouble, not that of what it was given.
pub(crate) fn is_passing(error: &sqlx::Error) -> bool {
    use sqlx::Error::{
        ColumnDecode, ColumnIndexOutOfBounds, ColumnNotFound, Configuration, Database, Decode, Encode, RowNotFound,
        TypeNotFound,
    };
    match error {
        Database(error) => {
            let code = error.code().unwrap_or_default();
            // SQLSTATE has five letters, SQLite's codes are numbers.
            if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
                postgres::is_passing(&code)
            } else {
                sqlite::is_passing(&code)
            }
        }
        ColumnDecode { .. }
        | ColumnIndexOutOfBounds { .. }
        | ColumnNotFound(_)
        | Configuration(_)
        | Decode(_)
        | Encode(_)
        | RowNotFound
        | TypeNotFound { .. } => false,
        _ => true,
    }
}
