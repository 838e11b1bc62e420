use axum::extract::State;
use stratagem_engine::Engine;

use crate::{answer::Done, auth::CanAdminister, error::Problem, extract::Id};

/// Delete an agent
///
/// One that a stage uses stays: 409.
#[utoipa::path(delete, path = "/agents/{id}", tag = "agents", params(Id), responses((status = 204)))]
pub(crate) async fn delete_agent(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    Id(id): Id,
) -> Result<Done, Problem> {
    match engine.store().delete_agent(scope, id).await? {
        true => Ok(Done),
        false => Err(Problem::not_found("agent")),
    }
}
