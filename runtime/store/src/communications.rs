//! Communications: what was planned and what came of it. Changes go through [`crate::commit`].

use std::collections::HashMap;

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use stratagem_domain::communication::{Delivery, Status, StatusChange};
use uuid::Uuid;

use crate::{Json, Page, Scope, Store, StoreError, bulk::filled_up, entities::communication, unique::Unique};

/// How many ended communications a strategy sees, beside all open ones.
const ENDED_IN_VIEW: u64 = 100;
/// What a contact has not had.
const UNCOUNTED: [Status; 2] = [Status::Planned, Status::Canceled];

impl Store {
    /// One communication.
    pub async fn communication(&self, scope: Scope, id: Uuid) -> Result<Option<communication::Model>, StoreError> {
        let query = communication::Entity::find_by_id(id).filter(communication::Column::TenantId.eq(scope.0));
        Ok(query.unique(self.read()).await?)
    }

    /// Those of these ids, by id.
    pub async fn communications_by_id(
        &self,
        scope: Scope,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, communication::Model>, StoreError> {
        let query = communication::Entity::find()
            .filter(communication::Column::TenantId.eq(scope.0))
            .filter(communication::Column::Id.is_in(filled_up(ids.iter().copied())));
        Ok(query.all(self.read()).await?.into_iter().map(|row| (row.id, row)).collect())
    }

    /// The communication that a link is about, whosever: the link proves itself.
    pub async fn communication_of_link(&self, id: Uuid) -> Result<Option<communication::Model>, StoreError> {
        Ok(communication::Entity::find_by_id(id).unique(self.read()).await?)
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

    /// The same for many contacts, in few statements. One that has no communications is left out.
    pub async fn communications_in_views(
        &self,
        scope: Scope,
        contact_ids: &[Uuid],
    ) -> Result<HashMap<Uuid, (Vec<communication::Model>, u64)>, StoreError> {
        let of_contacts = |ids: &[Uuid]| {
            communication::Entity::find()
                .filter(communication::Column::TenantId.eq(scope.0))
                .filter(communication::Column::ContactId.is_in(ids.iter().copied()))
        };
        let counted: Vec<(Uuid, i64)> = of_contacts(contact_ids)
            .select_only()
            .column(communication::Column::ContactId)
            .column_as(communication::Column::Id.count(), "communications")
            .group_by(communication::Column::ContactId)
            .into_tuple()
            .all(self.read())
            .await?;
        let (few, many): (Vec<_>, Vec<_>) = counted.into_iter().partition(|(_, count)| *count < ENDED_IN_VIEW as i64);
        let mut views: HashMap<Uuid, (Vec<communication::Model>, u64)> = HashMap::new();
        let few: Vec<Uuid> = few.into_iter().map(|(id, _)| id).collect();
        if !few.is_empty() {
            for row in of_contacts(&few).order_by_asc(communication::Column::Id).all(self.read()).await? {
                let (rows, total) = views.entry(row.contact_id).or_default();
                rows.push(row);
                *total += 1;
            }
        }
        for (id, _) in many {
            views.insert(id, self.communications_in_view(scope, id).await?);
        }
        Ok(views)
    }

    /// Keeps what a provider said too late to count: in the history, and its id of the message where there is none yet.
    pub async fn late_receipt(
        &self,
        scope: Scope,
        id: Uuid,
        provider_id: Option<String>,
        text: String,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        let query = communication::Entity::find_by_id(id).filter(communication::Column::TenantId.eq(scope.0));
        let Some(row) = query.lock_exclusive().one(&transaction).await? else { return Ok(()) };
        let mut change = communication::ActiveModel {
            id: Set(id),
            status_history: Set(with_entry(&row, now_ms, None, None, Some(text))?),
            updated_at_ms: Set(now_ms),
            ..Default::default()
        };
        if row.provider_id.is_none() {
            change.provider_id = Set(provider_id);
        }
        communication::Entity::update(change).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// How many communications each of these contacts has had from each stage, by contact and stage's name; those that count are
    /// [`counts_as_had`].
    pub async fn had_from_stages(
        &self,
        scope: Scope,
        contact_ids: &[Uuid],
    ) -> Result<HashMap<(Uuid, String), u64>, StoreError> {
        let rows: Vec<(Uuid, String, i64)> = communication::Entity::find()
            .select_only()
            .columns([communication::Column::ContactId, communication::Column::StageName])
            .column_as(communication::Column::Id.count(), "communications")
            .filter(communication::Column::TenantId.eq(scope.0))
            .filter(communication::Column::ContactId.is_in(filled_up(contact_ids.iter().copied())))
            .filter(communication::Column::Status.is_not_in(UNCOUNTED.map(Status::as_str)))
            .group_by(communication::Column::ContactId)
            .group_by(communication::Column::StageName)
            .into_tuple()
            .all(self.read())
            .await?;
        let count = |count| u64::try_from(count).unwrap_or(0);
        Ok(rows.into_iter().map(|(contact, stage, had)| ((contact, stage), count(had))).collect())
    }
}

/// Whether the contact has had a communication of that status, or is having it.
pub fn counts_as_had(status: &str) -> bool {
    UNCOUNTED.iter().all(|uncounted| uncounted.as_str() != status)
}

/// A communication's history with one more entry.
pub(crate) fn with_entry(
    before: &communication::Model,
    at_ms: i64,
    status: Option<Status>,
    delivery: Option<Delivery>,
    reason: Option<String>,
) -> Result<Json, StoreError> {
    let entry = StatusChange { at_ms, status, delivery, reason };
    let entry = serde_json::to_value(entry).map_err(|_| StoreError::Corrupt("status change".to_owned()))?;
    let mut history = before.status_history.clone();
    match &mut *history {
        Value::Array(entries) => entries.push(entry),
        other => *other = Value::Array(vec![entry]),
    }
    Ok(history)
}

fn of_contact(scope: Scope, contact_id: Uuid) -> sea_orm::Select<communication::Entity> {
    communication::Entity::find()
        .filter(communication::Column::TenantId.eq(scope.0))
        .filter(communication::Column::ContactId.eq(contact_id))
}
