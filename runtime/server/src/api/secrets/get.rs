use axum::{
    Json,
    extract::{Path, State},
};
use stratagem_engine::Engine;

use super::Secret;
use crate::{auth::CanRead, error::Problem};

/// A secret
///
/// Without its value, which cannot be read back.
#[utoipa::path(get, path = "/secrets/{name}", tag = "strategies", params(("name" = String, Path, description = "Its name.")),
    responses((status = 200, body = Secret)))]
pub(crate) async fn get_secret(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Path(name): Path<String>,
) -> Result<Json<Secret>, Problem> {
    let row = engine.store().secret(scope, &name).await?.ok_or_else(|| Problem::not_found("secret"))?;
    Ok(Json(row.into()))
}
