use axum::extract::State;
use stratagem_engine::Engine;

use crate::{answer::Done, auth::CanBuild, error::Problem, extract::Id};

/// Delete a stage
///
/// Communications that are planned for it are skipped when they are due.
#[utoipa::path(delete, path = "/stages/{id}", tag = "stages", params(Id), responses((status = 204)))]
pub(crate) async fn delete_stage(
    State(engine): State<Engine>,
    CanBuild(scope): CanBuild,
    Id(id): Id,
) -> Result<Done, Problem> {
    match engine.store().delete_stage(scope, id).await? {
        true => Ok(Done),
        false => Err(Problem::not_found("stage")),
    }
}
