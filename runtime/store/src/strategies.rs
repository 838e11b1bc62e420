//! Strategies and their versions.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use stratagem_domain::{campaign::CampaignStatus, step::StepKind, strategy::StrategyType};
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError, campaigns,
    database::conflict,
    entities::{campaign, strategy, strategy_version},
    steps::NewStep,
    unique::Unique,
};

/// As a literal, as the index of those in force has it: SQLite would plan anew for each value that is bound.
fn is_in_force() -> Expr {
    ExprTrait::eq(Expr::col((strategy::Entity, strategy::Column::Active)), Expr::Constant(true.into()))
}

impl Store {
    /// Adds a strategy with its first version. Where it is active, it takes the place of the active one of its type; where it
    /// is still compiling, a step is added that will see to that. A campaign that is gone is a conflict.
    pub async fn insert_strategy(
        &self,
        row: strategy::Model,
        version: strategy_version::Model,
        trace_id: Option<String>,
    ) -> Result<(), StoreError> {
        let scope = Scope(row.tenant_id);
        let compile = compile_step(row.campaign_id, &version, trace_id);
        self.ensure_lanes(scope, compile.as_slice()).await?;
        let transaction = self.begin().await?;
        campaigns::hold(&transaction, scope, row.campaign_id).await?;
        if row.active {
            retire_active(&transaction, &row).await?;
        }
        strategy::Entity::insert(row.into_active_model()).exec_without_returning(&transaction).await?;
        self.add_version(&transaction, scope, version, compile).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn add_version(
        &self,
        transaction: &DatabaseTransaction,
        scope: Scope,
        version: strategy_version::Model,
        compile: Option<NewStep>,
    ) -> Result<(), StoreError> {
        let now_ms = version.created_at_ms;
        insert_version(transaction, version).await?;
        let compile = compile.into_iter().map(|step| (scope, step)).collect();
        self.insert_steps(transaction, now_ms, compile, BTreeMap::new()).await
    }

    /// Says how compiling a version went. One that is ready comes into force, unless a newer one already has.
    pub async fn end_compiling(
        &self,
        scope: Scope,
        strategy_id: Uuid,
        version: i32,
        failure: Option<String>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        let change = strategy_version::ActiveModel {
            status: Set(if failure.is_none() { "ready" } else { "failed" }.to_owned()),
            status_reason: Set(failure.clone()),
            ..Default::default()
        };
        strategy_version::Entity::update_many()
            .set(change)
            .filter(strategy_version::Column::StrategyId.eq(strategy_id))
            .filter(strategy_version::Column::Version.eq(version))
            .filter(strategy_version::Column::TenantId.eq(scope.0))
            .exec(&transaction)
            .await?;
        if failure.is_none() {
            put_in_force(&transaction, scope, strategy_id, version, now_ms).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The newest version of a strategy, in force or not.
    pub async fn newest_version(
        &self,
        scope: Scope,
        strategy_id: Uuid,
    ) -> Result<Option<strategy_version::Model>, StoreError> {
        let query = strategy_version::Entity::find()
            .filter(strategy_version::Column::TenantId.eq(scope.0))
            .filter(strategy_version::Column::StrategyId.eq(strategy_id))
            .order_by_desc(strategy_version::Column::Version);
        Ok(query.one(self.read()).await?)
    }

    /// Stores a strategy's name and, where there is one, its next version, which comes into force where it is ready. A strategy
    /// that is gone is a conflict.
    pub async fn update_strategy(
        &self,
        scope: Scope,
        row: strategy::Model,
        version: Option<strategy_version::Model>,
        trace_id: Option<String>,
    ) -> Result<(), StoreError> {
        let compile = version.as_ref().and_then(|version| compile_step(row.campaign_id, version, trace_id));
        self.ensure_lanes(scope, compile.as_slice()).await?;
        let transaction = self.begin().await?;
        let change =
            strategy::ActiveModel { name: Set(row.name), updated_at_ms: Set(row.updated_at_ms), ..Default::default() };
        let updated = strategy::Entity::update_many()
            .set(change)
            .filter(strategy::Column::Id.eq(row.id))
            .filter(strategy::Column::TenantId.eq(scope.0))
            .exec(&transaction)
            .await?;
        if updated.rows_affected == 0 {
            return Err(StoreError::Conflict("The strategy was deleted meanwhile.".to_owned()));
        }
        if let Some(version) = version {
            let (number, ready) = (version.version, version.status == "ready");
            self.add_version(&transaction, scope, version, compile).await?;
            if ready {
                put_in_force(&transaction, scope, row.id, number, row.updated_at_ms).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// One strategy.
    pub async fn strategy(&self, scope: Scope, id: Uuid) -> Result<Option<strategy::Model>, StoreError> {
        let query = strategy::Entity::find_by_id(id).filter(strategy::Column::TenantId.eq(scope.0));
        Ok(query.unique(self.read()).await?)
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
            .filter(is_in_force())
            .unique(self.read())
            .await?;
        match active {
            Some(row) => self.strategy_version(scope, row.id, row.version).await,
            None => Ok(None),
        }
    }

    /// Types and versions of the source strategies that are in force in active campaigns, those that changed last first.
    pub async fn sources_in_force(
        &self,
        limit: u64,
    ) -> Result<Vec<(StrategyType, strategy_version::Model)>, StoreError> {
        let active = campaign::Entity::find()
            .select_only()
            .column(campaign::Column::Id)
            .filter(campaign::Column::Status.eq(CampaignStatus::Active.as_str()))
            .into_query();
        let strategies = strategy::Entity::find()
            .filter(is_in_force())
            .filter(strategy::Column::CampaignId.in_subquery(active))
            .order_by_desc(strategy::Column::UpdatedAtMs)
            .limit(limit)
            .all(self.read())
            .await?;
        let mut found = Vec::new();
        for row in strategies {
            let version = self.strategy_version(Scope(row.tenant_id), row.id, row.version).await?;
            let source = version.filter(|version| version.component_hash.is_none());
            found.extend(StrategyType::parse(&row.kind).zip(source));
        }
        Ok(found)
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
        Ok(query.unique(self.read()).await?)
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

/// What compiles a version that has to be.
fn compile_step(campaign_id: Uuid, version: &strategy_version::Model, trace_id: Option<String>) -> Option<NewStep> {
    (version.status == "compiling").then(|| NewStep {
        campaign_id,
        contact_id: None,
        subject_id: Some(version.strategy_id),
        kind: StepKind::Compile,
        sender: String::new(),
        payload: serde_json::json!({ "version": version.version }),
        due_at_ms: version.created_at_ms,
        trace_id,
    })
}

/// A version that is ready comes into force, unless a newer one already has. The first that ever is makes its strategy the active
/// one of its type.
async fn put_in_force(
    transaction: &DatabaseTransaction,
    scope: Scope,
    strategy_id: Uuid,
    version: i32,
    now_ms: i64,
) -> Result<(), StoreError> {
    let row = strategy::Entity::find_by_id(strategy_id)
        .filter(strategy::Column::TenantId.eq(scope.0))
        .lock_exclusive()
        .one(transaction)
        .await?;
    let Some(row) = row else { return Ok(()) };
    let ready_before = strategy_version::Entity::find()
        .filter(strategy_version::Column::StrategyId.eq(strategy_id))
        .filter(strategy_version::Column::Status.eq("ready"))
        .filter(strategy_version::Column::Version.ne(version))
        .count(transaction)
        .await?;
    let mut change = strategy::ActiveModel { updated_at_ms: Set(now_ms), ..Default::default() };
    if version >= row.version {
        change.version = Set(version);
    }
    if ready_before == 0 {
        retire_active(transaction, &row).await?;
        change.active = Set(true);
    }
    strategy::Entity::update_many().set(change).filter(strategy::Column::Id.eq(strategy_id)).exec(transaction).await?;
    Ok(())
}

/// No strategy of that campaign and type is active then.
async fn retire_active(transaction: &DatabaseTransaction, row: &strategy::Model) -> Result<(), StoreError> {
    strategy::Entity::update_many()
        .col_expr(strategy::Column::Active, Expr::value(false))
        .filter(strategy::Column::CampaignId.eq(row.campaign_id))
        .filter(strategy::Column::TenantId.eq(row.tenant_id))
        .filter(strategy::Column::Kind.eq(&row.kind))
        .exec(transaction)
        .await?;
    Ok(())
}

async fn insert_version(transaction: &DatabaseTransaction, version: strategy_version::Model) -> Result<(), StoreError> {
    strategy_version::Entity::insert(version.into_active_model())
        .exec_without_returning(transaction)
        .await
        .map_err(|error| conflict(error, || "the strategy was changed at the same time: read it again".to_owned()))?;
    Ok(())
}
