use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::{Agent, load};
use crate::{auth::CanRead, error::Problem, extract::Id};

/// An agent
#[utoipa::path(get, path = "/agents/{id}", tag = "agents", params(Id), responses((status = 200, body = Agent)))]
pub(crate) async fn get_agent(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
) -> Result<Json<Agent>, Problem> {
    Ok(Json(load(&engine, scope, id).await?.into()))
}
