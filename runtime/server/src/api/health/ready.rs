use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::Health;
use crate::error::{Kind, Problem, ProblemDetails};

/// Ready
///
/// Answers 200 when calls can be served: the database answers and the Python runtime is compiled (the server does not
/// listen before it is).
#[utoipa::path(get, path = "/readyz", tag = "operations", security(()), responses(
    (status = 200, body = Health),
    (status = 503, body = ProblemDetails, content_type = "application/problem+json", description = "The database does not answer."),
))]
pub(crate) async fn readyz(State(engine): State<Engine>) -> Result<Json<Health>, Problem> {
    engine.store().ping().await.map_err(|error| {
        tracing::warn!(%error, "not ready");
        Problem::new(Kind::Unavailable, "The database does not answer.")
    })?;
    Ok(Json(Health { status: "ok" }))
}
