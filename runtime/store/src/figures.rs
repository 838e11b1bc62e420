//! Figures of the whole database, for whoever runs the server: they say nothing about tenants.
//!
//! They are asked for again and again beside the work itself, so each is answered from an index of the rows in question or
//! from the lanes, never by stepping over what is done.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, DatabaseBackend, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Select, sea_query::Expr,
};
use stratagem_domain::step::StepState;

use crate::{
    Store, StoreError,
    entities::{lane, step},
    steps::in_state,
};

/// How many steps of one kind are in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepCount {
    /// [`stratagem_domain::step::StepKind`] by name.
    pub kind: String,
    /// Scheduled, claimed or dead.
    pub state: StepState,
    /// How many.
    pub steps: i64,
}

/// The connections of one pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// `read` and `write`, or `all` where the same ones do both.
    pub pool: &'static str,
    /// Open, and at work.
    pub in_use: u32,
    /// Open, and at rest.
    pub idle: u32,
    /// As many as there may be.
    pub most: u32,
}

impl Store {
    /// Counts the steps that are not over, and those that were given up on. Its cost grows with the scheduled ones alone: a
    /// million take 0.2 s, however many are done.
    pub async fn step_counts(&self) -> Result<Vec<StepCount>, StoreError> {
        let mut counts = self.scheduled().await?;
        for state in [StepState::Claimed, StepState::Dead] {
            let rows = by_kind(state).into_tuple::<(String, i64)>().all(self.read()).await?;
            counts.extend(rows.into_iter().map(|(kind, steps)| StepCount { kind, state, steps }));
        }
        Ok(counts)
    }

    async fn scheduled(&self) -> Result<Vec<StepCount>, StoreError> {
        let lanes = lane::Entity::find().select_only().columns([lane::Column::Id, lane::Column::Kind]);
        let kinds: HashMap<i64, String> = lanes.into_tuple().all(self.read()).await?.into_iter().collect();
        let rows = by_lane().into_tuple::<(i64, i64)>().all(self.read()).await?;
        let mut counts = HashMap::<&str, i64>::new();
        for (lane_id, steps) in rows {
            // A lane that was made since is counted the next time.
            if let Some(kind) = kinds.get(&lane_id) {
                *counts.entry(kind).or_default() += steps;
            }
        }
        let count =
            |(kind, steps): (&str, i64)| StepCount { kind: kind.to_owned(), state: StepState::Scheduled, steps };
        Ok(counts.into_iter().map(count).collect())
    }

    /// For each kind, a moment before which no step of a lane that is not paused is due; kinds of which none is due at
    /// `now_ms` are left out.
    pub async fn oldest_due(&self, now_ms: i64) -> Result<Vec<(String, i64)>, StoreError> {
        let query = lane::Entity::find()
            .select_only()
            .column(lane::Column::Kind)
            .column_as(lane::Column::NextDueMs.min(), "oldest")
            .filter(lane::Column::Paused.eq(false))
            .filter(lane::Column::NextDueMs.lte(now_ms))
            .group_by(lane::Column::Kind);
        Ok(query.into_tuple().all(self.read()).await?)
    }

    /// How the pools of connections are used right now.
    pub fn connections(&self) -> Vec<Connections> {
        // sqlx counts what is idle and what is open one after the other.
        let pool = |pool, open: u32, idle: usize, most| {
            let idle = Ord::min(u32::try_from(idle).unwrap_or(open), open);
            Connections { pool, in_use: open - idle, idle, most }
        };
        match self.backend() {
            DatabaseBackend::Sqlite => [("read", self.read()), ("write", self.write())]
                .into_iter()
                .map(|(name, connection)| (name, connection.get_sqlite_connection_pool()))
                .map(|(name, p)| pool(name, p.size(), p.num_idle(), p.options().get_max_connections()))
                .collect(),
            DatabaseBackend::Postgres => {
                let p = self.write().get_postgres_connection_pool();
                vec![pool("all", p.size(), p.num_idle(), p.options().get_max_connections())]
            }
            _ => Vec::new(),
        }
    }
}

/// Scheduled steps by lane, which is how their index is ordered.
fn by_lane() -> Select<step::Entity> {
    step::Entity::find()
        .select_only()
        .column(step::Column::LaneId)
        .column_as(Expr::col(step::Column::Id).count(), "steps")
        .filter(in_state(StepState::Scheduled))
        .group_by(step::Column::LaneId)
}

fn by_kind(state: StepState) -> Select<step::Entity> {
    step::Entity::find()
        .select_only()
        .column(step::Column::Kind)
        .column_as(Expr::col(step::Column::Id).count(), "steps")
        .filter(in_state(state))
        .group_by(step::Column::Kind)
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, QueryTrait, Statement};

    use super::*;

    #[tokio::test]
    async fn counting_reads_partial_indexes_and_never_the_table() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("figures.db").display());
        stratagem_migrations::run(&Store::alone(&url).await.unwrap()).await.unwrap();
        let store = Store::open(&url).await.unwrap();
        for (query, index) in [
            (by_lane(), "USING COVERING INDEX ix_steps_lane_id_due_at_ms_id"),
            (by_kind(StepState::Claimed), "USING INDEX ix_steps_lease"),
            (by_kind(StepState::Dead), "USING COVERING INDEX ix_steps_dead"),
        ] {
            let sql = format!("EXPLAIN QUERY PLAN {}", query.build(DatabaseBackend::Sqlite));
            let plan = store.read().query_all_raw(Statement::from_string(DatabaseBackend::Sqlite, &sql)).await.unwrap();
            let plan: Vec<String> = plan.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
            assert!(plan[0].contains(index), "{sql}: {plan:?}");
        }
    }
}
