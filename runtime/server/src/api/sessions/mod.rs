//! Conversations: what was said, and what came of it.

pub(crate) mod get;
pub(crate) mod list;

use serde::Serialize;
use serde_json::Value;
use stratagem_engine::Engine;
use stratagem_store::{
    Scope,
    entities::{message, session},
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{error::Problem, time::rfc3339};

/// A session: one communication's conversation, or the one message of a one-way channel.
#[derive(Serialize, ToSchema)]
pub(crate) struct Session {
    /// Its id.
    id: Uuid,
    /// Its campaign.
    campaign_id: Uuid,
    /// Its contact.
    contact_id: Uuid,
    /// The communication that it belongs to.
    communication_id: Uuid,
    /// Its channel.
    #[schema(example = "whatsapp_meta")]
    channel: String,
    /// Who holds it.
    agent_id: Option<Uuid>,
    /// `active` or `closed`.
    status: String,
    /// The agent's state.
    state: Option<String>,
    /// `OutcomeStatus` of its results.
    outcome: Option<String>,
    /// What it ended with, or what the agent has collected so far.
    #[schema(value_type = Object)]
    results: Value,
    /// `queued` or `claimed` where a person has to see to it.
    desk: Option<String>,
    /// Why a person has to.
    desk_reason: Option<String>,
    /// Requests and tokens that it took of a model, and what they cost.
    #[schema(value_type = Option<Object>)]
    usage: Option<Value>,
    /// When it began.
    #[schema(format = DateTime)]
    opened_at: String,
    /// When it ended.
    #[schema(format = DateTime)]
    closed_at: Option<String>,
    /// What was said, oldest first; empty in lists.
    messages: Vec<Message>,
}

/// Something that was said.
#[derive(Serialize, ToSchema)]
pub(crate) struct Message {
    /// Its id.
    id: Uuid,
    /// `HUMAN`, `AI` or `OPERATOR`.
    role: String,
    /// The text.
    content: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// The provider's side of what we said: `none`, `sending`, `sent`, `delivered`, `read`, `failed`, `unknown`.
    delivery: Option<String>,
    /// Why it was not delivered.
    error: Option<String>,
    /// A machine wrote it, and nobody answered.
    automatic: bool,
}

impl From<message::Model> for Message {
    fn from(row: message::Model) -> Self {
        Self {
            id: row.id,
            role: row.role,
            content: row.content,
            at: rfc3339(row.at_ms),
            delivery: row.delivery,
            error: row.error,
            automatic: row.automatic,
        }
    }
}

impl Session {
    pub(crate) fn new(row: session::Model, messages: Vec<message::Model>) -> Self {
        Self {
            id: row.id,
            campaign_id: row.campaign_id,
            contact_id: row.contact_id,
            communication_id: row.communication_id,
            channel: row.channel,
            agent_id: row.agent_id,
            status: row.status,
            state: row.state,
            outcome: row.outcome,
            results: row.results.into(),
            desk: row.desk,
            desk_reason: row.desk_reason,
            usage: row.usage.map(Into::into),
            opened_at: rfc3339(row.opened_at_ms),
            closed_at: row.closed_at_ms.map(rfc3339),
            messages: messages.into_iter().map(Message::from).collect(),
        }
    }
}

/// The tenant's session, or 404.
pub(crate) async fn load(engine: &Engine, scope: Scope, id: Uuid) -> Result<session::Model, Problem> {
    engine.store().session(scope, id).await?.ok_or_else(|| Problem::not_found("session"))
}

/// A session with everything that was said in it.
pub(crate) async fn show(engine: &Engine, scope: Scope, row: session::Model) -> Result<Session, Problem> {
    let messages = engine.store().messages(scope, row.id).await?;
    Ok(Session::new(row, messages))
}
