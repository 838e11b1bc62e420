//! The durable queue's rows. How they are claimed is in [`crate::claims`], how they end in [`crate::commit`], together with
//! what they write.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use sea_orm::{DatabaseTransaction, ExprTrait, sea_query::Expr};
use serde_json::Value;
use stratagem_domain::step::{StepKind, StepState};
use uuid::Uuid;

use crate::{
    Json, Scope, Store, StoreError,
    bulk::{self, Row},
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
        bulk::insert_rows::<step::Entity>(transaction, &INSERTED, rows).await?;
        lower_next_due(transaction, &due).await
    }
}

/// The columns of a new step; the others are null until it is claimed.
const INSERTED: [step::Column; 15] = {
    use step::Column::*;
    [
        TenantId,
        CampaignId,
        LaneId,
        ContactId,
        SubjectId,
        Kind,
        Decides,
        Payload,
        DueAtMs,
        State,
        Attempt,
        Crashes,
        ClaimEpoch,
        CreatedAtMs,
        TraceId,
    ]
};

fn row(scope: Scope, step: NewStep, lane_id: i64, now_ms: i64) -> Row {
    vec![
        scope.0.into(),
        step.campaign_id.into(),
        lane_id.into(),
        step.contact_id.into(),
        step.subject_id.into(),
        step.kind.as_str().into(),
        step.kind.decides().into(),
        Json(step.payload).into(),
        step.due_at_ms.into(),
        StepState::Scheduled.as_str().into(),
        0_i32.into(),
        0_i32.into(),
        0_i64.into(),
        now_ms.into(),
        step.trace_id.into(),
    ]
}
