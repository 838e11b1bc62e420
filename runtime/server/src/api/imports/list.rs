use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::Import;
use crate::{
    api::campaigns,
    auth::CanRead,
    error::Problem,
    extract::{Id, Search},
    page::{Listing, Paging},
};

/// A campaign's imports
///
/// The last 200, newest first.
#[utoipa::path(get, path = "/campaigns/{id}/imports", tag = "contacts", params(Id, Paging),
    responses((status = 200, body = Listing<Import>)))]
pub(crate) async fn list_imports(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(campaign_id): Id,
    Search(paging): Search<Paging>,
) -> Result<Json<Listing<Import>>, Problem> {
    campaigns::load(&engine, scope, campaign_id).await?;
    let rows = engine.store().imports(scope, campaign_id).await?;
    Listing::of_all(rows, &paging, |row| row.id, Import::from).map(Json)
}
