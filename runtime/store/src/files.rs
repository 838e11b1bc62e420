//! What uploaded files and components are needed for.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError,
    entities::{import, strategy_version},
};

impl Store {
    /// Those of the imports that exist and have not ended.
    pub async fn imports_under_way(&self, scope: Scope, ids: Vec<Uuid>) -> Result<HashSet<Uuid>, StoreError> {
        let found = import::Entity::find()
            .select_only()
            .column(import::Column::Id)
            .filter(import::Column::TenantId.eq(scope.0))
            .filter(import::Column::Id.is_in(ids))
            .filter(import::Column::FinishedAtMs.is_null())
            .into_tuple::<Uuid>()
            .all(self.read())
            .await?;
        Ok(found.into_iter().collect())
    }

    /// Those of the components that some version of the tenant's strategies is, by their hashes.
    pub async fn components_in_use(&self, scope: Scope, hashes: Vec<String>) -> Result<HashSet<String>, StoreError> {
        let found = strategy_version::Entity::find()
            .select_only()
            .column(strategy_version::Column::ComponentHash)
            .distinct()
            .filter(strategy_version::Column::TenantId.eq(scope.0))
            .filter(strategy_version::Column::ComponentHash.is_in(hashes))
            .into_tuple::<String>()
            .all(self.read())
            .await?;
        Ok(found.into_iter().collect())
    }
}
