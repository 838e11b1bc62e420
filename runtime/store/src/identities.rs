//! How contacts are known at providers.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::{Scope, Store, StoreError, bulk::filled_up, entities::identity};

impl Store {
    /// How the contact was last known through the integration.
    pub async fn identity(
        &self,
        scope: Scope,
        integration_id: Uuid,
        contact_id: Uuid,
    ) -> Result<Option<identity::Model>, StoreError> {
        let query = identity::Entity::find()
            .filter(identity::Column::TenantId.eq(scope.0))
            .filter(identity::Column::IntegrationId.eq(integration_id))
            .filter(identity::Column::ContactId.eq(contact_id))
            .order_by_desc(identity::Column::UpdatedAtMs);
        Ok(query.one(self.read()).await?)
    }

    /// How these contacts are known, by integration and contact.
    pub async fn identities(
        &self,
        scope: Scope,
        contact_ids: &[Uuid],
    ) -> Result<HashMap<(Uuid, Uuid), identity::Model>, StoreError> {
        let query = identity::Entity::find()
            .filter(identity::Column::TenantId.eq(scope.0))
            .filter(identity::Column::ContactId.is_in(filled_up(contact_ids.iter().copied())))
            // The latest comes last, and stays.
            .order_by_asc(identity::Column::UpdatedAtMs);
        let rows = query.all(self.read()).await?;
        Ok(rows.into_iter().map(|row| ((row.integration_id, row.contact_id), row)).collect())
    }

    /// Remembers how a contact is known. `id` is for a new row.
    pub async fn remember_identity(&self, row: identity::Model) -> Result<(), StoreError> {
        put(self.write(), row).await
    }
}

/// Inserts it, or brings the one that is there up to date.
pub(crate) async fn put(connection: &impl ConnectionTrait, row: identity::Model) -> Result<(), StoreError> {
    use identity::Column::{Address, ContactId, HeardAtMs, IntegrationId, UpdatedAtMs};
    let mut update = OnConflict::columns([IntegrationId, ContactId, Address]);
    update.update_column(UpdatedAtMs);
    if row.heard_at_ms.is_some() {
        update.update_column(HeardAtMs);
    }
    let new = identity::ActiveModel {
        id: Set(row.id),
        tenant_id: Set(row.tenant_id),
        integration_id: Set(row.integration_id),
        contact_id: Set(row.contact_id),
        address: Set(row.address),
        heard_at_ms: Set(row.heard_at_ms),
        updated_at_ms: Set(row.updated_at_ms),
    };
    identity::Entity::insert(new).on_conflict(update.to_owned()).exec_without_returning(connection).await?;
    Ok(())
}

/// The contacts that an address is known to be, the latest first.
pub(crate) fn of_address(
    scope: Scope,
    integration_id: Uuid,
    addresses: &[String],
) -> sea_orm::Select<identity::Entity> {
    identity::Entity::find()
        .filter(identity::Column::TenantId.eq(scope.0))
        .filter(identity::Column::IntegrationId.eq(integration_id))
        .filter(identity::Column::Address.is_in(addresses.iter().map(String::as_str)))
        .order_by_desc(identity::Column::UpdatedAtMs)
}
