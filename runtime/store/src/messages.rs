//! What is said in sessions. It is written by [`crate::commit`] and [`crate::heard`].

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError,
    entities::message,
    events::{self, Touched},
};

impl Store {
    /// Everything that was said in a session, in order.
    pub async fn messages(&self, scope: Scope, session_id: Uuid) -> Result<Vec<message::Model>, StoreError> {
        let query = message::Entity::find()
            .filter(message::Column::SessionId.eq(session_id))
            .filter(message::Column::TenantId.eq(scope.0))
            .order_by_asc(message::Column::Id);
        Ok(query.all(self.read()).await?)
    }

    /// Leaves of a message what of it was heard.
    pub async fn cut_message(&self, scope: Scope, id: Uuid, heard: String, now_ms: i64) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        message::Entity::update_many()
            .col_expr(message::Column::Content, Expr::value(heard))
            .filter(message::Column::Id.eq(id))
            .filter(message::Column::TenantId.eq(scope.0))
            .exec(&transaction)
            .await?;
        let touched = Touched { messages: vec![id], ..Default::default() };
        events::tell(&transaction, now_ms, [scope.0], touched).await?;
        transaction.commit().await?;
        Ok(())
    }
}
