//! Which claims of a batch hold.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use stratagem_domain::step::StepState;

use super::Fence;
use crate::{StoreError, bulk::filled_up, dialect, entities::step};

/// The lanes of the steps whose claims hold, by claim.
pub(super) type Held = HashMap<Fence, i64>;

/// A step that is claimed: its id, the epoch of its claim, and its lane.
type Claimed = (i64, i64, i64);

/// Ends as done those of these steps whose claims hold, and says which.
pub(super) async fn end(
    transaction: &DatabaseTransaction,
    now_ms: i64,
    fences: Vec<Fence>,
    checks_epochs: bool,
) -> Result<Held, StoreError> {
    if fences.is_empty() {
        return Ok(Held::new());
    }
    let mut claims: Vec<(i64, i64)> = fences.iter().map(|fence| (fence.step_id, fence.epoch)).collect();
    // In the order in which others lock several.
    claims.sort_unstable();
    let statement = dialect::end_steps(transaction.get_database_backend(), &claims, now_ms, checks_epochs);
    let ended = transaction.query_all_raw(statement).await?;
    let claimed =
        ended.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?)));
    Ok(holding(fences, claimed.collect::<Result<_, DbErr>>()?, checks_epochs))
}

/// Takes back the end of steps, which are claimed as before.
pub(super) async fn reopen(
    transaction: &DatabaseTransaction,
    ids: impl Iterator<Item = i64>,
) -> Result<(), StoreError> {
    let ids = filled_up(ids);
    if !ids.is_empty() {
        step::Entity::update_many()
            .col_expr(step::Column::State, Expr::value(StepState::Claimed.as_str()))
            .col_expr(step::Column::FinishedAtMs, Expr::value(Option::<i64>::None))
            .filter(step::Column::Id.is_in(ids))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

/// Which of these claims hold, and will until the transaction ends.
pub(super) async fn lock(
    transaction: &DatabaseTransaction,
    fences: Vec<Fence>,
    checks_epochs: bool,
) -> Result<Held, StoreError> {
    if fences.is_empty() {
        return Ok(Held::new());
    }
    // By their ids alone: PostgreSQL would rather read the index of all that is claimed, with what is left in it of the past.
    let steps = step::Entity::find()
        .select_only()
        .columns([step::Column::Id, step::Column::ClaimEpoch, step::Column::LaneId, step::Column::State])
        .filter(step::Column::Id.is_in(filled_up(fences.iter().map(|fence| fence.step_id))))
        .order_by_asc(step::Column::Id)
        .lock_exclusive()
        .into_tuple::<(i64, i64, i64, String)>()
        .all(transaction)
        .await?;
    let claimed = steps.into_iter().filter(|(.., state)| state == StepState::Claimed.as_str());
    Ok(holding(fences, claimed.map(|(id, epoch, lane_id, _)| (id, epoch, lane_id)).collect(), checks_epochs))
}

fn holding(fences: Vec<Fence>, claimed: Vec<Claimed>, checks_epochs: bool) -> Held {
    let claimed: HashMap<i64, (i64, i64)> = claimed.into_iter().map(|(id, epoch, lane)| (id, (epoch, lane))).collect();
    let lane = |fence: &Fence| {
        let (epoch, lane) = claimed.get(&fence.step_id)?;
        (*epoch == fence.epoch || !checks_epochs).then_some(*lane)
    };
    fences.into_iter().filter_map(|fence| Some((fence, lane(&fence)?))).collect()
}
