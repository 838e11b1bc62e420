//! Requests that named themselves (`Idempotency-Key`), with their answers.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    sea_query::Expr,
};

use crate::{Scope, Store, StoreError, database::conflict, entities::idempotency_key, unique::Unique};

/// The answer to a request that named itself.
#[derive(Debug, Clone)]
pub struct KeptAnswer {
    /// The request's key, which was taken.
    pub key: String,
    /// HTTP status.
    pub status: u16,
    /// The body, sealed.
    pub body: String,
}

/// Keeps an answer with whatever else the connection's transaction does: where the request's work is in it, a crash leaves
/// both or neither.
pub(crate) async fn keep_answer(
    connection: &impl ConnectionTrait,
    scope: Scope,
    answer: KeptAnswer,
) -> Result<(), StoreError> {
    let change = idempotency_key::ActiveModel {
        tenant_id: Set(scope.0),
        key: Set(answer.key),
        status: Set(Some(i32::from(answer.status))),
        body: Set(Some(answer.body)),
        ..Default::default()
    };
    idempotency_key::Entity::update(change).exec_without_returning(connection).await?;
    Ok(())
}

impl Store {
    /// The request of that key.
    pub async fn idempotency_key(&self, scope: Scope, key: &str) -> Result<Option<idempotency_key::Model>, StoreError> {
        Ok(idempotency_key::Entity::find_by_id((scope.0, key.to_owned())).unique(self.read()).await?)
    }

    /// Takes a key before its request is worked on; a [`StoreError::Conflict`] where somebody was faster.
    pub async fn insert_idempotency_key(&self, row: idempotency_key::Model) -> Result<(), StoreError> {
        idempotency_key::Entity::insert(row.into_active_model())
            .exec_without_returning(self.write())
            .await
            .map_err(|error| conflict(error, || "a request with this Idempotency-Key is under way".to_owned()))?;
        Ok(())
    }

    /// Keeps the answer to a request whose work is done.
    pub async fn answer_idempotency_key(&self, scope: Scope, answer: KeptAnswer) -> Result<(), StoreError> {
        keep_answer(self.write(), scope, answer).await
    }

    /// Says that the request of that key is still being worked on.
    pub async fn renew_idempotency_key(&self, scope: Scope, key: &str, now_ms: i64) -> Result<(), StoreError> {
        idempotency_key::Entity::update_many()
            .col_expr(idempotency_key::Column::CreatedAtMs, Expr::value(now_ms))
            .filter(idempotency_key::Column::TenantId.eq(scope.0))
            .filter(idempotency_key::Column::Key.eq(key))
            .filter(idempotency_key::Column::Status.is_null())
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Takes a key over from a process that died; a [`StoreError::Conflict`] where somebody was faster.
    pub async fn take_over_idempotency_key(
        &self,
        scope: Scope,
        known: &idempotency_key::Model,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let taken = idempotency_key::Entity::update_many()
            .col_expr(idempotency_key::Column::CreatedAtMs, Expr::value(now_ms))
            .filter(idempotency_key::Column::TenantId.eq(scope.0))
            .filter(idempotency_key::Column::Key.eq(&known.key))
            .filter(idempotency_key::Column::Status.is_null())
            .filter(idempotency_key::Column::CreatedAtMs.eq(known.created_at_ms))
            .exec(self.write())
            .await?;
        match taken.rows_affected {
            0 => Err(StoreError::Conflict("A request with this Idempotency-Key is under way.".to_owned())),
            _ => Ok(()),
        }
    }

    /// Gives a key back whose request came to nothing. One that has an answer did come to something, whatever failed after it.
    pub async fn delete_idempotency_key(&self, scope: Scope, key: &str) -> Result<(), StoreError> {
        idempotency_key::Entity::delete_by_id((scope.0, key.to_owned()))
            .filter(idempotency_key::Column::Status.is_null())
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Removes every key that is older than `before_ms`, and those without an answer that are older than
    /// `unanswered_before_ms`: their process died.
    pub async fn purge_idempotency_keys(&self, before_ms: i64, unanswered_before_ms: i64) -> Result<u64, StoreError> {
        let unanswered = idempotency_key::Column::Status
            .is_null()
            .and(idempotency_key::Column::CreatedAtMs.lt(unanswered_before_ms));
        let stale = Condition::any().add(unanswered).add(idempotency_key::Column::CreatedAtMs.lt(before_ms));
        let purged = idempotency_key::Entity::delete_many().filter(stale).exec(self.write()).await?;
        Ok(purged.rows_affected)
    }
}
