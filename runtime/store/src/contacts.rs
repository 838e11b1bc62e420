//! Contacts.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{BinOper, Expr, ExprTrait, Func},
};
use stratagem_domain::communication::Delivery;
use uuid::Uuid;

use crate::{
    Page, Scope, Store, StoreError,
    bulk::filled_up,
    entities::{
        communication, contact, identity, import_receipt, integration, message, rate_bucket, run, session, step,
        suppression,
    },
    rates::pair_key,
    suppressions,
    unique::Unique,
};

/// How often an erasure is tried that others are in the way of.
const ERASING_TRIES: u32 = 5;

/// Which contacts of a campaign are wanted.
#[derive(Debug, Clone, Default)]
pub struct ContactFilter {
    /// Only those in this stage.
    pub stage: Option<String>,
    /// Only those whose name, e-mail, phone, object id or external id contains this.
    pub text: Option<String>,
}

/// How many messages a contact has had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Communications in all.
    pub communications: u64,
    /// Those that a provider accepted.
    pub sent: u64,
    /// Messages that the contact wrote.
    pub received: u64,
}

impl Store {
    /// One contact.
    pub async fn contact(&self, scope: Scope, id: Uuid) -> Result<Option<contact::Model>, StoreError> {
        Ok(contact::Entity::find_by_id(id).filter(contact::Column::TenantId.eq(scope.0)).unique(self.read()).await?)
    }

