use axum::{Json, extract::State};
use stratagem_engine::Engine;
use stratagem_store::dead::Remedy;

use super::many::{SeenTo, Steps, see_to};
use crate::{auth::CanAdminister, error::Problem, extract::Body};

/// Retry many steps
///
/// Of those that were given up on: they are done again as if they had never been tried, as `POST /steps/{id}/retry` does with one.
#[utoipa::path(post, path = "/steps/retry", tag = "operations", request_body = Steps,
    responses((status = 200, body = SeenTo)))]
pub(crate) async fn retry_steps(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    Body(steps): Body<Steps>,
) -> Result<Json<SeenTo>, Problem> {
    see_to(&engine, scope, steps, Remedy::Retry).await.map(Json)
}
