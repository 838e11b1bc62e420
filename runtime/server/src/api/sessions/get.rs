use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::{Session, load, show};
use crate::{auth::CanRead, error::Problem, extract::Id};

/// A session with its transcript
#[utoipa::path(get, path = "/sessions/{id}", tag = "conversations", params(Id), responses((status = 200, body = Session)))]
pub(crate) async fn get_session(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
) -> Result<Json<Session>, Problem> {
    let row = load(&engine, scope, id).await?;
    Ok(Json(show(&engine, scope, row).await?))
}
