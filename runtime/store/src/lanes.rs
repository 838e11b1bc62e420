//! Lanes: a campaign's steps of one kind through one sender, which are paused, held back and served together.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseBackend, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, LockType, OnConflict, Query},
};
use stratagem_domain::step::{StepKind, StepState};
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError,
    entities::{campaign, lane, step},
    steps::{NewStep, in_state},
};

/// `next_due_ms` of a lane with nothing scheduled.
pub(crate) const NEVER: i64 = i64::MAX;

/// Kinds of steps that are held where all sends are.
const SENDING: [StepKind; 2] = [StepKind::Deliver, StepKind::Reply];

/// Ids of lanes by campaign, kind and sender. Lanes are never removed while their campaign is there.
pub(crate) type LaneCache = Mutex<HashMap<LaneKey, i64>>;

type LaneKey = (Uuid, StepKind, String);

/// When there will be something to claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// The campaign's time at which the next step is due.
    pub due_ms: i64,
    /// Real time before which a rate limit holds it back, or 0.
    pub held_until_ms: i64,
}

impl Store {
    /// When the next scheduled step of a lane that is not paused can be claimed; none where nothing is scheduled. Sends that are
    /// held do not count.
    pub async fn next(&self) -> Result<Option<Next>, StoreError> {
        let held = self.sends_held().await?.map(|_| lane::Column::Kind.is_not_in(SENDING.map(StepKind::as_str)));
        let next = lane::Entity::find()
            .filter(Condition::all().add_option(held))
            .select_only()
            .columns([lane::Column::NextDueMs, lane::Column::HeldUntilMs])
            .filter(lane::Column::Paused.eq(false))
            .filter(lane::Column::NextDueMs.lt(NEVER))
            .order_by_asc(lane::Column::NextDueMs)
            .order_by_asc(lane::Column::HeldUntilMs)
            .limit(1)
            .into_tuple::<(i64, i64)>()
            .one(self.read())
            .await?;
        Ok(next.map(|(due_ms, held_until_ms)| Next { due_ms, held_until_ms }))
    }

    /// The kinds of steps of which some may be claimed now: cheaper than a claim that finds none.
    pub async fn due_kinds(&self, now_ms: i64, real_now_ms: i64) -> Result<Vec<StepKind>, StoreError> {
        let kinds: Vec<String> = lane::Entity::find()
            .select_only()
            .column(lane::Column::Kind)
            .distinct()
            .filter(lane::Column::Paused.eq(false))
            .filter(lane::Column::NextDueMs.lte(now_ms))
            .filter(lane::Column::HeldUntilMs.lte(real_now_ms))
            .into_tuple()
            .all(self.read())
            .await?;
        Ok(kinds.iter().filter_map(|kind| StepKind::parse(kind)).collect())
    }

