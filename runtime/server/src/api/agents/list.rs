use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::Agent;
use crate::{
    auth::CanRead,
    error::Problem,
    extract::Search,
    page::{Listing, Paging, cursor},
};

/// The tenant's agents
#[utoipa::path(get, path = "/agents", tag = "agents", params(Paging),
    responses((status = 200, body = Listing<Agent>)))]
pub(crate) async fn list_agents(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Search(paging): Search<Paging>,
) -> Result<Json<Listing<Agent>>, Problem> {
    let rows = engine.store().agents(scope, paging.page()?).await?;
    Ok(Json(Listing::new(rows, paging.limit()?, |row| cursor(row.id), Agent::from)))
}
