use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use stratagem_domain::communication::StatusChange;
use stratagem_engine::Engine;
use stratagem_store::entities::communication;
use utoipa::ToSchema;
use uuid::Uuid;

use super::load;
use crate::{
    auth::CanRead,
    error::Problem,
    extract::{Id, Search},
    page::{Listing, Paging, cursor},
    time::rfc3339,
};

/// One planned, running or past contact through one stage.
#[derive(Serialize, ToSchema)]
pub(crate) struct Communication {
    /// Its id.
    id: Uuid,
    /// The strategy's name for it.
    name: String,
    /// The stage that it goes through.
    stage_name: String,
    /// The stage's channel.
    channel: String,
    /// Label of the alternative that was chosen.
    alternative: Option<String>,
    /// When it starts, or did.
    #[schema(format = DateTime)]
    start_date: String,
    /// State of the agent's workflow to begin with.
    start_state: Option<String>,
    /// What the strategy attached.
    #[schema(value_type = Object)]
    params: Value,
    /// The campaign's view: `planned`, `started`, `delivered`, `read`, `replied`, then one of the final `completed`,
    /// `no_response`, `failed`, `canceled`, `skipped`, `unknown`.
    #[schema(example = "completed")]
    status: String,
    /// The provider's side: `none`, `sending`, `sent`, `delivered`, `read`, `failed`, `unknown`.
    #[schema(example = "sent")]
    delivery: String,
    /// Every change of either, oldest first.
    status_history: Vec<HistoryEntry>,
    /// Why it waits though it is due: its campaign, sending hours, a rate limit, or what is at fault.
    waiting_for: Option<String>,
    /// Its session, once it has started.
    session_id: Option<Uuid>,
    /// The provider's own id of the message.
    provider_id: Option<String>,
    /// Why it failed or was skipped.
    error: Option<String>,
}

/// One change of a communication.
#[derive(Serialize, ToSchema)]
pub(crate) struct HistoryEntry {
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// The campaign's view, where it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    /// The provider's side, where it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<&'static str>,
    /// Why, where there is more to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<StatusChange> for HistoryEntry {
    fn from(change: StatusChange) -> Self {
        Self {
            at: rfc3339(change.at_ms),
            status: change.status.map(|status| status.as_str()),
            delivery: change.delivery.map(|delivery| delivery.as_str()),
            reason: change.reason,
        }
    }
}

impl From<communication::Model> for Communication {
    fn from(row: communication::Model) -> Self {
        let history: Vec<StatusChange> = serde_json::from_value(row.status_history.into()).unwrap_or_default();
        Self {
            id: row.id,
            name: row.name,
            stage_name: row.stage_name,
            channel: row.channel,
            alternative: row.alternative,
            start_date: rfc3339(row.start_at_ms),
            start_state: row.start_state,
            params: row.params.into(),
            status: row.status,
            delivery: row.delivery,
            status_history: history.into_iter().map(HistoryEntry::from).collect(),
            waiting_for: row.waiting_for,
            session_id: row.session_id,
            provider_id: row.provider_id,
            error: row.error,
        }
    }
}

/// A contact's communications
///
/// Oldest first, planned ones included.
#[utoipa::path(get, path = "/contacts/{id}/communications", tag = "contacts", params(Id, Paging),
    responses((status = 200, body = Listing<Communication>)))]
pub(crate) async fn list_communications(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
    Search(paging): Search<Paging>,
) -> Result<Json<Listing<Communication>>, Problem> {
    load(&engine, scope, id).await?;
    let mut rows = engine.store().communications(scope, id, paging.page()?).await?;
    let mut waits = engine.waits(scope, id, &rows).await?;
    for row in &mut rows {
        row.waiting_for = row.waiting_for.take().or_else(|| waits.remove(&row.id));
    }
    Ok(Json(Listing::new(rows, paging.limit()?, |row| cursor(row.id), Communication::from)))
}
