use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::{Strategy, show, with_newest};
use crate::{
    api::campaigns,
    auth::CanRead,
    error::Problem,
    extract::{Id, Search},
    page::{Listing, Paging},
};

/// A campaign's strategies
#[utoipa::path(get, path = "/campaigns/{id}/strategies", tag = "strategies", params(Id, Paging),
    responses((status = 200, body = Listing<Strategy>)))]
pub(crate) async fn list_strategies(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(campaign_id): Id,
    Search(paging): Search<Paging>,
) -> Result<Json<Listing<Strategy>>, Problem> {
    campaigns::load(&engine, scope, campaign_id).await?;
    let rows = engine.store().strategies(scope, campaign_id).await?;
    let page = Listing::of_all(rows, &paging, |row| row.id, |row| row)?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        let (row, version) = with_newest(&engine, scope, row).await?;
        items.push(show(&engine, scope, row, &version).await?);
    }
    Ok(Json(Listing { items, next_cursor: page.next_cursor }))
}
