use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::Tenant;
use crate::{
    auth::CanPlatform,
    error::Problem,
    extract::Search,
    page::{Listing, Paging, cursor},
};

/// All tenants
#[utoipa::path(get, path = "/tenants", tag = "access", params(Paging), responses((status = 200, body = Listing<Tenant>)))]
pub(crate) async fn list_tenants(
    State(engine): State<Engine>,
    _: CanPlatform,
    Search(paging): Search<Paging>,
) -> Result<Json<Listing<Tenant>>, Problem> {
    let rows = engine.store().tenants(paging.page()?).await?;
    Ok(Json(Listing::new(rows, paging.limit()?, |row| cursor(row.id), Tenant::from)))
}
