use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::{Import, load};
use crate::{auth::CanRead, error::Problem, extract::Id};

/// An import
///
/// How far it is, and what came of its rows.
#[utoipa::path(get, path = "/imports/{id}", tag = "contacts", params(Id), responses((status = 200, body = Import)))]
pub(crate) async fn get_import(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
) -> Result<Json<Import>, Problem> {
    Ok(Json(load(&engine, scope, id).await?.into()))
}
