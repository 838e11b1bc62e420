//! The few statements that differ between databases, written by hand. Nothing else in the project is SQL of one database.

mod postgres;
mod sqlite;

use sea_orm::{DatabaseBackend, Statement, sea_query::Expr, sqlx};

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
}

/// Claims due steps of one lane, earliest first, and returns their rows.
pub(crate) fn claim(backend: DatabaseBackend, query: &ClaimQuery<'_>) -> Result<Statement, StoreError> {
    match backend {
        DatabaseBackend::Sqlite => Ok(sqlite::claim(query)),
        DatabaseBackend::Postgres => Ok(postgres::claim(query)),
        other => Err(StoreError::Unsuitable(format!("{other:?} databases are not supported"))),
    }
}

/// What to select so that the transaction's commit does not wait for the disk, where that is a transaction's own choice: with
/// another statement's rows, so that it costs no way to the database and back.
pub(crate) fn commit_unsynced(backend: DatabaseBackend) -> Option<Expr> {
    (backend == DatabaseBackend::Postgres).then(postgres::commit_unsynced)
}

/// Leaves out as many ids of steps.
pub(crate) fn skip_step_ids(backend: DatabaseBackend, count: u32) -> Statement {
    let sql = match backend {
        DatabaseBackend::Sqlite => sqlite::skip_step_ids(count),
        _ => postgres::skip_step_ids(count),
    };
    Statement::from_string(backend, sql)
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
