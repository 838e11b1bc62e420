//! Communications: what was planned and what came of it. Changes go through [`crate::commit`].

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use stratagem_domain::communication::Status;
use uuid::Uuid;

use crate::{Page, Scope, Store, StoreError, entities::communication};

/// How many ended communications a strategy sees, beside all open ones.
const ENDED_IN_VIEW: u64 = 100;

impl Store {
    /// One communication.
    pub async fn communication(&self, scope: Scope, id: Uuid) -> Result<Option<communication::Model>, StoreError> {
        let query = communication::Entity::find_by_id(id).filter(communication::Column::TenantId.eq(scope.0));
        Ok(query.one(self.read()).await?)
    }

    /// A contact's communications, page by page.
    pub async fn communications(
        &self,
        scope: Scope,
        contact_id: Uuid,
        page: Page,
    ) -> Result<Vec<communication::Model>, StoreError> {
        let mut query = of_contact(scope, contact_id).order_by_asc(communication::Column::Id).limit(page.limit);
        if let Some(after) = page.after {
            query = query.filter(communication::Column::Id.gt(after));
        }
        Ok(query.all(self.read()).await?)
    }

    /// What a strategy sees of a contact: all open communications and the last hundred others, oldest first; and how many
    /// there are in all.
    pub async fn communications_in_view(
        &self,
        scope: Scope,
        contact_id: Uuid,
    ) -> Result<(Vec<communication::Model>, u64), StoreError> {
        let latest = of_contact(scope, contact_id)
            .order_by_desc(communication::Column::Id)
            .limit(ENDED_IN_VIEW)
            .all(self.read())
            .await?;
        let mut total = latest.len() as u64;
        let mut rows = latest;
        if total == ENDED_IN_VIEW {
            total = of_contact(scope, contact_id).count(self.read()).await?;
            let oldest = rows.last().map(|row| row.id);
            let open = Status::ALL.into_iter().filter(|status| !status.is_final()).map(Status::as_str);
            let mut older = of_contact(scope, contact_id).filter(communication::Column::Status.is_in(open));
            if let Some(oldest) = oldest {
                older = older.filter(communication::Column::Id.lt(oldest));
            }
            rows.extend(older.order_by_desc(communication::Column::Id).all(self.read()).await?);
        }
        rows.reverse();
        Ok((rows, total))
    }

    /// How many communications the contact had from the stage before this one, those taken back not counted.
    pub async fn earlier_communications(&self, scope: Scope, of: &communication::Model) -> Result<u64, StoreError> {
        let uncounted = [Status::Planned.as_str(), Status::Canceled.as_str()];
        let count = of_contact(scope, of.contact_id)
            .filter(communication::Column::StageName.eq(&of.stage_name))
            .filter(communication::Column::Id.ne(of.id))
            .filter(communication::Column::Status.is_not_in(uncounted))
            .count(self.read())
            .await?;
        Ok(count)
    }
}

fn of_contact(scope: Scope, contact_id: Uuid) -> sea_orm::Select<communication::Entity> {
    communication::Entity::find()
        .filter(communication::Column::TenantId.eq(scope.0))
        .filter(communication::Column::ContactId.eq(contact_id))
}
