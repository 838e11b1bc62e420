//! What is said in sessions. It is written by [`crate::commit`] and [`crate::heard`].

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{Scope, Store, StoreError, entities::message};

impl Store {
    /// Everything that was said in a session, in order.
    pub async fn messages(&self, scope: Scope, session_id: Uuid) -> Result<Vec<message::Model>, StoreError> {
        let query = message::Entity::find()
            .filter(message::Column::SessionId.eq(session_id))
            .filter(message::Column::TenantId.eq(scope.0))
            .order_by_asc(message::Column::Id);
        Ok(query.all(self.read()).await?)
    }
}
