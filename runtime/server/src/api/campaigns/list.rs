use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::Campaign;
use crate::{
    auth::CanRead,
    error::Problem,
    extract::Search,
    page::{Listing, Paging, cursor},
};

/// The tenant's campaigns
#[utoipa::path(get, path = "/campaigns", tag = "campaigns", params(Paging),
    responses((status = 200, body = Listing<Campaign>)))]
pub(crate) async fn list_campaigns(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Search(paging): Search<Paging>,
) -> Result<Json<Listing<Campaign>>, Problem> {
    let rows = engine.store().campaigns(scope, paging.page()?).await?;
    Ok(Json(Listing::new(rows, paging.limit()?, |row| cursor(row.id), Campaign::from)))
}
