//! Tenants' secrets, as they are sealed.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::{Scope, Store, StoreError, entities::secret};

impl Store {
    /// A tenant's secrets by name.
    pub async fn secrets(&self, scope: Scope) -> Result<Vec<secret::Model>, StoreError> {
        let query =
            secret::Entity::find().filter(secret::Column::TenantId.eq(scope.0)).order_by_asc(secret::Column::Name);
        Ok(query.all(self.read()).await?)
    }

    /// One secret.
    pub async fn secret(&self, scope: Scope, name: &str) -> Result<Option<secret::Model>, StoreError> {
        let query =
            secret::Entity::find().filter(secret::Column::TenantId.eq(scope.0)).filter(secret::Column::Name.eq(name));
        Ok(query.one(self.read()).await?)
    }

    /// Adds a secret, or changes the one of that id.
    pub async fn put_secret(&self, scope: Scope, row: secret::Model) -> Result<(), StoreError> {
        let change = secret::ActiveModel {
            sealed: Set(row.sealed.clone()),
            hosts: Set(row.hosts.clone()),
            updated_at_ms: Set(row.updated_at_ms),
            ..Default::default()
        };
        let transaction = self.begin().await?;
        let changed = secret::Entity::update_many()
            .set(change)
            .filter(secret::Column::Id.eq(row.id))
            .filter(secret::Column::TenantId.eq(scope.0))
            .exec(&transaction)
            .await?;
        if changed.rows_affected == 0 {
            secret::Entity::insert(row.into_active_model()).exec_without_returning(&transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Removes a secret; false where the tenant has none of that name.
    pub async fn delete_secret(&self, scope: Scope, name: &str) -> Result<bool, StoreError> {
        let deleted = secret::Entity::delete_many()
            .filter(secret::Column::TenantId.eq(scope.0))
            .filter(secret::Column::Name.eq(name))
            .exec(self.write())
            .await?;
        Ok(deleted.rows_affected > 0)
    }
}
