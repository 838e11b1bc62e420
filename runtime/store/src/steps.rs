//! The durable queue's rows. How they are claimed is in [`crate::claims`], how they end in [`crate::commit`], together with
//! what they write.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait, ExprTrait, sea_query::Expr};
use serde_json::Value;
use stratagem_domain::step::{StepKind, StepState};
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError,
    entities::step,
    lanes::{lower_next_due, note_due},
};

/// Rows of one insert statement: what keeps it below SQLite's limit of 32,766 parameters.
pub(crate) const INSERT_ROWS: usize = 1_000;

/// A step to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct NewStep {
    /// Its campaign.
    pub campaign_id: Uuid,
    /// The contact that it is about, where it is about one.
    pub contact_id: Option<Uuid>,
    /// The import, communication or session that it is about.
    pub subject_id: Option<Uuid>,
    /// What it does.
    pub kind: StepKind,
    /// What it sends through, or empty.
    pub sender: String,
    /// Whatever else its kind needs.
    pub payload: Value,
    /// When, in milliseconds since 1970.
    pub due_at_ms: i64,
    /// The request that it goes back to.
    pub trace_id: Option<String>,
}

/// That a step is in this state, as a constant of the statement: an index over some states alone serves no other way.
pub(crate) fn in_state(state: StepState) -> Expr {
    Expr::col((step::Entity, step::Column::State)).eq(Expr::Constant(state.as_str().into()))
}

impl Store {
    /// Inserts steps whose lanes exist ([`Store::ensure_lanes`]), and notes when they, and others by lane, are due. The last thing but
    /// one that a transaction does; see [`lower_next_due`].
    pub(crate) async fn insert_steps(
        &self,
        transaction: &DatabaseTransaction,
        now_ms: i64,
        steps: Vec<(Scope, NewStep)>,
        mut due: BTreeMap<i64, i64>,
    ) -> Result<(), StoreError> {
        let mut rows = Vec::with_capacity(steps.len());
        for (scope, step) in steps {
            let key = (step.campaign_id, step.kind, step.sender.clone());
            let lane_id = self.cached_lane(&key).ok_or_else(|| StoreError::Corrupt("lane cache".to_owned()))?;
            note_due(&mut due, lane_id, step.due_at_ms);
            rows.push(row(scope, step, lane_id, now_ms));
        }
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(INSERT_ROWS));
            step::Entity::insert_many(rows).exec_without_returning(transaction).await?;
            rows = rest;
        }
        lower_next_due(transaction, &due).await
    }
}

fn row(scope: Scope, step: NewStep, lane_id: i64, now_ms: i64) -> step::ActiveModel {
    step::ActiveModel {
        id: sea_orm::ActiveValue::NotSet,
        tenant_id: Set(scope.0),
        campaign_id: Set(step.campaign_id),
        lane_id: Set(lane_id),
        contact_id: Set(step.contact_id),
        subject_id: Set(step.subject_id),
        kind: Set(step.kind.as_str().to_owned()),
        decides: Set(step.kind.decides()),
        payload: Set(step.payload.into()),
        due_at_ms: Set(step.due_at_ms),
        state: Set(StepState::Scheduled.as_str().to_owned()),
        attempt: Set(0),
        crashes: Set(0),
        claim_epoch: Set(0),
        claimed_by: Set(None),
        lease_until_ms: Set(None),
        last_error: Set(None),
        created_at_ms: Set(now_ms),
        finished_at_ms: Set(None),
        trace_id: Set(step.trace_id),
    }
}
