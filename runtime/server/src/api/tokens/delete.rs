use axum::extract::State;
use stratagem_engine::Engine;

use crate::{answer::Done, auth::CanAdminister, error::Problem, extract::Id};

/// Delete a token
///
/// From then on it is not known any more.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "access", params(Id), responses((status = 204)))]
pub(crate) async fn delete_token(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    Id(id): Id,
) -> Result<Done, Problem> {
    match engine.store().delete_token(scope, id).await? {
        true => Ok(Done),
        false => Err(Problem::not_found("token")),
    }
}
