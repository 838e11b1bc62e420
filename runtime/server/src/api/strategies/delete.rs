use axum::extract::State;
use stratagem_engine::Engine;

use crate::{answer::Done, auth::CanBuild, error::Problem, extract::Id};

/// Delete a strategy
///
/// With its versions. Its runs stay. No other strategy of the type becomes active in its place.
#[utoipa::path(delete, path = "/strategies/{id}", tag = "strategies", params(Id), responses((status = 204)))]
pub(crate) async fn delete_strategy(
    State(engine): State<Engine>,
    CanBuild(scope): CanBuild,
    Id(id): Id,
) -> Result<Done, Problem> {
    match engine.store().delete_strategy(scope, id).await? {
        true => Ok(Done),
        false => Err(Problem::not_found("strategy")),
    }
}
