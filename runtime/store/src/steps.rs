//! The durable queue: claim, lease, rescue. How a step ends is in [`crate::commit`], together with what it writes.
//!
//! A lane is a campaign's steps of one kind through one sender. Claims go lane by lane, in turn, so that a paused lane is
//! left out whole and a large one cannot starve a small one.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Mutex,
};

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict, Query},
};
use serde_json::Value;
use stratagem_domain::step::{CRASHES_UNTIL_ALONE, CRASHES_UNTIL_DEAD, StepKind, StepState};
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError, dialect,
    entities::{campaign, lane, step},
};

/// Rows of one insert statement: what keeps it below SQLite's limit of 32,766 parameters.
pub(crate) const INSERT_ROWS: usize = 1_000;

/// Ids of lanes by campaign, kind and sender. Lanes are never removed while their campaign is there.
pub(crate) type LaneCache = Mutex<HashMap<(Uuid, StepKind, String), i64>>;

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
}

/// Who claims, and when.
#[derive(Debug, Clone, Copy)]
pub struct Claimer<'a> {
    /// Name of the process, unique among all that ever ran.
    pub worker: &'a str,
    /// The campaign's time: what is due.
    pub now_ms: i64,
    /// Real time until which the claim holds.
    pub lease_until_ms: i64,
    /// Rises with each call: orders lanes by when they were last served.
    pub turn: i64,
}

impl Store {
    /// Claims up to `limit` due steps of these kinds, lanes in turn.
    pub async fn claim(
        &self,
        claimer: Claimer<'_>,
        kinds: &[StepKind],
        limit: u64,
    ) -> Result<Vec<step::Model>, StoreError> {
        self.claim_where(claimer, kinds, limit, false).await
    }

    /// Claims one step that has crashed so often that it must run alone.
    pub async fn claim_alone(&self, claimer: Claimer<'_>) -> Result<Option<step::Model>, StoreError> {
        Ok(self.claim_where(claimer, &StepKind::ALL, 1, true).await?.pop())
    }

