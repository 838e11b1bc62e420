//! Sessions: finding them, and what people do with those that are on their desk.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query},
};
use serde_json::Value;
use stratagem_domain::{channel::ChannelKind, communication::Status};
use uuid::Uuid;

use crate::{
    Json, Page, Scope, Store, StoreError,
    bulk::filled_up,
    entities::{communication, identity, message, session},
    events::{self, Touched},
    identities,
    unique::Unique,
};

/// Status of a session that goes on.
pub const ACTIVE: &str = "active";
/// Status of a session that has ended.
pub const CLOSED: &str = "closed";

/// Desk of a session that waits for a person.
pub const QUEUED: &str = "queued";
/// Desk of a session that a person has taken.
pub const CLAIMED: &str = "claimed";

/// Which sessions are asked for.
#[derive(Debug, Clone, Default)]
pub struct SessionFilter {
    /// Those of a campaign.
    pub campaign_id: Option<Uuid>,
    /// Those that an agent holds.
    pub agent_id: Option<Uuid>,
    /// Those of a contact.
    pub contact_id: Option<Uuid>,
    /// [`ACTIVE`] or [`CLOSED`].
    pub status: Option<String>,
    /// Those that a person has to see to.
    pub on_desk: bool,
}

impl Store {
    /// One session.
    pub async fn session(&self, scope: Scope, id: Uuid) -> Result<Option<session::Model>, StoreError> {
        Ok(session::Entity::find_by_id(id).filter(session::Column::TenantId.eq(scope.0)).unique(self.read()).await?)
    }