    /// Those of these contacts that are there.
    pub async fn contacts_by_id(
        &self,
        scope: Scope,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, contact::Model>, StoreError> {
        let rows = contact::Entity::find()
            .filter(contact::Column::TenantId.eq(scope.0))
            .filter(contact::Column::Id.is_in(filled_up(ids.iter().copied())))
            .all(self.read())
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// A campaign's contacts.
    pub async fn contacts(
        &self,
        scope: Scope,
        campaign_id: Uuid,
        filter: &ContactFilter,
        page: Page,
    ) -> Result<Vec<contact::Model>, StoreError> {
        let mut query = contact::Entity::find()
            .filter(contact::Column::TenantId.eq(scope.0))
            .filter(contact::Column::CampaignId.eq(campaign_id))
            .order_by_asc(contact::Column::Id)
            .limit(page.limit);
        if let Some(stage) = &filter.stage {
            query = query.filter(contact::Column::CurrentStage.eq(stage));
        }
        if let Some(text) = &filter.text {
            query = query.filter(matching(text));
        }
        if let Some(after) = page.after {
            query = query.filter(contact::Column::Id.gt(after));
        }
        Ok(query.all(self.read()).await?)
    }

    /// How many messages each of these contacts has had.
    pub async fn contact_counts(&self, scope: Scope, ids: &[Uuid]) -> Result<HashMap<Uuid, Counts>, StoreError> {
        let accepted = [Delivery::Sent, Delivery::Delivered, Delivery::Read].map(Delivery::as_str);
        let sent = Expr::case(Expr::col(communication::Column::Delivery).is_in(accepted), 1_i64).finally(0_i64);
        let rows = communication::Entity::find()
            .select_only()
            .column(communication::Column::ContactId)
            .column_as(communication::Column::Id.count(), "communications")
            .column_as(Expr::expr(sent).sum().cast_as("bigint"), "sent")
            .filter(communication::Column::TenantId.eq(scope.0))
            .filter(communication::Column::ContactId.is_in(ids.iter().copied()))
            .group_by(communication::Column::ContactId)
            .into_tuple::<(Uuid, i64, i64)>()
            .all(self.read())
            .await?;
        let (ours, theirs) = (message::Column::Role.ne("HUMAN"), message::Column::Role.eq("HUMAN"));
        let messages = message::Entity::find()
            .select_only()
            .column(message::Column::ContactId)
            .column_as(Expr::expr(Expr::case(theirs, 1_i64).finally(0_i64)).sum().cast_as("bigint"), "received")
            .column_as(
                Expr::expr(Expr::case(ours.and(message::Column::Delivery.is_in(accepted)), 1_i64).finally(0_i64))
                    .sum()
                    .cast_as("bigint"),
                "sent",
            )
            .filter(message::Column::TenantId.eq(scope.0))
            .filter(message::Column::ContactId.is_in(ids.iter().copied()))
            .group_by(message::Column::ContactId)
            .into_tuple::<(Uuid, i64, i64)>()
            .all(self.read())
            .await?;
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        let mut counts: HashMap<Uuid, Counts> = rows
            .into_iter()
            .map(|(id, all, sent)| (id, Counts { communications: count(all), sent: count(sent), received: 0 }))
            .collect();
        for (id, received, sent) in messages {
            let of_contact = counts.entry(id).or_default();
            of_contact.received += count(received);
            of_contact.sent += count(sent);
        }
        Ok(counts)
    }

    /// Stores a person's changes to a contact, if it still is at the version that the row says; false where it is not.
    pub async fn update_contact(&self, scope: Scope, row: contact::Model, now_ms: i64) -> Result<bool, StoreError> {
        let version = row.version;
        let change = contact::ActiveModel {
            name: Set(row.name),
            email: Set(row.email),
            phone: Set(row.phone),
            time_zone: Set(row.time_zone),
            current_stage: Set(row.current_stage),
            params: Set(row.params),
            results: Set(row.results),
            version: Set(version + 1),
            updated_at_ms: Set(now_ms),
            ..Default::default()
        };
        let updated = contact::Entity::update_many()
            .set(change)
            .filter(contact::Column::Id.eq(row.id))
            .filter(contact::Column::TenantId.eq(scope.0))
            .filter(contact::Column::Version.eq(version))
            .exec(self.write())
            .await?;
        Ok(updated.rows_affected > 0)
    }

    /// Erases a contact with everything that is known of it: communications, sessions, messages, runs, receipts, and steps, those that
    /// are being worked on included: their claims are lost, and nothing that they come to is stored. What stays are `suppressions`,
    /// by their hashes, so that nobody writes to it again. False where the tenant has none of that id.
    pub async fn erase_contact(
        &self,
        scope: Scope,
        id: Uuid,
        suppressions: &[suppression::Model],
    ) -> Result<bool, StoreError> {
        let mut tries = 1..ERASING_TRIES;
        loop {
            match self.try_erase(scope, id, suppressions).await {
                // A step that follows from one that had just ended may have been claimed, and wait for this contact.
                Err(error) if error.is_passing() && tries.next().is_some() => {}
                erased => return erased,
            }
        }
    }

    /// In the order in which commits lock: steps, contact, communications.
    async fn try_erase(&self, scope: Scope, id: Uuid, suppressions: &[suppression::Model]) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        erase_steps(&transaction, scope, id).await?;
        let deleted = contact::Entity::delete_many()
            .filter(contact::Column::Id.eq(id))
            .filter(contact::Column::TenantId.eq(scope.0))
            .exec(&transaction)
            .await?;
        if deleted.rows_affected == 0 {
            return Ok(false);
        }
        communication::Entity::delete_many().filter(communication::Column::ContactId.eq(id)).exec(&transaction).await?;
        session::Entity::delete_many().filter(session::Column::ContactId.eq(id)).exec(&transaction).await?;
        message::Entity::delete_many().filter(message::Column::ContactId.eq(id)).exec(&transaction).await?;
        identity::Entity::delete_many().filter(identity::Column::ContactId.eq(id)).exec(&transaction).await?;
        erase_runs(&transaction, scope, id).await?;
        import_receipt::Entity::delete_many()
            .filter(import_receipt::Column::ContactId.eq(id))
            .exec(&transaction)
            .await?;
        forget_addresses(&transaction, scope, suppressions).await?;
        // What ended in between may have left some.
        erase_steps(&transaction, scope, id).await?;
        erase_buckets(&transaction, scope, id).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Keeps suppressions by their hashes alone.
async fn forget_addresses(
    transaction: &DatabaseTransaction,
    scope: Scope,
    suppressions: &[suppression::Model],
) -> Result<(), StoreError> {
    for row in suppressions {
        suppression::Entity::update_many()
            .col_expr(suppression::Column::Address, Expr::value(Option::<String>::None))
            .filter(suppression::Column::TenantId.eq(scope.0))
            .filter(suppression::Column::Hash.eq(&row.hash))
            .exec(transaction)
            .await?;
        suppressions::insert(transaction, row.clone()).await?;
    }
    Ok(())
}

async fn erase_steps(transaction: &DatabaseTransaction, scope: Scope, contact_id: Uuid) -> Result<(), StoreError> {
    step::Entity::delete_many()
        .filter(step::Column::ContactId.eq(contact_id))
        .filter(step::Column::TenantId.eq(scope.0))
        .exec(transaction)
        .await?;
    Ok(())
}

async fn erase_runs(transaction: &DatabaseTransaction, scope: Scope, contact_id: Uuid) -> Result<(), StoreError> {
    run::Entity::delete_many()
        .filter(run::Column::ContactId.eq(contact_id))
        .filter(run::Column::TenantId.eq(scope.0))
        .exec(transaction)
        .await?;
    Ok(())
}

/// What one contact gets is limited by integration.
async fn erase_buckets(transaction: &DatabaseTransaction, scope: Scope, contact_id: Uuid) -> Result<(), StoreError> {
    let integrations: Vec<Uuid> = integration::Entity::find()
        .select_only()
        .column(integration::Column::Id)
        .filter(integration::Column::TenantId.eq(scope.0))
        .into_tuple()
        .all(transaction)
        .await?;
    let keys = integrations.into_iter().map(|id| pair_key(id, contact_id));
    rate_bucket::Entity::delete_many().filter(rate_bucket::Column::Key.is_in(keys)).exec(transaction).await?;
    Ok(())
}

fn matching(text: &str) -> Condition {
    use contact::Column::{Email, ExternalId, Name, ObjectId, Phone};
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    // Small letters on both sides: PostgreSQL's LIKE tells them from capital ones, SQLite's does not.
    [Name, Email, Phone, ObjectId, ExternalId].into_iter().fold(Condition::any(), |any, column| {
        let column = Func::lower(Expr::col((contact::Entity, column)));
        let pattern = Func::lower(Expr::value(pattern.as_str()));
        any.add(
            Expr::expr(column)
                .binary(BinOper::Like, Expr::expr(pattern).binary(BinOper::Escape, Expr::Constant('\\'.into()))),
        )
    })
}
