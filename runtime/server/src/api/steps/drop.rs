use axum::extract::State;
use stratagem_engine::Engine;

use super::{StepId, check_dead, not_dead};
use crate::{answer::Done, auth::CanAdminister, error::Problem};

/// Drop a step
///
/// Of those that were given up on. What waited for it comes to its end: a planned communication is `canceled`, a session
/// closed, an import `failed`. No strategy is told. 409 for any other.
#[utoipa::path(post, path = "/steps/{id}/drop", tag = "operations", params(StepId), responses((status = 204)))]
pub(crate) async fn drop_step(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    StepId(id): StepId,
) -> Result<Done, Problem> {
    check_dead(&engine, scope, id).await?;
    if engine.store().drop_dead(Some(scope), &[id], engine.clock().now_ms()).await?.is_empty() {
        return Err(not_dead("retried or dropped already"));
    }
    engine.wake();
    Ok(Done)
}
