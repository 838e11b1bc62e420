use axum::{Json, extract::State};
use stratagem_engine::Engine;
use stratagem_store::dead::Remedy;

use super::many::{SeenTo, Steps, see_to};
use crate::{auth::CanAdminister, error::Problem, extract::Body};

/// Drop many steps
///
/// Of those that were given up on: they are canceled, with what waited for them, as `POST /steps/{id}/drop` does with one.
#[utoipa::path(post, path = "/steps/drop", tag = "operations", request_body = Steps,
    responses((status = 200, body = SeenTo)))]
pub(crate) async fn drop_steps(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    Body(steps): Body<Steps>,
) -> Result<Json<SeenTo>, Problem> {
    see_to(&engine, scope, steps, Remedy::Drop).await.map(Json)
}
