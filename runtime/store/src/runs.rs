//! Runs of strategies.

use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict};
use uuid::Uuid;

use crate::{
    Page, Scope, Store, StoreError,
    entities::{run, run_input},
};

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

    /// What a run was given, compressed.
    pub async fn run_input(&self, scope: Scope, hash: &str) -> Result<Option<run_input::Model>, StoreError> {
        Ok(run_input::Entity::find_by_id((scope.0, hash.to_owned())).one(self.read()).await?)
    }

    /// One run.
    pub async fn run(&self, scope: Scope, id: Uuid) -> Result<Option<run::Model>, StoreError> {
        Ok(run::Entity::find_by_id(id).filter(run::Column::TenantId.eq(scope.0)).one(self.read()).await?)
    }
}

/// Adds inputs; one that is there is used again, and kept from now on.
pub(crate) async fn insert_inputs(
    transaction: &sea_orm::DatabaseTransaction,
    mut inputs: Vec<run_input::Model>,
) -> Result<(), StoreError> {
    if inputs.is_empty() {
        return Ok(());
    }
    let there = OnConflict::columns([run_input::Column::TenantId, run_input::Column::Hash])
        .update_column(run_input::Column::CreatedAtMs)
        .to_owned();
    // In one order, because two processes may be adding the same ones.
    inputs.sort_unstable_by(|a, b| (a.tenant_id, &a.hash).cmp(&(b.tenant_id, &b.hash)));
    inputs.dedup_by(|a, b| (a.tenant_id, &a.hash) == (b.tenant_id, &b.hash));
    let inputs = inputs.into_iter().map(IntoActiveModel::into_active_model);
    run_input::Entity::insert_many(inputs).on_conflict(there).exec_without_returning(transaction).await?;
    Ok(())
}
