//! Sessions.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::{Scope, Store, StoreError, entities::session};

/// Status of a session that goes on.
pub const ACTIVE: &str = "active";
/// Status of a session that has ended.
pub const CLOSED: &str = "closed";

impl Store {
    /// One session.
    pub async fn session(&self, scope: Scope, id: Uuid) -> Result<Option<session::Model>, StoreError> {
        Ok(session::Entity::find_by_id(id).filter(session::Column::TenantId.eq(scope.0)).one(self.read()).await?)
    }
}
