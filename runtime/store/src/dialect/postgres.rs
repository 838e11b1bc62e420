use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, Statement, sea_query::Expr};

use super::ClaimQuery;
use crate::StoreError;

/// As on SQLite; but others may be claiming, so rows that they have locked are skipped, and a decision also waits for one of its
/// contact that was claimed before it was seen: an id is given before its row can be seen by others.
///
/// Rows are found again by where they lie, in which they stay while they are locked. One that was changed between the beginning of the
/// statement and its being locked lies where the statement does not see it: it is left for the next claim.
pub(super) fn claim(query: &ClaimQuery<'_>) -> Statement {
    let crashes = if query.alone { ">=" } else { "<" };
    let sql = format!(
        "UPDATE steps SET state = 'claimed', claim_epoch = claim_epoch + 1, claimed_by = $4, lease_until_ms = $5 \
         WHERE ctid = ANY(ARRAY(\
           SELECT s.ctid FROM steps s \
           WHERE s.lane_id = $1 AND s.state = 'scheduled' AND s.due_at_ms <= $2 AND s.crashes {crashes} {} \
             AND NOT (s.decides AND EXISTS (\
               SELECT 1 FROM steps e WHERE e.contact_id = s.contact_id AND e.decides \
                 AND e.state IN ('scheduled', 'claimed') AND (e.id < s.id OR e.state = 'claimed'))) \
           ORDER BY s.due_at_ms, s.id LIMIT $3 FOR UPDATE OF s SKIP LOCKED)) \
         RETURNING {}",
        query.crashes_until_alone, query.columns
    );
    Statement::from_sql_and_values(
        DatabaseBackend::Postgres,
        sql,
        [
            query.lane_id.into(),
            query.now_ms.into(),
            i64::try_from(query.limit).unwrap_or(i64::MAX).into(),
            query.worker.into(),
            query.lease_until_ms.into(),
        ],
    )
}

/// The claims come as two texts: the planner takes a list that it cannot count for a short one, and reads the steps by their ids however few
/// there are of them.
pub(super) fn end_steps(claims: &[(i64, i64)], now_ms: i64, epoch: &str) -> Statement {
    let list =
        |of: fn(&(i64, i64)) -> i64| claims.iter().map(|claim| of(claim).to_string()).collect::<Vec<_>>().join(" ");
    let sql = format!(
        "UPDATE steps SET state = 'done', finished_at_ms = $1 \
         FROM unnest(string_to_array($2, ' ')::bigint[], string_to_array($3, ' ')::bigint[]) AS v (step_id, epoch) \
         WHERE steps.id = v.step_id AND {epoch} AND coalesce(steps.state, '') = 'claimed' \
         RETURNING id, claim_epoch, lane_id"
    );
    let values = [now_ms.into(), list(|(step_id, _)| *step_id).into(), list(|(_, epoch)| *epoch).into()];
    Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, values)
}

/// The commit does not wait for the disk, and no statement is planned anew for its values.
pub(super) fn quickly() -> Expr {
    Expr::cust(
        "set_config('synchronous_commit', 'off', true) || set_config('plan_cache_mode', 'force_generic_plan', true) <> ''",
    )
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
