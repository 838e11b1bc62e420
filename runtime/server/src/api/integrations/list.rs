use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::Integration;
use crate::{
    auth::CanRead,
    error::Problem,
    extract::Search,
    page::{Listing, Paging, cursor},
};

/// The tenant's integrations
#[utoipa::path(get, path = "/integrations", tag = "integrations", params(Paging),
    responses((status = 200, body = Listing<Integration>)))]
pub(crate) async fn list_integrations(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Search(paging): Search<Paging>,
) -> Result<Json<Listing<Integration>>, Problem> {
    let rows = engine.store().integrations(scope, paging.page()?).await?;
    Ok(Json(Listing::new(rows, paging.limit()?, |row| cursor(row.id), Integration::from)))
}
