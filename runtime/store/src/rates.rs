//! Rate limits, kept in the database: they survive restarts and hold across processes.
//!
//! A lane that sends is under the limits of its tenant, its campaign, its channel and its sender, where they have one. A claim
//! takes as many tokens as it takes steps; a lane without tokens is held back whole, and says by what. Agents' seats are counted
//! beside them (`seats.rs`).

use std::collections::{BTreeMap, HashMap};

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockBehavior, LockType, OnConflict},
};
use stratagem_domain::{
    channel::ChannelKind,
    rate::Rate,
    step::{Sender, StepKind, StepState},
};
use uuid::Uuid;

use crate::{
    Json, Scope, Store, StoreError,
    entities::{campaign, integration, lane, rate_bucket, step, tenant},
    seats::Seats,
    unique::Unique,
};

/// Buckets that one transaction removes.
const PURGED_AT_A_TIME: u64 = 1_000;

/// One limit that a lane is under.
struct Limit {
    /// Names its bucket.
    key: String,
    /// What it is the limit of, in plain words.
    of: &'static str,
    rate: Rate,
    /// Its bucket: when it will be full again, in microseconds of real time.
    full_at_us: i64,
}

/// What a lane's limits leave it.
pub(crate) struct Room {
    limits: Vec<Limit>,
    seats: Option<Seats>,
    now_us: i64,
}

impl Room {
    /// Reads a lane's limits, and locks their buckets until the transaction ends.
    pub(crate) async fn of(
        transaction: &DatabaseTransaction,
        lane: &lane::Model,
        real_now_ms: i64,
    ) -> Result<Self, StoreError> {
        let now_us = real_now_ms.saturating_mul(1_000);
        let mut limits = limits_of(transaction, lane).await?;
        let buckets = lock_buckets(transaction, limits.iter().map(|limit| limit.key.clone()).collect()).await?;
        for limit in &mut limits {
            limit.full_at_us = buckets.get(&limit.key).copied().unwrap_or(0);
        }
        Ok(Self { limits, seats: Seats::of(transaction, lane).await?, now_us })
    }

    /// Stores buckets anew that are emptier than empty by the present clock.
    pub(crate) async fn correct(&mut self, transaction: &DatabaseTransaction) -> Result<(), StoreError> {
        for limit in &mut self.limits {
            if let Some(corrected) = limit.rate.corrected(limit.full_at_us, self.now_us) {
                limit.full_at_us = corrected;
                put(transaction, &limit.key, corrected).await?;
            }
        }
        Ok(())
    }

    /// How many tokens and seats there are; none where there is no limit.
    pub(crate) fn left(&self) -> Option<u64> {
        let tokens = self.limits.iter().map(|limit| limit.rate.available(limit.full_at_us, self.now_us)).min();
        tokens.into_iter().chain(self.seats.as_ref().map(Seats::free)).min()
    }

    /// Takes tokens from every limit.
    pub(crate) async fn take(&mut self, transaction: &DatabaseTransaction, count: u64) -> Result<(), StoreError> {
        if count == 0 {
            return Ok(());
        }
        if let Some(seats) = &mut self.seats {
            seats.take(count);
        }
        for limit in &mut self.limits {
            limit.full_at_us = limit.rate.take(limit.full_at_us, self.now_us, count);
            put(transaction, &limit.key, limit.full_at_us).await?;
        }
        Ok(())
    }

    /// Until when the lane has to wait, in milliseconds of real time, and by what; none where it has tokens and seats.
    pub(crate) fn held(&self) -> Option<(i64, String)> {
        let seats = self.seats.as_ref().and_then(|seats| seats.held(self.now_us.div_euclid(1_000)));
        let tokens = self
            .limits
            .iter()
            .filter(|limit| limit.rate.available(limit.full_at_us, self.now_us) == 0)
            .map(|limit| (limit.rate.ready_at(limit.full_at_us, self.now_us), limit))
            .max_by_key(|(ready_at_us, _)| *ready_at_us)
            .map(|(ready_at_us, limit)| {
                (ready_at_us.div_euclid(1_000) + 1, format!("the rate limit of the {}: {}", limit.of, limit.rate))
            });
        tokens.into_iter().chain(seats).max_by_key(|(until_ms, _)| *until_ms)
    }
}

/// A delivery that is held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What would be sent.
    pub communication_id: Uuid,
    /// Real time until which it is held.
    pub until_ms: i64,
    /// By what, in plain words.
    pub reason: String,
}

