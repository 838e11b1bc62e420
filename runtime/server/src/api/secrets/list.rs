use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::Secret;
use crate::{
    auth::CanRead,
    error::Problem,
    extract::Search,
    page::{Listing, Paging},
};

/// The tenant's secrets
///
/// By name, without their values.
#[utoipa::path(get, path = "/secrets", tag = "strategies", params(Paging), responses((status = 200, body = Listing<Secret>)))]
pub(crate) async fn list_secrets(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Search(paging): Search<Paging>,
) -> Result<Json<Listing<Secret>>, Problem> {
    let after = paging.after(|text| Some(text.to_owned()))?.unwrap_or_default();
    let mut rows = engine.store().secrets(scope).await?;
    rows.retain(|row| row.name > after);
    Ok(Json(Listing::new(rows, paging.limit()?, |row| row.name.clone(), Secret::from)))
}
