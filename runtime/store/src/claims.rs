//! Claiming steps, keeping them, and taking back what a dead process had.
//!
//! Claims go lane by lane, in turn, so that a paused lane is left out whole and a large one cannot starve a small one. Several
//! processes may claim side by side: a lane that one is looking at is skipped by the others.

#[cfg(test)]
mod machine;

use std::collections::BTreeMap;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, SqlErr,
    sea_query::{Expr, LockBehavior, LockType},
};
use stratagem_domain::step::{CRASHES_UNTIL_ALONE, CRASHES_UNTIL_DEAD, StepKind, StepState};
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError,
    bulk::filled_up,
    dialect,
    entities::{lane, step},
    lanes::{NEVER, lower_next_due, note_due},
    rates::Room,
    steps::in_state,
};

/// Steps that one transaction takes back.
const RESCUED_AT_A_TIME: u64 = 500;

/// Leases that one statement lengthens.
const RENEWED_AT_A_TIME: usize = 256;

/// Who claims, and when.
#[derive(Debug, Clone, Copy)]
pub struct Claimer<'a> {
    /// Name of the process, unique among all that ever ran.
    pub worker: &'a str,
    /// The campaign's time: what is due.
    pub now_ms: i64,
    /// Real time, which rate limits go by.
    pub real_now_ms: i64,
    /// Real time until which the claim holds.
    pub lease_until_ms: i64,
    /// Rises with each call: orders lanes by when they were last served.
    pub turn: i64,
    /// What is left out.
    pub without: &'a Without,
}

/// What a claim leaves out.
#[derive(Debug, Clone, Default)]
pub struct Without {
    /// All that these tenants have.
    pub tenants: Vec<Uuid>,
    /// These campaigns.
    pub campaigns: Vec<Uuid>,
}

impl Without {
    /// Nothing.
    pub const NONE: &'static Self = &Self { tenants: Vec::new(), campaigns: Vec::new() };
}