    /// When the next scheduled step of a lane that is not paused is due that is not due yet: what time has to come to where a step
    /// that is due waits for an earlier decision about its contact, which was put off.
    pub async fn next_due_after(&self, now_ms: i64) -> Result<Option<i64>, StoreError> {
        let held = self.sends_held().await?.map(|_| lane::Column::Kind.is_not_in(SENDING.map(StepKind::as_str)));
        let next = lane::Entity::find()
            .filter(Condition::all().add_option(held))
            .filter(lane::Column::Paused.eq(false))
            .select_only()
            .column_as(first_after(now_ms), "next")
            .into_tuple::<Option<i64>>()
            .all(self.read())
            .await?;
        Ok(next.into_iter().flatten().min())
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

    pub(crate) fn cached_lane(&self, key: &LaneKey) -> Option<i64> {
        self.lock_lanes().get(key).copied()
    }

    fn lock_lanes(&self) -> MutexGuard<'_, HashMap<LaneKey, i64>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether anything is scheduled or claimed in a campaign: asked at one moment, because a step goes from one to the other.
pub(crate) async fn any_waiting(connection: &impl ConnectionTrait, campaign_id: Uuid) -> Result<bool, StoreError> {
    let claimed = step::Entity::find()
        .select_only()
        .column(step::Column::Id)
        .filter(in_state(StepState::Claimed))
        .filter(step::Column::CampaignId.eq(campaign_id))
        .limit(1)
        .into_query();
    let waiting = lane::Entity::find()
        .select_only()
        .column_as(first_after(i64::MIN), "scheduled")
        .column_as(Expr::SubQuery(None, Box::new(claimed.into())), "claimed")
        .filter(lane::Column::CampaignId.eq(campaign_id))
        .into_tuple::<(Option<i64>, Option<i64>)>()
        .all(connection)
        .await?;
    Ok(waiting.iter().any(|(scheduled, claimed)| scheduled.is_some() || claimed.is_some()))
}

/// When the first step of a lane is due that is scheduled for after `now_ms`: one look at the lane's index. The least of all lanes
/// together would be a look at each step, and for any one of them PostgreSQL would rather read the table until it finds one.
fn first_after(now_ms: i64) -> Expr {
    let first = step::Entity::find()
        .select_only()
        .column(step::Column::DueAtMs)
        .filter(Expr::col((step::Entity, step::Column::LaneId)).equals((lane::Entity, lane::Column::Id)))
        .filter(in_state(StepState::Scheduled))
        .filter(step::Column::DueAtMs.gt(now_ms))
        .order_by_asc(step::Column::DueAtMs)
        .limit(1)
        .into_query();
    Expr::SubQuery(None, Box::new(first.into()))
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
        .expr(Expr::value(0_i64))
        .from(campaign::Entity)
        .and_where(campaign::Column::Id.eq(step.campaign_id))
        // Against a pause that is just being written, and would not see this lane.
        .lock(LockType::Share)
        .to_owned();
    use lane::Column::{CampaignId, HeldUntilMs, Kind, NextDueMs, Paused, Sender, Served, TenantId};
    let mut insert = Query::insert();
    insert
        .into_table(lane::Entity)
        .columns([TenantId, CampaignId, Kind, Sender, Paused, NextDueMs, Served, HeldUntilMs])
        .select_from(select)
        .map_err(|error| StoreError::Corrupt(error.to_string()))?
        .on_conflict(OnConflict::columns([CampaignId, Kind, Sender]).do_nothing().to_owned());
    store.write().execute(&insert).await?;
    Ok(())
}

/// Notes when these lanes' steps are due. The last thing that a transaction does: it holds the lanes until it ends.
///
/// A claim that found nothing more writes "never", and must not overwrite what was inserted meanwhile. So where transactions
/// run side by side the lane is locked even if nothing changes: one of the two then sees the other's work.
pub(crate) async fn lower_next_due(
    connection: &impl ConnectionTrait,
    due: &BTreeMap<i64, i64>,
) -> Result<(), StoreError> {
    for (lane_id, due_at_ms) in due {
        let later = lane::Column::NextDueMs.gt(*due_at_ms);
        let mut update = lane::Entity::update_many().filter(lane::Column::Id.eq(*lane_id));
        if connection.get_database_backend() == DatabaseBackend::Sqlite {
            update = update.filter(later).col_expr(lane::Column::NextDueMs, Expr::value(*due_at_ms));
        } else {
            let earliest = Expr::case(later, *due_at_ms).finally(Expr::col(lane::Column::NextDueMs));
            update = update.col_expr(lane::Column::NextDueMs, earliest.into());
        }
        update.exec(connection).await?;
    }
    Ok(())
}

pub(crate) fn note_due(due: &mut BTreeMap<i64, i64>, lane_id: i64, due_at_ms: i64) {
    let earliest = due.entry(lane_id).or_insert(due_at_ms);
    *earliest = Ord::min(*earliest, due_at_ms);
}
