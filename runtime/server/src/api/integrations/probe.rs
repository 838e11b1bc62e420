use axum::{Json, extract::State};
use serde::Serialize;
use stratagem_engine::Engine;
use utoipa::ToSchema;

use crate::{auth::CanAdminister, error::Problem, extract::Id};

/// Whether an integration works.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProbeResult {
    /// True where it does.
    ok: bool,
    /// Why it does not, in the provider's words where there are any.
    error: Option<String>,
}

/// Try an integration
///
/// Sends nothing: for a mail server connect, encrypt, log in and leave. The answer is 200 also where it does not work.
#[utoipa::path(post, path = "/integrations/{id}/test", tag = "integrations", params(Id),
    responses((status = 200, body = ProbeResult)))]
pub(crate) async fn test_integration(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    Id(id): Id,
) -> Result<Json<ProbeResult>, Problem> {
    let integration = engine.open_integration(scope, id).await?.ok_or_else(|| Problem::not_found("integration"))?;
    let error = engine.channels().probe(&integration).await.err();
    Ok(Json(ProbeResult { ok: error.is_none(), error }))
}
