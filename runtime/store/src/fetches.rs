//! Integrations that have to be read: one process at a time reads each, and how far it has come is kept.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use crate::{
    Scope, Store, StoreError,
    entities::{fetch, integration},
    unique::Unique,
};

impl Store {
    /// Every integration of these kinds, whoever's.
    pub async fn integrations_of_kinds(&self, kinds: &[&str]) -> Result<Vec<integration::Model>, StoreError> {
        let query = integration::Entity::find().filter(integration::Column::Kind.is_in(kinds.iter().copied()));
        Ok(query.all(self.read()).await?)
    }

    /// Takes or lengthens the lease on reading an integration. None where another process has it; else its cursor.
    pub async fn lease_fetch(
        &self,
        of: &integration::Model,
        worker: &str,
        real_now_ms: i64,
        until_ms: i64,
    ) -> Result<Option<Option<String>>, StoreError> {
        let new = fetch::ActiveModel {
            integration_id: Set(of.id),
            tenant_id: Set(of.tenant_id),
            cursor: Set(None),
            worker: Set(None),
            lease_until_ms: Set(0),
        };
        let there = OnConflict::column(fetch::Column::IntegrationId).do_nothing().to_owned();
        fetch::Entity::insert(new).on_conflict(there).exec_without_returning(self.write()).await?;
        let free =
            Condition::any().add(fetch::Column::Worker.eq(worker)).add(fetch::Column::LeaseUntilMs.lt(real_now_ms));
        let taken = fetch::Entity::update_many()
            .col_expr(fetch::Column::Worker, Expr::value(worker))
            .col_expr(fetch::Column::LeaseUntilMs, Expr::value(until_ms))
            .filter(fetch::Column::IntegrationId.eq(of.id))
            .filter(free)
            .exec(self.write())
            .await?;
        if taken.rows_affected == 0 {
            return Ok(None);
        }
        let row = fetch::Entity::find_by_id(of.id).unique(self.write()).await?;
        Ok(row.map(|row| row.cursor))
    }

    /// Notes how far an integration has been read, by whoever still has the lease.
    pub async fn fetched(
        &self,
        scope: Scope,
        of: &integration::Model,
        worker: &str,
        cursor: &str,
    ) -> Result<(), StoreError> {
        fetch::Entity::update_many()
            .col_expr(fetch::Column::Cursor, Expr::value(cursor))
            .filter(fetch::Column::IntegrationId.eq(of.id))
            .filter(fetch::Column::TenantId.eq(scope.0))
            .filter(fetch::Column::Worker.eq(worker))
            .exec(self.write())
            .await?;
        Ok(())
    }
}
