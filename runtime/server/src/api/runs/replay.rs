use axum::{Json, extract::State};
use serde::Serialize;
use stratagem_engine::{Engine, ReplayError};
use utoipa::ToSchema;

use crate::{auth::CanRead, error::Problem, extract::Id};

/// What came of a replay.
#[derive(Serialize, ToSchema)]
pub(crate) struct Replayed {
    /// Whether error, result, logs, HTTP requests and fuel are those of the record.
    identical: bool,
    /// Fuel that the replay used.
    fuel: u64,
    /// The first difference, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<String>,
}

/// Replay a run
///
/// Runs the same version once more with input, clock, randomness and HTTP answers from the record, and compares. Nothing changes,
/// and nobody is called. 409 where what it needs is not kept any more.
#[utoipa::path(post, path = "/runs/{id}/replay", tag = "strategies", params(Id),
    responses((status = 200, body = Replayed)))]
pub(crate) async fn replay_run(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
) -> Result<Json<Replayed>, Problem> {
    let run = engine.store().run(scope, id).await?.ok_or_else(|| Problem::not_found("run"))?;
    match engine.replay(scope, &run).await {
        Ok(replay) => Ok(Json(Replayed {
            identical: replay.difference.is_none(),
            fuel: replay.fuel,
            difference: replay.difference,
        })),
        Err(ReplayError::Gone(what)) => Err(Problem::conflict(format!("The run cannot be replayed: {what}."))),
        Err(ReplayError::Engine(error)) => Err(error.into()),
    }
}
