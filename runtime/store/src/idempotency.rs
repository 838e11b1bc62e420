//! Requests that named themselves (`Idempotency-Key`), with their answers.

use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter};

use crate::{Scope, Store, StoreError, database::conflict, entities::idempotency_key};

impl Store {
    /// The request of that key.
    pub async fn idempotency_key(&self, scope: Scope, key: &str) -> Result<Option<idempotency_key::Model>, StoreError> {
        Ok(idempotency_key::Entity::find_by_id((scope.0, key.to_owned())).one(self.read()).await?)
    }

    /// Takes a key before its request is worked on; a [`StoreError::Conflict`] where somebody was faster.
    pub async fn insert_idempotency_key(&self, row: idempotency_key::Model) -> Result<(), StoreError> {
        idempotency_key::Entity::insert(row.into_active_model())
            .exec_without_returning(self.write())
            .await
            .map_err(|error| conflict(error, || "a request with this Idempotency-Key is under way".to_owned()))?;
        Ok(())
    }

    /// Keeps the answer, already sealed.
    pub async fn answer_idempotency_key(
        &self,
        scope: Scope,
        key: &str,
        status: u16,
        body: String,
    ) -> Result<(), StoreError> {
        let change = idempotency_key::ActiveModel {
            tenant_id: Set(scope.0),
            key: Set(key.to_owned()),
            status: Set(Some(i32::from(status))),
            body: Set(Some(body)),
            ..Default::default()
        };
        idempotency_key::Entity::update(change).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// Gives a key back whose request came to nothing.
    pub async fn delete_idempotency_key(&self, scope: Scope, key: &str) -> Result<(), StoreError> {
        idempotency_key::Entity::delete_by_id((scope.0, key.to_owned())).exec(self.write()).await?;
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
