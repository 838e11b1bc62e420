//! Strategies and their versions.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use stratagem_domain::strategy::StrategyType;
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError,
    database::conflict,
    entities::{strategy, strategy_version},
};

impl Store {
    /// Adds a strategy with its first version and makes it the active one of its type.
    pub async fn insert_strategy(
        &self,
        row: strategy::Model,
        version: strategy_version::Model,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        strategy::Entity::update_many()
            .col_expr(strategy::Column::Active, Expr::value(false))
            .filter(strategy::Column::CampaignId.eq(row.campaign_id))
            .filter(strategy::Column::TenantId.eq(row.tenant_id))
            .filter(strategy::Column::Kind.eq(&row.kind))
            .exec(&transaction)
            .await?;
        strategy::Entity::insert(row.into_active_model()).exec_without_returning(&transaction).await?;
        insert_version(&transaction, version).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Stores a strategy's name and, where there is one, its next version.
    pub async fn update_strategy(
        &self,
        scope: Scope,
        row: strategy::Model,
        version: Option<strategy_version::Model>,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        let change = strategy::ActiveModel {
            name: Set(row.name),
            version: Set(row.version),
            updated_at_ms: Set(row.updated_at_ms),
            ..Default::default()
        };
        strategy::Entity::update_many()
            .set(change)
            .filter(strategy::Column::Id.eq(row.id))
            .filter(strategy::Column::TenantId.eq(scope.0))
            .exec(&transaction)
            .await?;
        if let Some(version) = version {
            insert_version(&transaction, version).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// One strategy.
    pub async fn strategy(&self, scope: Scope, id: Uuid) -> Result<Option<strategy::Model>, StoreError> {
        let query = strategy::Entity::find_by_id(id).filter(strategy::Column::TenantId.eq(scope.0));
        Ok(query.one(self.read()).await?)
    }

    /// A campaign's strategies, oldest first.
    pub async fn strategies(&self, scope: Scope, campaign_id: Uuid) -> Result<Vec<strategy::Model>, StoreError> {
        let query = strategy::Entity::find()
            .filter(strategy::Column::TenantId.eq(scope.0))
            .filter(strategy::Column::CampaignId.eq(campaign_id))
            .order_by_asc(strategy::Column::Id);
        Ok(query.all(self.read()).await?)
    }

    /// The campaign's active strategy of that type, in the version that is in force.
    pub async fn active_strategy(
        &self,
        scope: Scope,
        campaign_id: Uuid,
        kind: StrategyType,
    ) -> Result<Option<strategy_version::Model>, StoreError> {
        let active = strategy::Entity::find()
            .filter(strategy::Column::TenantId.eq(scope.0))
            .filter(strategy::Column::CampaignId.eq(campaign_id))
            .filter(strategy::Column::Kind.eq(kind.as_str()))
            .filter(strategy::Column::Active.eq(true))
            .one(self.read())
            .await?;
        match active {
            Some(row) => self.strategy_version(scope, row.id, row.version).await,
            None => Ok(None),
        }
    }

    /// One version of a strategy.
    pub async fn strategy_version(
        &self,
        scope: Scope,
        strategy_id: Uuid,
        version: i32,
    ) -> Result<Option<strategy_version::Model>, StoreError> {
        let query = strategy_version::Entity::find_by_id((strategy_id, version))
            .filter(strategy_version::Column::TenantId.eq(scope.0));
        Ok(query.one(self.read()).await?)
    }

    /// Every version of a strategy, oldest first.
    pub async fn strategy_versions(
        &self,
        scope: Scope,
        strategy_id: Uuid,
    ) -> Result<Vec<strategy_version::Model>, StoreError> {
        let query = strategy_version::Entity::find()
            .filter(strategy_version::Column::TenantId.eq(scope.0))
            .filter(strategy_version::Column::StrategyId.eq(strategy_id))
            .order_by_asc(strategy_version::Column::Version);
        Ok(query.all(self.read()).await?)
    }

    /// Removes a strategy and its versions; false where the tenant has none of that id. Its runs stay.
    pub async fn delete_strategy(&self, scope: Scope, id: Uuid) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let deleted = strategy::Entity::delete_many()
            .filter(strategy::Column::Id.eq(id))
            .filter(strategy::Column::TenantId.eq(scope.0))
            .exec(&transaction)
            .await?;
        strategy_version::Entity::delete_many()
            .filter(strategy_version::Column::StrategyId.eq(id))
            .filter(strategy_version::Column::TenantId.eq(scope.0))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(deleted.rows_affected > 0)
    }
}

async fn insert_version(transaction: &DatabaseTransaction, version: strategy_version::Model) -> Result<(), StoreError> {
    strategy_version::Entity::insert(version.into_active_model())
        .exec_without_returning(transaction)
        .await
        .map_err(|error| conflict(error, || "the strategy was changed at the same time: read it again".to_owned()))?;
    Ok(())
}
