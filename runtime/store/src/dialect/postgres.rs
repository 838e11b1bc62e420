use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, Statement, sea_query::Expr};

use super::ClaimQuery;
use crate::StoreError;

/// As on SQLite; but others may be claiming, so rows that they have locked are skipped, and a decision also waits for one of its
/// contact that was claimed before it was seen: an id is given before its row can be seen by others.
pub(super) fn claim(query: &ClaimQuery<'_>) -> Statement {
    let crashes = if query.alone { ">=" } else { "<" };
    let sql = format!(
        "WITH chosen AS MATERIALIZED (\
           SELECT s.id FROM steps s \
           WHERE s.lane_id = $1 AND s.state = 'scheduled' AND s.due_at_ms <= $2 AND s.crashes {crashes} $3 \
             AND NOT (s.decides AND EXISTS (\
               SELECT 1 FROM steps e WHERE e.contact_id = s.contact_id AND e.decides \
                 AND e.state IN ('scheduled', 'claimed') AND (e.id < s.id OR e.state = 'claimed'))) \
           ORDER BY s.due_at_ms, s.id LIMIT $4 FOR UPDATE OF s SKIP LOCKED) \
         UPDATE steps SET state = 'claimed', claim_epoch = claim_epoch + 1, claimed_by = $5, lease_until_ms = $6 \
         FROM chosen WHERE steps.id = chosen.id RETURNING steps.*"
    );
    Statement::from_sql_and_values(
        DatabaseBackend::Postgres,
        sql,
        [
            query.lane_id.into(),
            query.now_ms.into(),
            query.crashes_until_alone.into(),
            i64::try_from(query.limit).unwrap_or(i64::MAX).into(),
            query.worker.into(),
            query.lease_until_ms.into(),
        ],
    )
}

pub(super) fn commit_unsynced() -> Expr {
    Expr::cust("set_config('synchronous_commit', 'off', true)")
}

pub(super) fn is_settled() -> Expr {
    Expr::cust("xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
}

pub(super) fn oldest_transaction() -> Statement {
    let sql = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    Statement::from_string(DatabaseBackend::Postgres, sql)
}

/// The database does the waiting between two looks; 100 of them are a second.
pub(super) async fn outlast_transactions(connection: &DatabaseConnection) -> Result<(), StoreError> {
    let sql = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
    let row = connection.query_one_raw(Statement::from_string(DatabaseBackend::Postgres, sql)).await?;
    let next: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    for _ in 0..100 {
        let sql = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= $1, pg_sleep(0.01)";
        let statement = Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, [next.into()]);
        let row = connection.query_one_raw(statement).await?;
        if row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(true) {
            return Ok(());
        }
    }
    Ok(())
}

pub(super) fn skip_step_ids(count: u32) -> String {
    let sequence = "pg_get_serial_sequence('steps', 'id')";
    format!("SELECT setval({sequence}, nextval({sequence}) + {count})")
}

/// By the class of the SQLSTATE: connection, rollback by the server (deadlocks among them), resources (a full disk among them), not
/// in the right state, intervention by an operator (a restart among them), the system.
pub(super) fn is_passing(code: &str) -> bool {
    ["08", "40", "53", "55", "57", "58"].iter().any(|class| code.starts_with(class))
}
