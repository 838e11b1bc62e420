//! Who must not be written to. Rows are found by a keyed hash of the address, so that they outlive the contact's erasure.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};

use crate::{Page, Scope, Store, StoreError, entities::suppression, unique::Unique};

impl Store {
    /// Adds a suppression; false where it is there already.
    pub async fn suppress(&self, row: suppression::Model) -> Result<bool, StoreError> {
        insert(self.write(), row).await
    }

    /// A tenant's suppressions.
    pub async fn suppressions(&self, scope: Scope, page: Page) -> Result<Vec<suppression::Model>, StoreError> {
        let mut query = suppression::Entity::find()
            .filter(suppression::Column::TenantId.eq(scope.0))
            .order_by_asc(suppression::Column::Id)
            .limit(page.limit);
        if let Some(after) = page.after {
            query = query.filter(suppression::Column::Id.gt(after));
        }
        Ok(query.all(self.read()).await?)
    }

    /// What keeps any of these addresses from being written to on the channel.
    pub async fn suppression(
        &self,
        scope: Scope,
        hashes: &[String],
        channel: &str,
    ) -> Result<Option<suppression::Model>, StoreError> {
        let query = suppression::Entity::find()
            .filter(suppression::Column::TenantId.eq(scope.0))
            .filter(suppression::Column::Hash.is_in(hashes.iter().map(String::as_str)))
            .filter(suppression::Column::Channel.is_in(["", channel]));
        // There are few, and any of them will do.
        Ok(query.all(self.read()).await?.pop())
    }

    /// The suppression of an address on that channel; on all where the channel is empty.
    pub async fn suppression_on(
        &self,
        scope: Scope,
        hash: &str,
        channel: &str,
    ) -> Result<Option<suppression::Model>, StoreError> {
        let query = suppression::Entity::find()
            .filter(suppression::Column::TenantId.eq(scope.0))
            .filter(suppression::Column::Hash.eq(hash))
            .filter(suppression::Column::Channel.eq(channel));
        Ok(query.unique(self.read()).await?)
    }

    /// Removes a suppression; false where the tenant has none like it. Without a channel it removes the one of all channels.
    pub async fn unsuppress(&self, scope: Scope, hash: &str, channel: &str) -> Result<bool, StoreError> {
        let deleted = suppression::Entity::delete_many()
            .filter(suppression::Column::TenantId.eq(scope.0))
            .filter(suppression::Column::Hash.eq(hash))
            .filter(suppression::Column::Channel.eq(channel))
            .exec(self.write())
            .await?;
        Ok(deleted.rows_affected > 0)
    }
}

pub(crate) async fn insert(connection: &impl ConnectionTrait, row: suppression::Model) -> Result<bool, StoreError> {
    use suppression::Column::{Channel, Hash, TenantId};
    let there = OnConflict::columns([TenantId, Hash, Channel]).do_nothing().to_owned();
    let inserted = suppression::Entity::insert(row.into_active_model())
        .on_conflict(there)
        .exec_without_returning(connection)
        .await?;
    Ok(inserted > 0)
}
