use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use stratagem_engine::Engine;

use super::{Form, access::CanMeasure};
use crate::error::{Problem, ProblemDetails};

/// Metrics
///
/// Figures of the server for Prometheus, as OpenMetrics where the request accepts that. It takes the token of
/// `STRATAGEM_METRICS_TOKEN` or a platform admin's; on loopback, with neither that token nor a public URL set, none.
#[utoipa::path(get, path = "/metrics", tag = "operations", security((), ("token" = [])), responses(
    (status = 200, body = String, content_type = "text/plain"),
    (status = 401, body = ProblemDetails, content_type = "application/problem+json", description = "A valid token is needed"),
    (status = 403, body = ProblemDetails, content_type = "application/problem+json", description = "The token's role may not do this"),
))]
pub(crate) async fn get_metrics(
    State(engine): State<Engine>,
    CanMeasure(exposition): CanMeasure,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    engine.measure().await;
    exposition.process.measure();
    let form = form(&headers);
    let text = exposition.encode(form).map_err(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, form.media_type())], text).into_response())
}

fn form(headers: &HeaderMap) -> Form {
    let accepted = headers.get_all(header::ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    match accepted
        .flat_map(|value| value.split(','))
        .any(|kind| kind.trim().starts_with("application/openmetrics-text"))
    {
        true => Form::OpenMetrics,
        false => Form::Prometheus,
    }
}