/// What a rescue took back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rescued {
    /// Steps that are scheduled again.
    pub again: u64,
    /// Steps that had crashed too often and are dead.
    pub dead: u64,
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
        let mut kinds = kinds.to_vec();
        if kinds.iter().any(|kind| kind.sends()) && self.sends_held().await?.is_some() {
            kinds.retain(|kind| !kind.sends());
        }
        let lanes = lane::Entity::find()
            .select_only()
            .column(lane::Column::Id)
            .filter(lane::Column::Paused.eq(false))
            .filter(lane::Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())))
            .filter(lane::Column::NextDueMs.lte(claimer.now_ms))
            .filter(lane::Column::HeldUntilMs.lte(claimer.real_now_ms))
            .filter(lane::Column::TenantId.is_not_in(claimer.without.tenants.iter().copied()))
            .filter(lane::Column::CampaignId.is_not_in(claimer.without.campaigns.iter().copied()))
            .order_by_asc(lane::Column::Served)
            .order_by_asc(lane::Column::Id)
            // A lane that has work may have none that must run alone.
            .limit((!alone).then_some(limit))
            .into_tuple::<i64>()
            .all(self.read())
            .await?;
        if lanes.is_empty() {
            return Ok(Vec::new());
        }
        let share = limit.div_ceil(lanes.len() as u64);
        // SQLite syncs each transaction to disk, so there they go together.
        let together = if self.is_shared() { None } else { Some(self.begin().await?) };
        let mut claimed = Vec::new();
        for lane_id in lanes {
            let room = Ord::min(share, limit - claimed.len() as u64);
            if room == 0 {
                break;
            }
            claimed.extend(match &together {
                Some(transaction) => claim_lane(transaction, lane_id, claimer, room, alone).await?,
                None => self.claim_lane_apart(lane_id, claimer, room, alone).await?,
            });
        }
        if let Some(transaction) = together {
            transaction.commit().await?;
        }
        Ok(claimed)
    }

    /// Claims from one lane in a transaction of its own, so that nobody holds one lane's limits while waiting for another's.
    async fn claim_lane_apart(
        &self,
        lane_id: i64,
        claimer: Claimer<'_>,
        limit: u64,
        alone: bool,
    ) -> Result<Vec<step::Model>, StoreError> {
        let transaction = self.begin().await?;
        match claim_lane(&transaction, lane_id, claimer, limit, alone).await {
            Ok(steps) => {
                transaction.commit().await?;
                Ok(steps)
            }
            // Two processes came upon two decisions of one contact at the same moment: the other one was faster.
            Err(error) if lost_a_race(&error) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Whether a step is due that has crashed so often that it must run alone. Its lane may be paused.
    pub async fn any_alone(&self, now_ms: i64) -> Result<bool, StoreError> {
        let alone = step::Entity::find()
            .select_only()
            .column(step::Column::Id)
            .filter(in_state(StepState::Scheduled))
            .filter(Expr::col(step::Column::Crashes).gte(Expr::Constant(CRASHES_UNTIL_ALONE.into())))
            .filter(step::Column::DueAtMs.lte(now_ms))
            .into_tuple::<i64>()
            .one(self.read())
            .await?;
        Ok(alone.is_some())
    }

    /// Whether any process is working on anything.
    pub async fn any_claimed(&self) -> Result<bool, StoreError> {
        let claimed = step::Entity::find()
            .select_only()
            .column(step::Column::Id)
            .filter(in_state(StepState::Claimed))
            .into_tuple::<i64>()
            .one(self.read())
            .await?;
        Ok(claimed.is_some())
    }

    /// Whether any process is sending something of the tenant's.
    pub async fn any_sending(&self, scope: Scope) -> Result<bool, StoreError> {
        let sends = [StepKind::Deliver, StepKind::Reply].map(StepKind::as_str);
        let claimed = step::Entity::find()
            .select_only()
            .column(step::Column::Id)
            .filter(in_state(StepState::Claimed))
            .filter(step::Column::Kind.is_in(sends))
            .filter(step::Column::TenantId.eq(scope.0))
            .into_tuple::<i64>()
            .one(self.read())
            .await?;
        Ok(claimed.is_some())
    }

    /// Lengthens the leases of the steps that the worker is working on. One that it has lost sight of is left to the
    /// rescuer.
    pub async fn renew_leases(&self, worker: &str, ids: Vec<i64>, lease_until_ms: i64) -> Result<(), StoreError> {
        for ids in ids.chunks(RENEWED_AT_A_TIME) {
            step::Entity::update_many()
                .col_expr(step::Column::LeaseUntilMs, Expr::value(lease_until_ms))
                .filter(in_state(StepState::Claimed))
                .filter(step::Column::ClaimedBy.eq(worker))
                .filter(step::Column::Id.is_in(filled_up(ids.iter().copied())))
                .exec(self.write())
                .await?;
        }
        Ok(())
    }

    /// Gives back every step whose lease ended before `real_now_ms`: its process died or hung. Each counts a crash, and
    /// one that has crashed too often is quarantined as dead.
    pub async fn rescue(&self, real_now_ms: i64) -> Result<Rescued, StoreError> {
        self.reschedule(Some(real_now_ms)).await
    }

    /// As [`Store::rescue`], for every claim there is: at the start of the only process of a database.
    pub async fn rescue_all(&self) -> Result<Rescued, StoreError> {
        self.reschedule(None).await
    }

    async fn reschedule(&self, expired_at: Option<i64>) -> Result<Rescued, StoreError> {
        let mut rescued = Rescued::default();
        loop {
            let transaction = self.begin().await?;
            let mut query = step::Entity::find()
                .filter(in_state(StepState::Claimed))
                // In the order of the index of leases: by their ids SQLite looks at every step there is.
                .order_by_asc(step::Column::LeaseUntilMs)
                .limit(RESCUED_AT_A_TIME)
                .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            if let Some(now_ms) = expired_at {
                query = query.filter(step::Column::LeaseUntilMs.lt(now_ms));
            }
            let steps = query.all(&transaction).await?;
            let last = (steps.len() as u64) < RESCUED_AT_A_TIME;
            let mut due = BTreeMap::new();
            for step in steps {
                let (lane_id, due_at_ms) = (step.lane_id, step.due_at_ms);
                match give_back(&transaction, step).await? {
                    StepState::Dead => rescued.dead += 1,
                    _ => rescued.again += 1,
                }
                note_due(&mut due, lane_id, due_at_ms);
            }
            lower_next_due(&transaction, &due).await?;
            transaction.commit().await?;
            if last {
                return Ok(rescued);
            }
        }
    }
}

async fn give_back(transaction: &DatabaseTransaction, step: step::Model) -> Result<StepState, StoreError> {
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
    step::Entity::update(change).exec_without_returning(transaction).await?;
    Ok(state)
}

fn lost_a_race(error: &StoreError) -> bool {
    matches!(error, StoreError::Database(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))))
}

