use axum::extract::State;
use stratagem_engine::Engine;

use crate::{answer::Done, auth::CanAdminister, error::Problem, extract::Id};

/// Delete an integration
///
/// One that a stage or an agent uses stays: 409.
#[utoipa::path(delete, path = "/integrations/{id}", tag = "integrations", params(Id), responses((status = 204)))]
pub(crate) async fn delete_integration(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    Id(id): Id,
) -> Result<Done, Problem> {
    match engine.store().delete_integration(scope, id).await? {
        true => Ok(Done),
        false => Err(Problem::not_found("integration")),
    }
}
