use sea_orm::{DatabaseBackend, Statement, Value};

use super::ClaimQuery;
use crate::bulk::{filled_up, placeholders};

/// One statement, inside an immediate transaction: SQLite has no row locks to skip. A decision step waits for the earlier
/// ones of its contact, claimed or not.
pub(super) fn claim(query: &ClaimQuery<'_>) -> Statement {
    let crashes = if query.alone { ">=" } else { "<" };
    let sql = format!(
        "UPDATE steps SET state = 'claimed', claim_epoch = claim_epoch + 1, claimed_by = ?, lease_until_ms = ? \
         WHERE id IN (\
           SELECT s.id FROM steps s \
           WHERE s.lane_id = ? AND s.state = 'scheduled' AND s.due_at_ms <= ? AND s.crashes {crashes} {} \
             AND NOT (s.decides AND EXISTS (\
               SELECT 1 FROM steps e WHERE e.contact_id = s.contact_id AND e.id < s.id AND e.decides \
                 AND e.state IN ('scheduled', 'claimed'))) \
           ORDER BY s.due_at_ms, s.id LIMIT ?) \
         RETURNING {}",
        query.crashes_until_alone, query.columns
    );
    Statement::from_sql_and_values(
        DatabaseBackend::Sqlite,
        sql,
        [
            query.worker.into(),
            query.lease_until_ms.into(),
            query.lane_id.into(),
            query.now_ms.into(),
            query.limit.into(),
        ],
    )
}

pub(super) fn end_steps(claims: &[(i64, i64)], now_ms: i64, epoch: &str) -> Statement {
    let claims = filled_up(claims.iter().copied());
    let list = placeholders(DatabaseBackend::Sqlite, claims.len(), 2);
    let sql = format!(
        "WITH v (step_id, epoch) AS ({list}) \
         UPDATE steps SET state = 'done', finished_at_ms = ? FROM v \
         WHERE steps.id = v.step_id AND {epoch} AND steps.state = 'claimed' \
         RETURNING id, claim_epoch, lane_id"
    );
    let values = claims.into_iter().flat_map(|(step_id, epoch)| [step_id, epoch]).chain([now_ms]);
    Statement::from_sql_and_values(DatabaseBackend::Sqlite, sql, values.map(Value::from))
}

pub(super) fn skip_step_ids(count: u32) -> String {
    format!("UPDATE sqlite_sequence SET seq = seq + {count} WHERE name = 'steps'")
}

/// By the primary result code: busy, locked, out of memory, read-only, interrupted, I/O, full, cannot be opened, protocol.
pub(super) fn is_passing(code: &str) -> bool {
    let code: u32 = code.parse().unwrap_or(0);
    matches!(code & 0xff, 5..=10 | 13..=15)
}
