//! Integrations. Their secrets come and go sealed: the store never sees one in plain text.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use crate::{
    Json, Page, Scope, Store, StoreError,
    entities::{agent, integration, stage},
    unique::Unique,
};

impl Store {
    /// Adds an integration.
    pub async fn insert_integration(&self, row: integration::Model) -> Result<(), StoreError> {
        integration::Entity::insert(row.into_active_model()).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// One integration.
    pub async fn integration(&self, scope: Scope, id: Uuid) -> Result<Option<integration::Model>, StoreError> {
        let query = integration::Entity::find_by_id(id).filter(integration::Column::TenantId.eq(scope.0));
        Ok(query.unique(self.read()).await?)
    }

    /// The integration that a webhook is of, whosever: its call proves itself.
    pub async fn integration_of_hook(&self, id: Uuid) -> Result<Option<integration::Model>, StoreError> {
        Ok(integration::Entity::find_by_id(id).unique(self.read()).await?)
    }

    /// A tenant's integrations of one kind.
    pub async fn integrations_of_kind(&self, scope: Scope, kind: &str) -> Result<Vec<integration::Model>, StoreError> {
        let query = integration::Entity::find()
            .filter(integration::Column::TenantId.eq(scope.0))
            .filter(integration::Column::Kind.eq(kind))
            .order_by_asc(integration::Column::Id);
        Ok(query.all(self.read()).await?)
    }

    /// A tenant's integrations.
    pub async fn integrations(&self, scope: Scope, page: Page) -> Result<Vec<integration::Model>, StoreError> {
        let mut query = integration::Entity::find()
            .filter(integration::Column::TenantId.eq(scope.0))
            .order_by_asc(integration::Column::Id)
            .limit(page.limit);
        if let Some(after) = page.after {
            query = query.filter(integration::Column::Id.gt(after));
        }
        Ok(query.all(self.read()).await?)
    }

    /// Stores a changed integration under the next version; false where it is not as it was `before` any more.
    pub async fn update_integration(
        &self,
        before: &integration::Model,
        row: integration::Model,
    ) -> Result<bool, StoreError> {
        let change = integration::ActiveModel {
            name: Set(row.name),
            settings: Set(row.settings),
            secrets: Set(row.secrets),
            send_rate: Set(row.send_rate),
            pair_rate: Set(row.pair_rate),
            version: Set(before.version + 1),
            updated_at_ms: Set(row.updated_at_ms),
            ..Default::default()
        };
        self.change_integration(before, change).await
    }

    /// Stores secrets that stand for the same account as before, so that connections stay open; false where the integration is not as
    /// it was `before` any more.
    pub async fn exchange_secrets(&self, before: &integration::Model, secrets: Json) -> Result<bool, StoreError> {
        let change = integration::ActiveModel { secrets: Set(secrets), ..Default::default() };
        self.change_integration(before, change).await
    }

    async fn change_integration(
        &self,
        before: &integration::Model,
        change: integration::ActiveModel,
    ) -> Result<bool, StoreError> {
        let changed = integration::Entity::update_many()
            .set(change)
            .filter(integration::Column::Id.eq(before.id))
            .filter(integration::Column::TenantId.eq(before.tenant_id))
            .filter(integration::Column::Version.eq(before.version))
            .filter(integration::Column::Secrets.eq(before.secrets.clone()))
            .exec(self.write())
            .await?;
        Ok(changed.rows_affected > 0)
    }

    /// Removes an integration; false where the tenant has none of that id. One that a stage or an agent uses stays.
    pub async fn delete_integration(&self, scope: Scope, id: Uuid) -> Result<bool, StoreError> {
        let used = stage::Entity::find()
            .filter(stage::Column::TenantId.eq(scope.0))
            .filter(stage::Column::IntegrationId.eq(id))
            .count(self.read())
            .await?;
        if used > 0 {
            return Err(StoreError::Conflict(format!("the integration is used by {used} stages: change them first")));
        }
        let held = agent::Column::LlmIntegrationId.eq(id).or(agent::Column::Integrations.contains(id.to_string()));
        let talking =
            agent::Entity::find().filter(agent::Column::TenantId.eq(scope.0)).filter(held).count(self.read()).await?;
        if talking > 0 {
            return Err(StoreError::Conflict(format!(
                "the integration is used by {talking} agents: change them first"
            )));
        }
        let deleted = integration::Entity::delete_many()
            .filter(integration::Column::Id.eq(id))
            .filter(integration::Column::TenantId.eq(scope.0))
            .exec(self.write())
            .await?;
        Ok(deleted.rows_affected > 0)
    }
}
