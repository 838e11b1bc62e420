use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::Health;
use crate::error::{Kind, Problem, ProblemDetails};

/// Ready
///
/// Answers 200 when calls can be served: the database answers, the object store can be written to (asked every five seconds at
/// most), and the Python runtime is compiled (the server does not listen before it is). Else `detail` says what is missing.
#[utoipa::path(get, path = "/readyz", tag = "operations", security(()), responses(
    (status = 200, body = Health),
    (status = 503, body = ProblemDetails, content_type = "application/problem+json", description = "The database does not answer, or the object store cannot be written to."),
))]
pub(crate) async fn readyz(State(engine): State<Engine>) -> Result<Json<Health>, Problem> {
    engine.store().ping().await.map_err(|error| {
        tracing::warn!(%error, "not ready");
        Problem::new(Kind::Unavailable, "The database does not answer.")
    })?;
    // The log says where it is and why; whoever may ask here need not know.
    let written = engine.files().ready(engine.real_ms()).await;
    written.map_err(|_| Problem::new(Kind::Unavailable, "The object store cannot be written to."))?;
    Ok(Json(Health { status: "ok" }))
}