    async fn claim_where(
        &self,
        claimer: Claimer<'_>,
        kinds: &[StepKind],
        limit: u64,
        alone: bool,
    ) -> Result<Vec<step::Model>, StoreError> {
        let lanes = lane::Entity::find()
            .filter(lane::Column::Paused.eq(false))
            .filter(lane::Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())))
            .filter(lane::Column::NextDueMs.lte(claimer.now_ms))
            .order_by_asc(lane::Column::Served)
            .order_by_asc(lane::Column::Id)
            .limit(limit)
            .all(self.read())
            .await?;
        if lanes.is_empty() {
            return Ok(Vec::new());
        }
        let share = limit.div_ceil(lanes.len() as u64);
        let transaction = self.begin().await?;
        let mut claimed = Vec::new();
        for lane in lanes {
            let room = Ord::min(share, limit - claimed.len() as u64);
            if room == 0 {
                break;
            }
            claimed.extend(claim_lane(&transaction, &lane, claimer, room, alone).await?);
        }
        transaction.commit().await?;
        Ok(claimed)
    }

    /// When the next scheduled step of a lane that is not paused is due; none where nothing is scheduled.
    pub async fn next_due(&self) -> Result<Option<i64>, StoreError> {
        let next = lane::Entity::find()
            .select_only()
            .column_as(lane::Column::NextDueMs.min(), "next")
            .filter(lane::Column::Paused.eq(false))
            .into_tuple::<Option<i64>>()
            .one(self.read())
            .await?;
        Ok(next.flatten().filter(|due| *due < NEVER))
    }

    /// Lengthens the leases of the steps that the worker is working on. One that it has lost sight of is left to the
    /// rescuer.
    pub async fn renew_leases(&self, worker: &str, ids: Vec<i64>, lease_until_ms: i64) -> Result<(), StoreError> {
        step::Entity::update_many()
            .col_expr(step::Column::LeaseUntilMs, Expr::value(lease_until_ms))
            .filter(step::Column::State.eq(StepState::Claimed.as_str()))
            .filter(step::Column::ClaimedBy.eq(worker))
            .filter(step::Column::Id.is_in(ids))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Gives back every step whose lease ended before `real_now_ms`: its process died or hung. Each counts a crash, and
    /// one that has crashed too often is quarantined as dead.
    pub async fn rescue(&self, real_now_ms: i64) -> Result<u64, StoreError> {
        let expired =
            step::Column::State.eq(StepState::Claimed.as_str()).and(step::Column::LeaseUntilMs.lt(real_now_ms));
        self.reschedule(expired).await
    }

    /// As [`Store::rescue`], for every claim there is: at the start of the only process of a database.
    pub async fn rescue_all(&self) -> Result<u64, StoreError> {
        self.reschedule(step::Column::State.eq(StepState::Claimed.as_str())).await
    }

    async fn reschedule(&self, which: Expr) -> Result<u64, StoreError> {
        let transaction = self.begin().await?;
        let steps = step::Entity::find().filter(which).all(&transaction).await?;
        let count = steps.len() as u64;
        let mut due = BTreeMap::new();
        for step in steps {
            let crashes = step.crashes + 1;
            let dead = crashes >= CRASHES_UNTIL_DEAD;
            let state = if dead { StepState::Dead } else { StepState::Scheduled };
            let mut change = step::ActiveModel {
                id: Set(step.id),
                state: Set(state.as_str().to_owned()),
                crashes: Set(crashes),
                claim_epoch: Set(step.claim_epoch + 1),
                claimed_by: Set(None),
                lease_until_ms: Set(None),
                ..Default::default()
            };
            if dead {
                change.last_error = Set(Some(format!("the process died {crashes} times while it worked on this")));
            }
            step::Entity::update(change).exec(&transaction).await?;
            note_due(&mut due, step.lane_id, step.due_at_ms);
        }
        lower_next_due(&transaction, &due).await?;
        transaction.commit().await?;
        Ok(count)
    }

    /// Makes sure that these steps' lanes exist, so that inserting them needs no further look-up. A lane of a campaign
    /// that is not running begins paused.
    pub(crate) async fn ensure_lanes(&self, scope: Scope, steps: &[NewStep]) -> Result<(), StoreError> {
        for step in steps {
            let key = (step.campaign_id, step.kind, step.sender.clone());
            if self.cached_lane(&key).is_some() {
                continue;
            }
            insert_lane(self, scope, step).await?;
            let lane = lane::Entity::find()
                .filter(lane::Column::CampaignId.eq(step.campaign_id))
                .filter(lane::Column::Kind.eq(step.kind.as_str()))
                .filter(lane::Column::Sender.eq(&step.sender))
                .one(self.write())
                .await?
                .ok_or_else(|| StoreError::Conflict("the campaign is gone".to_owned()))?;
            self.lock_lanes().insert(key, lane.id);
        }
        Ok(())
    }

    /// Inserts steps whose lanes exist ([`Store::ensure_lanes`]).
    pub(crate) async fn insert_steps(
        &self,
        transaction: &DatabaseTransaction,
        now_ms: i64,
        steps: Vec<(Scope, NewStep)>,
    ) -> Result<(), StoreError> {
        let mut due = BTreeMap::new();
        let mut rows = Vec::with_capacity(steps.len());
        for (scope, step) in steps {
            let key = (step.campaign_id, step.kind, step.sender.clone());
            let lane_id = self.cached_lane(&key).ok_or_else(|| StoreError::Corrupt("lane cache".to_owned()))?;
            note_due(&mut due, lane_id, step.due_at_ms);
            rows.push(row(scope, step, lane_id, now_ms));
        }
        for chunk in rows.chunks(INSERT_ROWS) {
            step::Entity::insert_many(chunk.to_vec()).exec_without_returning(transaction).await?;
        }
        lower_next_due(transaction, &due).await
    }

    fn cached_lane(&self, key: &(Uuid, StepKind, String)) -> Option<i64> {
        self.lock_lanes().get(key).copied()
    }

    fn lock_lanes(&self) -> std::sync::MutexGuard<'_, HashMap<(Uuid, StepKind, String), i64>> {
        self.lanes.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// `next_due_ms` of a lane with nothing scheduled.
const NEVER: i64 = i64::MAX;

async fn claim_lane(
    transaction: &DatabaseTransaction,
    lane: &lane::Model,
    claimer: Claimer<'_>,
    limit: u64,
    alone: bool,
) -> Result<Vec<step::Model>, StoreError> {
    let statement = dialect::claim(
        transaction.get_database_backend(),
        &dialect::ClaimQuery {
            lane_id: lane.id,
            worker: claimer.worker,
            now_ms: claimer.now_ms,
            lease_until_ms: claimer.lease_until_ms,
            limit,
            crashes_until_alone: CRASHES_UNTIL_ALONE,
            alone,
        },
    )?;
    let steps = step::Entity::find().from_raw_sql(statement).all(transaction).await?;
    let mut served = lane::ActiveModel { id: Set(lane.id), served: Set(claimer.turn), ..Default::default() };
    if (steps.len() as u64) < limit {
        served.next_due_ms = Set(first_due(transaction, lane.id).await?.unwrap_or(NEVER));
    }
    lane::Entity::update(served).exec(transaction).await?;
    Ok(steps)
}

async fn first_due(connection: &impl ConnectionTrait, lane_id: i64) -> Result<Option<i64>, StoreError> {
    let first = step::Entity::find()
        .select_only()
        .column(step::Column::DueAtMs)
        .filter(step::Column::LaneId.eq(lane_id))
        .filter(step::Column::State.eq(StepState::Scheduled.as_str()))
        .order_by_asc(step::Column::DueAtMs)
        .limit(1)
        .into_tuple::<i64>()
        .one(connection)
        .await?;
    Ok(first)
}

async fn insert_lane(store: &Store, scope: Scope, step: &NewStep) -> Result<(), StoreError> {
    let runs = Expr::col(campaign::Column::Status).is_in(["active", "completed"]);
    let paused = if step.kind.ignores_pause() { Expr::value(false) } else { runs.not() };
    let select = Query::select()
        .expr(Expr::value(scope.0))
        .expr(Expr::value(step.campaign_id))
        .expr(Expr::value(step.kind.as_str()))
        .expr(Expr::value(step.sender.as_str()))
        .expr(paused)
        .expr(Expr::value(NEVER))
        .expr(Expr::value(0_i64))
        .from(campaign::Entity)
        .and_where(campaign::Column::Id.eq(step.campaign_id))
        .to_owned();
    use lane::Column::{CampaignId, Kind, NextDueMs, Paused, Sender, Served, TenantId};
    let mut insert = Query::insert();
    insert
        .into_table(lane::Entity)
        .columns([TenantId, CampaignId, Kind, Sender, Paused, NextDueMs, Served])
        .select_from(select)
        .map_err(|error| StoreError::Corrupt(error.to_string()))?
        .on_conflict(OnConflict::columns([CampaignId, Kind, Sender]).do_nothing().to_owned());
    store.write().execute(&insert).await?;
    Ok(())
}

pub(crate) async fn lower_next_due(
    connection: &impl ConnectionTrait,
    due: &BTreeMap<i64, i64>,
) -> Result<(), StoreError> {
    for (lane_id, due_at_ms) in due {
        lane::Entity::update_many()
            .col_expr(lane::Column::NextDueMs, Expr::value(*due_at_ms))
            .filter(lane::Column::Id.eq(*lane_id))
            .filter(lane::Column::NextDueMs.gt(*due_at_ms))
            .exec(connection)
            .await?;
    }
    Ok(())
}

fn note_due(due: &mut BTreeMap<i64, i64>, lane_id: i64, due_at_ms: i64) {
    let earliest = due.entry(lane_id).or_insert(due_at_ms);
    *earliest = Ord::min(*earliest, due_at_ms);
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
        payload: Set(step.payload),
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
    }
}