async fn claim_lane(
    transaction: &DatabaseTransaction,
    lane_id: i64,
    claimer: Claimer<'_>,
    limit: u64,
    alone: bool,
) -> Result<Vec<step::Model>, StoreError> {
    let Some(lane) = serve_lane(transaction, lane_id, claimer).await? else { return Ok(Vec::new()) };
    let mut change = lane::ActiveModel { id: Set(lane.id), ..Default::default() };
    let mut room = Room::of(transaction, &lane, claimer.real_now_ms).await?;
    room.correct(transaction).await?;
    let limit = room.left().map_or(limit, |left| Ord::min(left, limit));
    let steps = claim_steps(transaction, lane.id, claimer, limit, alone).await?;
    room.take(transaction, steps.len() as u64).await?;
    if (steps.len() as u64) < limit {
        change.next_due_ms = Set(first_due(transaction, lane.id).await?.unwrap_or(NEVER));
    }
    let held = room.held();
    if held.is_some() || lane.held_by.is_some() {
        let (until_ms, by) = held.map_or((0, None), |(until_ms, by)| (until_ms, Some(by)));
        (change.held_until_ms, change.held_by) = (Set(until_ms), Set(by));
    }
    if change.next_due_ms.is_set() || change.held_until_ms.is_set() {
        lane::Entity::update(change).exec_without_returning(transaction).await?;
    }
    Ok(steps)
}

/// The lane, for this transaction alone, and served with it; none where another process is at it, or has been meanwhile.
async fn serve_lane(
    transaction: &DatabaseTransaction,
    lane_id: i64,
    claimer: Claimer<'_>,
) -> Result<Option<lane::Model>, StoreError> {
    let nobodys = lane::Entity::find_by_id(lane_id)
        .select_only()
        .column(lane::Column::Id)
        // A claim need not outlive a crash of the database: what comes of it is synced to disk, and everything before it with it.
        .filter(Condition::all().add_option(dialect::quickly(transaction.get_database_backend())))
        .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
        .into_query();
    let served = lane::Entity::update_many()
        .col_expr(lane::Column::Served, Expr::value(claimer.turn))
        .filter(lane::Column::Id.in_subquery(nobodys))
        .exec_with_returning(transaction)
        .await?;
    Ok(served
        .into_iter()
        .find(|lane| !lane.paused && lane.next_due_ms <= claimer.now_ms && lane.held_until_ms <= claimer.real_now_ms))
}

async fn claim_steps(
    transaction: &DatabaseTransaction,
    lane_id: i64,
    claimer: Claimer<'_>,
    limit: u64,
    alone: bool,
) -> Result<Vec<step::Model>, StoreError> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let statement = dialect::claim(
        transaction.get_database_backend(),
        &dialect::ClaimQuery {
            lane_id,
            worker: claimer.worker,
            now_ms: claimer.now_ms,
            lease_until_ms: claimer.lease_until_ms,
            limit,
            crashes_until_alone: CRASHES_UNTIL_ALONE,
            alone,
            columns: &step::Model::columns(),
        },
    )?;
    let rows = transaction.query_all_raw(statement).await?;
    let mut steps = rows.iter().map(step::Model::read).collect::<Result<Vec<_>, _>>()?;
    steps.sort_unstable_by_key(|step| (step.due_at_ms, step.id));
    Ok(steps)
}

async fn first_due(connection: &impl ConnectionTrait, lane_id: i64) -> Result<Option<i64>, StoreError> {
    let first = step::Entity::find()
        .select_only()
        .column(step::Column::DueAtMs)
        .filter(step::Column::LaneId.eq(lane_id))
        .filter(in_state(StepState::Scheduled))
        .order_by_asc(step::Column::DueAtMs)
        .limit(1)
        .into_tuple::<i64>()
        .one(connection)
        .await?;
    Ok(first)
}
