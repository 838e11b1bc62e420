//! Runs of strategies.

use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{Page, Scope, Store, StoreError, entities::run, unique::Unique};

impl Store {
    /// Adds a run that no step writes.
    pub async fn insert_run(&self, row: run::Model) -> Result<(), StoreError> {
        run::Entity::insert(row.into_active_model()).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// A campaign's runs; only those with that outcome, or of that contact, where one is given.
    pub async fn runs(
        &self,
        scope: Scope,
        campaign_id: Uuid,
        outcome: Option<&str>,
        contact_id: Option<Uuid>,
        page: Page,
    ) -> Result<Vec<run::Model>, StoreError> {
        let mut query = run::Entity::find()
            .filter(run::Column::TenantId.eq(scope.0))
            .filter(run::Column::CampaignId.eq(campaign_id))
            .order_by_asc(run::Column::Id)
            .limit(page.limit);
        if let Some(outcome) = outcome {
            query = query.filter(run::Column::Outcome.eq(outcome));
        }
        if let Some(contact_id) = contact_id {
            query = query.filter(run::Column::ContactId.eq(contact_id));
        }
        if let Some(after) = page.after {
            query = query.filter(run::Column::Id.gt(after));
        }
        Ok(query.all(self.read()).await?)
    }

    /// One run.
    pub async fn run(&self, scope: Scope, id: Uuid) -> Result<Option<run::Model>, StoreError> {
        Ok(run::Entity::find_by_id(id).filter(run::Column::TenantId.eq(scope.0)).unique(self.read()).await?)
    }
}
