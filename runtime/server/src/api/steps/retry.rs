use axum::extract::State;
use stratagem_engine::Engine;

use super::{StepId, check_dead, not_dead};
use crate::{answer::Done, auth::CanAdminister, error::Problem};

/// Retry a step
///
/// Of those that were given up on: it is done again as if it had never been tried. 409 for any other.
#[utoipa::path(post, path = "/steps/{id}/retry", tag = "operations", params(StepId), responses((status = 204)))]
pub(crate) async fn retry_step(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    StepId(id): StepId,
) -> Result<Done, Problem> {
    check_dead(&engine, scope, id).await?;
    if engine.store().retry_dead(Some(scope), &[id], engine.clock().now_ms()).await?.is_empty() {
        return Err(not_dead("retried or dropped already"));
    }
    engine.wake();
    Ok(Done)
}
