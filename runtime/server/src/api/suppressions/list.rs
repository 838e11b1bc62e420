use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::Suppression;
use crate::{
    auth::CanRead,
    error::Problem,
    extract::Search,
    page::{Listing, Paging, cursor},
};

/// Who must not be written to
#[utoipa::path(get, path = "/suppressions", tag = "contacts", params(Paging),
    responses((status = 200, body = Listing<Suppression>)))]
pub(crate) async fn list_suppressions(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Search(paging): Search<Paging>,
) -> Result<Json<Listing<Suppression>>, Problem> {
    let rows = engine.store().suppressions(scope, paging.page()?).await?;
    Ok(Json(Listing::new(rows, paging.limit()?, |row| cursor(row.id), Suppression::from)))
}
