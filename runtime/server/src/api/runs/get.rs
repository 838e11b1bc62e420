use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::Run;
use crate::{auth::CanRead, error::Problem, extract::Id};

/// A run of a strategy
#[utoipa::path(get, path = "/runs/{id}", tag = "strategies", params(Id), responses((status = 200, body = Run)))]
pub(crate) async fn get_run(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
) -> Result<Json<Run>, Problem> {
    let row = engine.store().run(scope, id).await?.ok_or_else(|| Problem::not_found("run"))?;
    Ok(Json(row.into()))
}
