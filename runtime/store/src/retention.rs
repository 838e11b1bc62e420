//! Forgetting what has been kept long enough: small transactions, so that nobody waits long for the writer, and safe where several
//! processes do it at the same time. All times are the campaigns' clock, which is what rows have.

use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, LockBehavior, LockType, Query},
};
use stratagem_domain::step::StepState;
use uuid::Uuid;

use crate::{
    Json, Store, StoreError,
    entities::{import, import_receipt, message, run, session, step},
    sessions::CLOSED,
};

/// Rows of one transaction.
const BATCH: u64 = 1_000;

impl Store {
    /// Takes from some runs that were recorded before `before_ms` what they were given, what they logged and what they were
    /// answered; what came of them stays. Returns how many, 0 when there are no more.
    pub async fn forget_runs(&self, before_ms: i64) -> Result<u64, StoreError> {
        let transaction = self.begin().await?;
        let ids: Vec<Uuid> = run::Entity::find()
            .select_only()
            .column(run::Column::Id)
            .filter(run::Column::Id.lt(first_id(before_ms)))
            .filter(run::Column::InputHash.is_not_null())
            .order_by_asc(run::Column::Id)
            .limit(BATCH)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .into_tuple()
            .all(&transaction)
            .await?;
        let forgotten = run::Entity::update_many()
            .col_expr(run::Column::InputHash, Expr::value(Option::<String>::None))
            .col_expr(run::Column::Input, Expr::value(Option::<Vec<u8>>::None))
            .col_expr(run::Column::Transcript, Expr::value(Option::<Json>::None))
            .col_expr(run::Column::Logs, Expr::value(Json(serde_json::json!([]))))
            .filter(run::Column::Id.is_in(ids))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(forgotten.rows_affected)
    }

    /// Removes some of what was said before `before_ms` in conversations that have ended; their results stay. Returns how many messages,
    /// 0 when there are no more.
    pub async fn forget_messages(&self, before_ms: i64) -> Result<u64, StoreError> {
        let ended = session::Entity::find()
            .select_only()
            .column(session::Column::Id)
            .filter(session::Column::Status.eq(CLOSED))
            .into_query();
        let ids: Vec<Uuid> = message::Entity::find()
            .select_only()
            .column(message::Column::Id)
            .filter(message::Column::Id.lt(first_id(before_ms)))
            .filter(message::Column::SessionId.in_subquery(ended))
            .order_by_asc(message::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(self.read())
            .await?;
        if ids.is_empty() {
            return Ok(0);
        }
        let removed = message::Entity::delete_many().filter(message::Column::Id.is_in(ids)).exec(self.write()).await?;
        Ok(removed.rows_affected)
    }

    /// Removes those of the next steps after the id that ended before `before_ms`, well or because they were not wanted any more;
    /// dead ones stay. Returns how many, and where to go on; none at the end.
    ///
    /// No index leads to them: it would cost every step that ends. Steps are in the order of their making, and none that was
    /// made since can have ended before, so the walk ends at the first of these. It steps over those that still wait: a
    /// thousand take some milliseconds.
    pub async fn forget_steps(&self, before_ms: i64, after: i64) -> Result<(u64, Option<i64>), StoreError> {
        let steps: Vec<(i64, String, i64, Option<i64>)> = step::Entity::find()
            .select_only()
            .columns([step::Column::Id, step::Column::State, step::Column::CreatedAtMs, step::Column::FinishedAtMs])
            .filter(step::Column::Id.gt(after))
            .order_by_asc(step::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(self.read())
            .await?;
        let whole = steps.len() as u64 == BATCH;
        let old: Vec<_> = steps.iter().take_while(|(_, _, created_at_ms, _)| *created_at_ms < before_ms).collect();
        let next = old.last().filter(|_| whole && old.len() == steps.len()).map(|(id, ..)| *id);
        let over = [StepState::Done.as_str(), StepState::Canceled.as_str()];
        let ended = |(_, state, _, finished_at_ms): &&&(i64, String, i64, Option<i64>)| {
            over.contains(&state.as_str()) && finished_at_ms.is_some_and(|at_ms| at_ms < before_ms)
        };
        let ids: Vec<i64> = old.iter().filter(ended).map(|(id, ..)| *id).collect();
        if ids.is_empty() {
            return Ok((0, next));
        }
        // Nothing makes a step that is over into one that is not.
        let removed = step::Entity::delete_many().filter(step::Column::Id.is_in(ids)).exec(self.write()).await?;
        Ok((removed.rows_affected, next))
    }

    /// Removes some receipts of imports that ended before `before_ms`. Returns how many, 0 when there are no more.
    pub async fn forget_receipts(&self, before_ms: i64) -> Result<u64, StoreError> {
        let receipts = Query::select()
            .expr(Expr::val(1))
            .from(import_receipt::Entity)
            .and_where(
                Expr::col((import_receipt::Entity, import_receipt::Column::ImportId))
                    .equals((import::Entity, import::Column::Id)),
            )
            .to_owned();
        // Imports are few: each is looked at.
        let old: Option<Uuid> = import::Entity::find()
            .select_only()
            .column(import::Column::Id)
            .filter(import::Column::Id.lt(first_id(before_ms)))
            .filter(import::Column::FinishedAtMs.lt(before_ms))
            .filter(Expr::exists(receipts))
            .limit(1)
            .into_tuple()
            .one(self.read())
            .await?;
        let Some(import_id) = old else { return Ok(0) };
        let transaction = self.begin().await?;
        let ids: Vec<i64> = import_receipt::Entity::find()
            .select_only()
            .column(import_receipt::Column::Id)
            .filter(import_receipt::Column::ImportId.eq(import_id))
            .limit(BATCH)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .into_tuple()
            .all(&transaction)
            .await?;
        let removed = import_receipt::Entity::delete_many()
            .filter(import_receipt::Column::Id.is_in(ids))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(removed.rows_affected)
    }
}

/// A UUIDv7 below all that are made at this moment or later, and above all that were made before.
fn first_id(ms: i64) -> Uuid {
    let ms = u128::try_from(ms).unwrap_or(0);
    Uuid::from_u128(ms << 80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stratagem_domain::{clock::from_ms, random::seeded};

    #[test]
    fn ids_are_split_by_the_moment_of_their_making() {
        let random = seeded(1);
        for ms in [1, 1_795_000_000_000, 1_795_000_000_001] {
            let id = random.id(from_ms(ms));
            assert!(first_id(ms) <= id && id < first_id(ms + 1), "{ms}");
        }
        assert_eq!(first_id(-1), Uuid::nil());
    }
}
