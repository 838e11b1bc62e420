use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::Stage;
use crate::{
    api::campaigns,
    auth::CanRead,
    error::Problem,
    extract::{Id, Search},
    page::{Listing, Paging},
};

/// A campaign's stages
///
/// In the campaign's order.
#[utoipa::path(get, path = "/campaigns/{id}/stages", tag = "stages", params(Id, Paging),
    responses((status = 200, body = Listing<Stage>)))]
pub(crate) async fn list_stages(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(campaign_id): Id,
    Search(paging): Search<Paging>,
) -> Result<Json<Listing<Stage>>, Problem> {
    campaigns::load(&engine, scope, campaign_id).await?;
    let rows = engine.store().stages(scope, campaign_id).await?;
    Listing::of_all(rows, &paging, |row| row.id, Stage::from).map(Json)
}
