//! The few statements that differ between databases, written by hand. Nothing else in the project is SQL of one database.

mod sqlite;

use sea_orm::{DatabaseBackend, Statement};

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
        other => Err(StoreError::Unsuitable(format!("{other:?} databases are not supported"))),
    }
}
