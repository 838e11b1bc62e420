use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::{Integration, load};
use crate::{auth::CanRead, error::Problem, extract::Id};

/// An integration
#[utoipa::path(get, path = "/integrations/{id}", tag = "integrations", params(Id),
    responses((status = 200, body = Integration)))]
pub(crate) async fn get_integration(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
) -> Result<Json<Integration>, Problem> {
    Ok(Json(load(&engine, scope, id).await?.into()))
}