    /// Those of these ids, by id.
    pub async fn sessions_by_id(
        &self,
        scope: Scope,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, session::Model>, StoreError> {
        let query = session::Entity::find()
            .filter(session::Column::TenantId.eq(scope.0))
            .filter(session::Column::Id.is_in(filled_up(ids.iter().copied())));
        Ok(query.all(self.read()).await?.into_iter().map(|row| (row.id, row)).collect())
    }

    /// A tenant's sessions, page by page, in the order of their beginning.
    pub async fn sessions(
        &self,
        scope: Scope,
        filter: &SessionFilter,
        page: Page,
    ) -> Result<Vec<session::Model>, StoreError> {
        let equal = Condition::all()
            .add_option(filter.campaign_id.map(|id| session::Column::CampaignId.eq(id)))
            .add_option(filter.agent_id.map(|id| session::Column::AgentId.eq(id)))
            .add_option(filter.contact_id.map(|id| session::Column::ContactId.eq(id)))
            .add_option(filter.status.as_ref().map(|status| session::Column::Status.eq(status)))
            .add_option(filter.on_desk.then(|| session::Column::Desk.is_not_null()))
            .add_option(page.after.map(|after| session::Column::Id.gt(after)));
        let query = session::Entity::find()
            .filter(session::Column::TenantId.eq(scope.0))
            .filter(equal)
            .order_by_asc(session::Column::Id)
            .limit(page.limit);
        Ok(query.all(self.read()).await?)
    }

    /// The session of the first of these names that is one of ours: an id of a communication or of a message of ours, or a provider's
    /// id of one that went through the integration.
    pub async fn session_named(
        &self,
        scope: Scope,
        integration_id: Uuid,
        names: &[String],
    ) -> Result<Option<session::Model>, StoreError> {
        for name in names {
            if let Some(communication) = self.communication_named(scope, name).await?
                && let Some(id) = communication.session_id
                && let Some(session) = self.session(scope, id).await?
            {
                return Ok(Some(session));
            }
            if let Some(message) = self.message_named(scope, integration_id, name).await?
                && let Some(session) = self.session(scope, message.session_id).await?
            {
                return Ok(Some(session));
            }
        }
        Ok(None)
    }

    /// The communication of that id, or that the provider calls so.
    pub async fn communication_named(
        &self,
        scope: Scope,
        name: &str,
    ) -> Result<Option<communication::Model>, StoreError> {
        let query = communication::Entity::find().filter(communication::Column::TenantId.eq(scope.0));
        let query = match name.parse::<Uuid>() {
            Ok(id) => query.filter(communication::Column::Id.eq(id)),
            Err(_) => query.filter(communication::Column::ProviderId.eq(name)),
        };
        Ok(query.one(self.read()).await?)
    }

    /// The message of that id, or that the provider calls so.
    pub async fn message_named(
        &self,
        scope: Scope,
        integration_id: Uuid,
        name: &str,
    ) -> Result<Option<message::Model>, StoreError> {
        let query = message::Entity::find().filter(message::Column::TenantId.eq(scope.0));
        let query = match name.parse::<Uuid>() {
            Ok(id) => query.filter(message::Column::Id.eq(id)),
            Err(_) => query
                .filter(message::Column::IntegrationId.eq(integration_id))
                .filter(message::Column::ProviderId.eq(name)),
        };
        Ok(query.one(self.read()).await?)
    }

    /// The session that goes on with whoever has one of these addresses at the integration, the latest first where there are several.
    pub async fn session_with(
        &self,
        scope: Scope,
        integration_id: Uuid,
        addresses: &[String],
    ) -> Result<Option<session::Model>, StoreError> {
        let known = identities::of_address(scope, integration_id, addresses)
            .select_only()
            .column(identity::Column::ContactId)
            .into_tuple::<Uuid>()
            .all(self.read())
            .await?;
        let whose = Condition::any()
            .add(session::Column::ContactId.is_in(known))
            .add(session::Column::KnownAs.is_in(addresses.iter().map(String::as_str)));
        let query = session::Entity::find()
            .filter(session::Column::TenantId.eq(scope.0))
            .filter(session::Column::IntegrationId.eq(integration_id))
            .filter(session::Column::Status.eq(ACTIVE))
            .filter(whose)
            .order_by_desc(session::Column::OpenedAtMs)
            .order_by_desc(session::Column::Id);
        Ok(query.one(self.read()).await?)
    }

    /// Takes a session that is on the desk, for a while; false where it is not there, or somebody else has it.
    pub async fn claim_session(
        &self,
        scope: Scope,
        id: Uuid,
        by: &str,
        now_ms: i64,
        until_ms: i64,
    ) -> Result<bool, StoreError> {
        let free = Condition::any()
            .add(session::Column::Desk.eq(QUEUED))
            .add(session::Column::DeskBy.eq(by))
            .add(session::Column::DeskUntilMs.lt(now_ms));
        let transaction = self.begin().await?;
        let taken = session::Entity::update_many()
            .col_expr(session::Column::Desk, Expr::value(CLAIMED))
            .col_expr(session::Column::DeskBy, Expr::value(by))
            .col_expr(session::Column::DeskUntilMs, Expr::value(until_ms))
            .filter(session::Column::Id.eq(id))
            .filter(session::Column::TenantId.eq(scope.0))
            .filter(session::Column::Status.eq(ACTIVE))
            .filter(session::Column::Desk.is_not_null())
            .filter(free)
            .exec(&transaction)
            .await?;
        if taken.rows_affected > 0 {
            let touched = Touched { sessions: vec![id], ..Default::default() };
            events::tell(&transaction, now_ms, [scope.0], touched).await?;
        }
        transaction.commit().await?;
        Ok(taken.rows_affected > 0)
    }

    /// Keeps what is known of a session that goes on, for when it ends.
    pub async fn keep_results(&self, scope: Scope, id: Uuid, results: Value) -> Result<(), StoreError> {
        session::Entity::update_many()
            .col_expr(session::Column::Results, Expr::value(Json(results)))
            .filter(session::Column::Id.eq(id))
            .filter(session::Column::TenantId.eq(scope.0))
            .filter(session::Column::Status.eq(ACTIVE))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Whether any conversation goes on that a contact may say something in.
    pub async fn any_conversation(&self) -> Result<bool, StoreError> {
        let query = session::Entity::find()
            .filter(session::Column::Status.eq(ACTIVE))
            .filter(session::Column::TimeoutMs.is_not_null())
            .filter(session::Column::Channel.ne(ChannelKind::Human.as_str()))
            .filter(has_left())
            .limit(1);
        Ok(query.one(self.read()).await?.is_some())
    }
}

/// Whether a session's communication is more than planned: a call has its session before the provider has taken it, and keeps it
/// where it is to be made again later.
pub(crate) fn has_left() -> Expr {
    let communication = |column| Expr::col((communication::Entity, column));
    let planned = Query::select()
        .expr(Expr::val(1))
        .from(communication::Entity)
        .and_where(communication(communication::Column::Id).equals((session::Entity, session::Column::CommunicationId)))
        .and_where(communication(communication::Column::Status).eq(Status::Planned.as_str()))
        .take();
    Expr::not_exists(planned)
}
