//! What comes from outside and belongs to a session: stored once, however often it is told, with what follows from it.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use stratagem_domain::communication::{Delivery, Status};
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError,
    commit::{CommunicationWrite, change_communication},
    entities::{communication, identity, message, session},
    events::{self, Touched},
    identities,
    steps::NewStep,
};

/// Something that was said, with everything that follows from it.
#[derive(Debug, Clone)]
pub struct HeardWrites {
    /// The message.
    pub message: message::Model,
    /// Its session's communication, whose status shows that the contact has answered.
    pub replied: Option<Uuid>,
    /// How the contact is known from now on.
    pub identity: Option<identity::Model>,
    /// Steps to schedule.
    pub steps: Vec<NewStep>,
}

impl Store {
    /// Stores what was said; false where it is there already, and nothing happens.
    pub async fn hear(&self, scope: Scope, now_ms: i64, writes: HeardWrites) -> Result<bool, StoreError> {
        self.ensure_lanes(scope, &writes.steps).await?;
        let transaction = self.begin().await?;
        let (session_id, at_ms, automatic) =
            (writes.message.session_id, writes.message.at_ms, writes.message.automatic);
        let mut touched = Touched { messages: vec![writes.message.id], ..Default::default() };
        let told = OnConflict::columns([message::Column::IntegrationId, message::Column::ProviderId])
            .target_and_where(message::Column::ProviderId.is_not_null())
            .do_nothing()
            .to_owned();
        let inserted = message::Entity::insert(writes.message.into_active_model())
            .on_conflict(told)
            .exec_without_returning(&transaction)
            .await?;
        if inserted == 0 {
            return Ok(false);
        }
        if let Some(id) = writes.replied {
            let query = communication::Entity::find_by_id(id).filter(communication::Column::TenantId.eq(scope.0));
            let row = query.lock_exclusive().one(&transaction).await?;
            let open = row
                .as_ref()
                .and_then(|row| Status::parse(&row.status))
                .is_some_and(|status| !status.is_final() && status != Status::Replied);
            if open {
                touched.communications.push(id);
                let write = CommunicationWrite { id, status: Some(Status::Replied), ..Default::default() };
                change_communication(&transaction, now_ms, write, row).await?;
            }
        }
        if !automatic {
            session::Entity::update_many()
                .col_expr(session::Column::HeardAtMs, Expr::value(at_ms))
                .filter(session::Column::Id.eq(session_id))
                .exec(&transaction)
                .await?;
        }
        if let Some(identity) = writes.identity {
            identities::put(&transaction, identity).await?;
        }
        events::tell(&transaction, now_ms, [scope.0], touched).await?;
        let steps = writes.steps.into_iter().map(|step| (scope, step)).collect();
        self.insert_steps(&transaction, now_ms, steps, BTreeMap::new()).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Schedules steps.
    pub async fn schedule(&self, scope: Scope, now_ms: i64, steps: Vec<NewStep>) -> Result<(), StoreError> {
        self.ensure_lanes(scope, &steps).await?;
        let transaction = self.begin().await?;
        let steps = steps.into_iter().map(|step| (scope, step)).collect();
        self.insert_steps(&transaction, now_ms, steps, BTreeMap::new()).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Stores what a provider says of a communication, if it still is as `write` expects; false where it has moved on.
    pub async fn report(
        &self,
        scope: Scope,
        now_ms: i64,
        write: CommunicationWrite,
        steps: Vec<NewStep>,
    ) -> Result<bool, StoreError> {
        self.ensure_lanes(scope, &steps).await?;
        let transaction = self.begin().await?;
        let query = communication::Entity::find_by_id(write.id).filter(communication::Column::TenantId.eq(scope.0));
        let row = query.lock_exclusive().one(&transaction).await?;
        let as_expected = row.as_ref().is_some_and(|row| {
            write.expected.is_none_or(|(s, d)| row.status == s.as_str() && row.delivery == d.as_str())
        });
        if !as_expected {
            return Ok(false);
        }
        let touched = Touched { communications: vec![write.id], ..Default::default() };
        change_communication(&transaction, now_ms, write, row).await?;
        events::tell(&transaction, now_ms, [scope.0], touched).await?;
        let steps = steps.into_iter().map(|step| (scope, step)).collect();
        self.insert_steps(&transaction, now_ms, steps, BTreeMap::new()).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Stores what a provider says of a message, if it is one that may become that.
    pub async fn message_report(
        &self,
        scope: Scope,
        id: Uuid,
        delivery: Delivery,
        error: Option<String>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let from = Delivery::ALL.into_iter().filter(|before| before.may_become(delivery)).map(Delivery::as_str);
        let change = message::ActiveModel {
            delivery: Set(Some(delivery.as_str().to_owned())),
            error: Set(error),
            ..Default::default()
        };
        let transaction = self.begin().await?;
        let changed = message::Entity::update_many()
            .set(change)
            .filter(message::Column::Id.eq(id))
            .filter(message::Column::TenantId.eq(scope.0))
            .filter(message::Column::Delivery.is_in(from))
            .exec(&transaction)
            .await?;
        if changed.rows_affected > 0 {
            let touched = Touched { messages: vec![id], ..Default::default() };
            events::tell(&transaction, now_ms, [scope.0], touched).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
