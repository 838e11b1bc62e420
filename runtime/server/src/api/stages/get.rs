use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::{Stage, load};
use crate::{auth::CanRead, error::Problem, extract::Id};

/// A stage
#[utoipa::path(get, path = "/stages/{id}", tag = "stages", params(Id), responses((status = 200, body = Stage)))]
pub(crate) async fn get_stage(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
) -> Result<Json<Stage>, Problem> {
    Ok(Json(load(&engine, scope, id).await?.into()))
}
