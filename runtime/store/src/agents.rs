//! Agents.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use stratagem_domain::agent::AgentStatus;
use uuid::Uuid;

use crate::{
    Page, Scope, Store, StoreError,
    entities::{agent, stage},
    unique::Unique,
};

impl Store {
    /// Adds an agent.
    pub async fn insert_agent(&self, row: agent::Model) -> Result<(), StoreError> {
        agent::Entity::insert(row.into_active_model()).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// One agent.
    pub async fn agent(&self, scope: Scope, id: Uuid) -> Result<Option<agent::Model>, StoreError> {
        Ok(agent::Entity::find_by_id(id).filter(agent::Column::TenantId.eq(scope.0)).unique(self.read()).await?)
    }

    /// A tenant's agents.
    pub async fn agents(&self, scope: Scope, page: Page) -> Result<Vec<agent::Model>, StoreError> {
        let mut query = agent::Entity::find()
            .filter(agent::Column::TenantId.eq(scope.0))
            .order_by_asc(agent::Column::Id)
            .limit(page.limit);
        if let Some(after) = page.after {
            query = query.filter(agent::Column::Id.gt(after));
        }
        Ok(query.all(self.read()).await?)
    }

    /// Some agents by id.
    pub async fn agents_by_id(&self, scope: Scope, ids: &[Uuid]) -> Result<HashMap<Uuid, agent::Model>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = agent::Entity::find()
            .filter(agent::Column::TenantId.eq(scope.0))
            .filter(agent::Column::Id.is_in(ids.iter().copied()))
            .all(self.read())
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// Stores a changed agent.
    pub async fn update_agent(&self, scope: Scope, row: agent::Model) -> Result<(), StoreError> {
        let change = agent::ActiveModel {
            name: Set(row.name),
            llm_integration_id: Set(row.llm_integration_id),
            integrations: Set(row.integrations),
            instructions: Set(row.instructions),
            rules: Set(row.rules),
            states: Set(row.states),
            result_schema: Set(row.result_schema),
            max_concurrent: Set(row.max_concurrent),
            status: Set(row.status),
            status_reason: Set(row.status_reason),
            updated_at_ms: Set(row.updated_at_ms),
            ..Default::default()
        };
        agent::Entity::update_many()
            .set(change)
            .filter(agent::Column::Id.eq(row.id))
            .filter(agent::Column::TenantId.eq(scope.0))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Notes that an active agent cannot go on, and why.
    pub async fn agent_failed(&self, scope: Scope, id: Uuid, reason: &str, now_ms: i64) -> Result<(), StoreError> {
        agent::Entity::update_many()
            .col_expr(agent::Column::Status, Expr::value(AgentStatus::Error.as_str()))
            .col_expr(agent::Column::StatusReason, Expr::value(reason))
            .col_expr(agent::Column::UpdatedAtMs, Expr::value(now_ms))
            .filter(agent::Column::Id.eq(id))
            .filter(agent::Column::TenantId.eq(scope.0))
            .filter(agent::Column::Status.eq(AgentStatus::Active.as_str()))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Removes an agent; false where the tenant has none of that id. One that a stage uses stays.
    pub async fn delete_agent(&self, scope: Scope, id: Uuid) -> Result<bool, StoreError> {
        let used = stage::Entity::find()
            .filter(stage::Column::TenantId.eq(scope.0))
            .filter(stage::Column::AgentId.eq(id))
            .count(self.read())
            .await?;
        if used > 0 {
            return Err(StoreError::Conflict(format!("the agent is used by {used} stages: change them first")));
        }
        let deleted = agent::Entity::delete_many()
            .filter(agent::Column::Id.eq(id))
            .filter(agent::Column::TenantId.eq(scope.0))
            .exec(self.write())
            .await?;
        Ok(deleted.rows_affected > 0)
    }
}
