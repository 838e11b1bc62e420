use axum::{Json, extract::State};
use serde::Deserialize;
use stratagem_engine::Engine;
use stratagem_store::sessions::{ACTIVE, CLOSED, SessionFilter};
use utoipa::IntoParams;
use uuid::Uuid;

use super::Session;
use crate::{
    auth::CanRead,
    error::Problem,
    extract::Search,
    page::{Listing, Paging, cursor},
};

/// Which sessions are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionSearch {
    /// Those of a campaign.
    campaign_id: Option<Uuid>,
    /// Those that an agent holds.
    agent_id: Option<Uuid>,
    /// Those of a contact.
    contact_id: Option<Uuid>,
    /// `active` or `closed`.
    status: Option<String>,
    /// At most so many items, 1 to 200; 50 where it is absent.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Sessions
///
/// In the order of their beginning, without what was said.
#[utoipa::path(get, path = "/sessions", tag = "conversations", params(SessionSearch),
    responses((status = 200, body = Listing<Session>)))]
pub(crate) async fn list_sessions(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Search(search): Search<SessionSearch>,
) -> Result<Json<Listing<Session>>, Problem> {
    if search.status.as_deref().is_some_and(|status| ![ACTIVE, CLOSED].contains(&status)) {
        return Err(Problem::field("status", "must be active or closed"));
    }
    let paging = Paging { limit: search.limit, cursor: search.cursor };
    let filter = SessionFilter {
        campaign_id: search.campaign_id,
        agent_id: search.agent_id,
        contact_id: search.contact_id,
        status: search.status,
        on_desk: false,
    };
    let rows = engine.store().sessions(scope, &filter, paging.page()?).await?;
    let item = |row| Session::new(row, Vec::new());
    Ok(Json(Listing::new(rows, paging.limit()?, |row| cursor(row.id), item)))
}
