//! Stages, in the campaign's order.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, sea_query::Expr};
use stratagem_domain::communication::Status;
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError,
    database::conflict,
    entities::{communication, stage},
    unique::Unique,
};

impl Store {
    /// Adds a stage.
    pub async fn insert_stage(&self, row: stage::Model) -> Result<(), StoreError> {
        let name = row.name.clone();
        stage::Entity::insert(row.into_active_model())
            .exec_without_returning(self.write())
            .await
            .map_err(|error| conflict(error, || taken(&name)))?;
        Ok(())
    }

    /// One stage.
    pub async fn stage(&self, scope: Scope, id: Uuid) -> Result<Option<stage::Model>, StoreError> {
        Ok(stage::Entity::find_by_id(id).filter(stage::Column::TenantId.eq(scope.0)).unique(self.read()).await?)
    }

    /// A campaign's stages, in order.
    pub async fn stages(&self, scope: Scope, campaign_id: Uuid) -> Result<Vec<stage::Model>, StoreError> {
        let query = stage::Entity::find()
            .filter(stage::Column::TenantId.eq(scope.0))
            .filter(stage::Column::CampaignId.eq(campaign_id))
            .order_by_asc(stage::Column::Position)
            .order_by_asc(stage::Column::Id);
        Ok(query.all(self.read()).await?)
    }

    /// Stores a changed stage; its campaign and position stay. What is planned for it follows a new name and channel.
    pub async fn update_stage(&self, scope: Scope, old_name: &str, row: stage::Model) -> Result<(), StoreError> {
        let name = row.name.clone();
        let transaction = self.begin().await?;
        communication::Entity::update_many()
            .col_expr(communication::Column::StageName, Expr::value(&row.name))
            .col_expr(communication::Column::Channel, Expr::value(&row.channel))
            .filter(communication::Column::CampaignId.eq(row.campaign_id))
            .filter(communication::Column::TenantId.eq(scope.0))
            .filter(communication::Column::StageName.eq(old_name))
            .filter(communication::Column::Status.eq(Status::Planned.as_str()))
            .exec(&transaction)
            .await?;
        let change = stage::ActiveModel {
            name: Set(row.name),
            description: Set(row.description),
            channel: Set(row.channel),
            agent_id: Set(row.agent_id),
            integration_id: Set(row.integration_id),
            settings: Set(row.settings),
            alternatives: Set(row.alternatives),
            response_timeout_s: Set(row.response_timeout_s),
            max_communications: Set(row.max_communications),
            updated_at_ms: Set(row.updated_at_ms),
            ..Default::default()
        };
        stage::Entity::update_many()
            .set(change)
            .filter(stage::Column::Id.eq(row.id))
            .filter(stage::Column::TenantId.eq(scope.0))
            .exec(&transaction)
            .await
            .map_err(|error| conflict(error, || taken(&name)))?;
        transaction.commit().await?;
        Ok(())
    }

    /// Puts a campaign's stages in this order.
    pub async fn order_stages(&self, scope: Scope, campaign_id: Uuid, ids: &[Uuid]) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        for (position, id) in (0_i32..).zip(ids) {
            stage::Entity::update_many()
                .col_expr(stage::Column::Position, Expr::value(position))
                .filter(stage::Column::Id.eq(*id))
                .filter(stage::Column::TenantId.eq(scope.0))
                .filter(stage::Column::CampaignId.eq(campaign_id))
                .exec(&transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Removes a stage; false where the tenant has none of that id.
    pub async fn delete_stage(&self, scope: Scope, id: Uuid) -> Result<bool, StoreError> {
        let deleted = stage::Entity::delete_many()
            .filter(stage::Column::Id.eq(id))
            .filter(stage::Column::TenantId.eq(scope.0))
            .exec(self.write())
            .await?;
        Ok(deleted.rows_affected > 0)
    }
}

fn taken(name: &str) -> String {
    format!("the campaign already has a stage named `{name}`")
}