impl Store {
    /// Takes a token from the bucket of that key, or says until when to wait, in milliseconds of real time.
    pub async fn take_token(&self, key: &str, rate: Rate, real_now_ms: i64) -> Result<Option<i64>, StoreError> {
        let now_us = real_now_ms.saturating_mul(1_000);
        let transaction = self.begin().await?;
        let full_at_us = lock_buckets(&transaction, vec![key.to_owned()]).await?.remove(key).unwrap_or(0);
        if rate.available(full_at_us, now_us) == 0 {
            if let Some(corrected) = rate.corrected(full_at_us, now_us) {
                put(&transaction, key, corrected).await?;
                transaction.commit().await?;
            }
            return Ok(Some(rate.ready_at(full_at_us, now_us).div_euclid(1_000) + 1));
        }
        let full_at_us = rate.take(full_at_us, now_us, 1);
        put(&transaction, key, full_at_us).await?;
        transaction.commit().await?;
        Ok(None)
    }

    /// Has a tenant's lanes asked again what their limits allow: one of them has changed.
    pub async fn release_held_lanes(&self, scope: Scope) -> Result<(), StoreError> {
        lane::Entity::update_many()
            .col_expr(lane::Column::HeldUntilMs, Expr::value(0_i64))
            .filter(lane::Column::TenantId.eq(scope.0))
            .filter(lane::Column::HeldUntilMs.gt(0))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Has all lanes asked again what their limits allow, where the only process of a database starts: the machine's clock may
    /// have gone back since they were told until when to wait.
    pub async fn release_all_held_lanes(&self) -> Result<(), StoreError> {
        lane::Entity::update_many()
            .col_expr(lane::Column::HeldUntilMs, Expr::value(0_i64))
            .filter(lane::Column::HeldUntilMs.gt(0))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// The limit of what one contact gets through the integration.
    pub async fn pair_rate(&self, scope: Scope, integration_id: Uuid) -> Result<Option<Rate>, StoreError> {
        let stored = integration::Entity::find_by_id(integration_id)
            .select_only()
            .column(integration::Column::PairRate)
            .filter(integration::Column::TenantId.eq(scope.0))
            .into_tuple::<Option<Json>>()
            .one(self.read())
            .await?;
        stored.flatten().map(rate).transpose()
    }

    /// Why deliveries of this contact that are due have not been claimed, by communication: their lane's limit until the time that is
    /// given with it, or what they were given up for.
    pub async fn held_deliveries(&self, scope: Scope, contact_id: Uuid) -> Result<Vec<Held>, StoreError> {
        let rows = step::Entity::find()
            .select_only()
            .columns([step::Column::SubjectId, step::Column::State, step::Column::LastError])
            .expr_as(Expr::col((lane::Entity, lane::Column::HeldUntilMs)), "held_until_ms")
            .expr_as(Expr::col((lane::Entity, lane::Column::HeldBy)), "held_by")
            .join_rev(
                JoinType::InnerJoin,
                lane::Entity::belongs_to(step::Entity).from(lane::Column::Id).to(step::Column::LaneId).into(),
            )
            .filter(step::Column::TenantId.eq(scope.0))
            .filter(step::Column::ContactId.eq(contact_id))
            .filter(step::Column::Kind.eq(StepKind::Deliver.as_str()))
            .filter(step::Column::State.is_in([StepState::Scheduled.as_str(), StepState::Dead.as_str()]))
            .into_tuple::<(Option<Uuid>, String, Option<String>, i64, Option<String>)>()
            .all(self.read())
            .await?;
        let held = rows.into_iter().filter_map(|(communication_id, state, error, until_ms, by)| {
            let dead = state == StepState::Dead.as_str();
            let (until_ms, reason) = if dead { (i64::MAX, error?) } else { (until_ms, by?) };
            Some(Held { communication_id: communication_id?, until_ms, reason })
        });
        Ok(held.collect())
    }

    /// Removes some of the buckets that have been full since before `real_now_ms`: they say no more than a missing one. Returns how
    /// many, 0 when there are no more.
    pub async fn purge_rate_buckets(&self, real_now_ms: i64) -> Result<u64, StoreError> {
        let transaction = self.begin().await?;
        let keys: Vec<String> = rate_bucket::Entity::find()
            .select_only()
            .column(rate_bucket::Column::Key)
            .filter(rate_bucket::Column::FullAtUs.lt(real_now_ms.saturating_mul(1_000)))
            .limit(PURGED_AT_A_TIME)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .into_tuple()
            .all(&transaction)
            .await?;
        let purged =
            rate_bucket::Entity::delete_many().filter(rate_bucket::Column::Key.is_in(keys)).exec(&transaction).await?;
        transaction.commit().await?;
        Ok(purged.rows_affected)
    }
}

/// Key of the bucket of what one contact gets through one integration.
pub fn pair_key(integration_id: Uuid, contact_id: Uuid) -> String {
    format!("pair:{integration_id}:{contact_id}")
}

/// Gives back the tokens of steps that were claimed and did not send anything, by lane.
pub(crate) async fn give_back(
    transaction: &DatabaseTransaction,
    unsent: &BTreeMap<i64, u64>,
) -> Result<(), StoreError> {
    for (lane_id, count) in unsent {
        let Some(lane) = lane::Entity::find_by_id(*lane_id).unique(transaction).await? else { continue };
        let mut limits = limits_of(transaction, &lane).await?;
        let buckets = lock_buckets(transaction, limits.iter().map(|limit| limit.key.clone()).collect()).await?;
        for limit in &mut limits {
            limit.full_at_us = buckets.get(&limit.key).copied().unwrap_or(0);
            put(transaction, &limit.key, limit.rate.give_back(limit.full_at_us, *count)).await?;
        }
    }
    Ok(())
}

async fn put(transaction: &DatabaseTransaction, key: &str, full_at_us: i64) -> Result<(), StoreError> {
    let bucket = rate_bucket::ActiveModel { key: Set(key.to_owned()), full_at_us: Set(full_at_us) };
    rate_bucket::Entity::update(bucket).exec_without_returning(transaction).await?;
    Ok(())
}

/// The buckets of these keys, made where they are missing, locked in one order by everybody.
async fn lock_buckets(
    transaction: &DatabaseTransaction,
    keys: Vec<String>,
) -> Result<HashMap<String, i64>, StoreError> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let there = OnConflict::column(rate_bucket::Column::Key).do_nothing().to_owned();
    loop {
        let new = keys.iter().map(|key| rate_bucket::ActiveModel { key: Set(key.clone()), full_at_us: Set(0) });
        rate_bucket::Entity::insert_many(new).on_conflict(there.clone()).exec_without_returning(transaction).await?;
        let rows = rate_bucket::Entity::find()
            .filter(rate_bucket::Column::Key.is_in(keys.iter().cloned()))
            .order_by_asc(rate_bucket::Column::Key)
            .lock_exclusive()
            .all(transaction)
            .await?;
        // A full one may have been purged between the two statements.
        if rows.len() == keys.len() {
            return Ok(rows.into_iter().map(|row| (row.key, row.full_at_us)).collect());
        }
    }
}

/// The limits that a lane is under, in the order of their keys.
async fn limits_of(connection: &impl ConnectionTrait, lane: &lane::Model) -> Result<Vec<Limit>, StoreError> {
    if !StepKind::parse(&lane.kind).is_some_and(StepKind::sends) {
        return Ok(Vec::new());
    }
    let Sender { channel, integration_id, .. } = Sender::parse(&lane.sender);
    if channel == ChannelKind::None.as_str() {
        return Ok(Vec::new());
    }
    let tenant = tenant::Entity::find_by_id(lane.tenant_id)
        .select_only()
        .columns([tenant::Column::SendRate, tenant::Column::ChannelRates])
        .into_tuple::<(Option<Json>, Option<Json>)>()
        .one(connection)
        .await?;
    let (of_tenant, of_channels) = tenant.unwrap_or_default();
    let of_channel = of_channels.and_then(|rates| rates.get(channel).cloned()).map(Json);
    let of_campaign = campaign::Entity::find_by_id(lane.campaign_id)
        .select_only()
        .column(campaign::Column::SendRate)
        .into_tuple::<Option<Json>>()
        .one(connection)
        .await?
        .flatten();
    let of_sender = match integration_id {
        None => None,
        Some(id) => integration::Entity::find_by_id(id)
            .select_only()
            .column(integration::Column::SendRate)
            .into_tuple::<Option<Json>>()
            .one(connection)
            .await?
            .flatten(),
    };
    let found = [
        ("campaign", of_campaign, lane.campaign_id.to_string()),
        ("channel", of_channel, format!("{}:{channel}", lane.tenant_id)),
        ("sender", of_sender, integration_id.unwrap_or_default().to_string()),
        ("tenant", of_tenant, lane.tenant_id.to_string()),
    ];
    let mut limits = Vec::new();
    for (of, rate, id) in found {
        let Some(rate) = rate else { continue };
        limits.push(Limit { key: format!("{of}:{id}"), of, rate: self::rate(rate)?, full_at_us: 0 });
    }
    Ok(limits)
}

fn rate(stored: Json) -> Result<Rate, StoreError> {
    serde_json::from_value(stored.0).map_err(|_| StoreError::Corrupt("rate".to_owned()))
}
