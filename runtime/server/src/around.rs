//! What lies around every call: its id, a line in the log, the figures, and what every answer carries.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use stratagem_engine::Engine;
use tracing::Instrument;

use crate::{
    api::metrics::Exposition,
    request_id::{self, RequestId},
};

/// Writes a line about every call, without what it was about, and sets what every answer carries.
pub(crate) async fn layer(
    State((engine, metrics)): State<(Engine, Arc<Exposition>)>,
    mut request: Request,
    next: Next,
) -> Response {
    let (method, began) = (request.method().clone(), Instant::now());
    // The template, not the path: ids and searches do not belong into logs.
    let route = request.extensions().get::<MatchedPath>().map_or("-".to_owned(), |path| path.as_str().to_owned());
    let new_id = || RequestId(engine.random().id(engine.clock().now()).to_string());
    let id = RequestId::given(request.headers()).unwrap_or_else(new_id);
    request.extensions_mut().insert(id.clone());
    // The span is an error's, so that it is there however little is logged.
    let span = tracing::error_span!("request", id = id.0);
    let mut response = async {
        let response = next.run(request).await;
        let ms = began.elapsed().as_millis();
        tracing::debug!(%method, path = route, status = response.status().as_u16(), ms, "request");
        response
    }
    .instrument(span)
    .await;
    metrics.called(&method, route, response.status(), began.elapsed());
    let headers = response.headers_mut();
    headers.extend(id.header().map(|id| (request_id::HEADER, id)));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
