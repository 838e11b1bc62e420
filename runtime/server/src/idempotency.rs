//! `Idempotency-Key`: a POST that is repeated under its key gets the first answer again and does nothing.
//!
//! Only answers that say something was done are kept; a request that was refused may be repeated as if it were new. Answers
//! are sealed, because that of `POST /tokens` holds a token. The other requests go through [`layer`]; an upload of
//! contacts is too large to be held and compared in memory, so its handler calls [`once`] itself.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use secrecy::ExposeSecret;
use stratagem_engine::Engine;
use stratagem_store::{Scope, entities::idempotency_key, idempotency::KeptAnswer};
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    auth::Caller,
    error::Problem,
    extract::{MAX_BODY_BYTES, MAX_UPLOAD_BYTES, read_body},
};

const HEADER: &str = "idempotency-key";
const MAX_KEY_BYTES: usize = 255;

/// The request's key, where it has one.
pub(crate) fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| (1..=MAX_KEY_BYTES).contains(&key.len()));
    let key = key.ok_or_else(|| Problem::field("Idempotency-Key", "must be 1 to 255 visible ASCII characters"))?;
    Ok(Some(key.to_owned()))
}

/// Middleware around every POST that is small enough to be compared.
pub(crate) async fn layer(State(engine): State<Engine>, request: Request, next: Next) -> Result<Response, Problem> {
    repeatable(engine, request, next, MAX_BODY_BYTES).await
}

/// The same around the uploads of strategies.
pub(crate) async fn uploads(State(engine): State<Engine>, request: Request, next: Next) -> Result<Response, Problem> {
    repeatable(engine, request, next, MAX_UPLOAD_BYTES).await
}

async fn repeatable(engine: Engine, request: Request, next: Next, most: usize) -> Result<Response, Problem> {
    let key = if request.method() == Method::POST { key(request.headers())? } else { None };
    let Some(key) = key else { return Ok(next.run(request).await) };
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, &engine).await?;
    let scope = Scope(caller.tenant.map_or(Uuid::nil(), |tenant| tenant.id));
    let body = read_body(body, most).await?;
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    // The answer may hold what only this role may see.
    let fingerprint = format!("{} {}", caller.role.as_str(), fingerprint(path, &parts.headers, &body));
    let request = Request::from_parts(parts, Body::from(body));
    // On a task of its own, so that a client that hangs up leaves no key behind that is under way for ever.
    let once = async move {
        let work = async { Ok(next.run(request).await) };
        once(&engine, scope, Some(key), fingerprint, work).await
    };
    tokio::spawn(once.in_current_span()).await.unwrap_or_else(|error| Err(Problem::internal(error)))
}

/// What two requests have in common that are the same. A form's boundary is drawn anew for each request.
fn fingerprint(path: &str, headers: &HeaderMap, body: &Bytes) -> String {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (media_type, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    let boundary = parameters.split_once("boundary=").map(|(_, rest)| rest.split(';').next().unwrap_or(rest));
    let boundary = boundary.map_or("", |boundary| boundary.trim().trim_matches('"')).as_bytes();
    format!("{path} {media_type} {}", hash_without(body, boundary).to_hex())
}

/// The hash of the body with all occurrences of the boundary left out.
fn hash_without(body: &[u8], boundary: &[u8]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    let mut rest = body;
    while !boundary.is_empty()
        && let Some(at) = rest.windows(boundary.len()).position(|window| window == boundary)
    {
        hasher.update(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + boundary.len()..).unwrap_or_default();
    }
    hasher.update(rest).finalize()
}

/// Does the work, or gives the answer that it gave before under the same key.
pub(crate) async fn once(
    engine: &Engine,
    scope: Scope,
    key: Option<String>,
    fingerprint: String,
    work: impl Future<Output = Result<Response, Problem>>,
) -> Result<Response, Problem> {
    let Some(key) = key else { return work.await };
    let request_hash = blake3::hash(fingerprint.as_bytes()).to_hex().to_string();
    let now_ms = engine.real_ms();
    match engine.store().idempotency_key(scope, &key).await? {
        Some(known) if known.request_hash == request_hash && is_abandoned(engine, &known, now_ms) => {
            engine.store().take_over_idempotency_key(scope, &known, now_ms).await?;
        }
        Some(known) => return replay(engine, &known, &request_hash),
        None => {
            let (tenant_id, key) = (scope.0, key.clone());
            let row = idempotency_key::Model {
                tenant_id,
                key,
                request_hash,
                status: None,
                body: None,
                created_at_ms: now_ms,
            };
            engine.store().insert_idempotency_key(row).await?;
        }
    }
    let response = holding(engine, scope, &key, work).await.unwrap_or_else(IntoResponse::into_response);
    if !response.status().is_success() {
        engine.store().delete_idempotency_key(scope, &key).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(Problem::internal)?;
    let answer = kept(engine, scope, key, parts.status, String::from_utf8_lossy(&body).into_owned());
    engine.store().answer_idempotency_key(scope, answer).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// Whether the server that took the key died before it answered: whoever is at work renews it.
fn is_abandoned(engine: &Engine, known: &idempotency_key::Model, now_ms: i64) -> bool {
    let lease_ms = i64::try_from(engine.lease().as_millis()).unwrap_or(i64::MAX);
    known.status.is_none() && known.created_at_ms.saturating_add(lease_ms) < now_ms
}

/// Does the work, and renews the key meanwhile.
async fn holding<T>(engine: &Engine, scope: Scope, key: &str, work: impl Future<Output = T>) -> T {
    let renew = async {
        loop {
            tokio::time::sleep(engine.lease() / 3).await;
            if let Err(error) = engine.store().renew_idempotency_key(scope, key, engine.real_ms()).await {
                tracing::error!(%error, "an Idempotency-Key could not be renewed");
            }
        }
    };
    tokio::select! {
        done = work => done,
        never = renew => never,
    }
}

/// An answer as it is kept. A handler that calls [`once`] stores it with its work, in one transaction, where doing the work again
/// after a crash would be seen.
pub(crate) fn kept(engine: &Engine, scope: Scope, key: String, status: StatusCode, body: String) -> KeptAnswer {
    let body = engine.vault().seal(scope.0, Uuid::nil(), &place(&key), &body.into());
    KeptAnswer { key, status: status.as_u16(), body }
}

fn replay(engine: &Engine, known: &idempotency_key::Model, request_hash: &str) -> Result<Response, Problem> {
    if known.request_hash != request_hash {
        return Err(Problem::conflict("This Idempotency-Key was used for another request."));
    }
    let (Some(status), Some(sealed)) = (known.status, &known.body) else {
        return Err(Problem::conflict("A request with this Idempotency-Key is under way."));
    };
    let body =
        engine.vault().open(known.tenant_id, Uuid::nil(), &place(&known.key), sealed).map_err(Problem::internal)?;
    let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or_default();
    let mut response = (status, body.expose_secret().to_owned()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    Ok(response)
}

fn place(key: &str) -> String {
    format!("idempotency {key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(content_type: &str, body: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        fingerprint("/x", &headers, &Bytes::from(body.to_owned()))
    }

    #[test]
    fn a_form_is_the_same_whatever_its_boundary_is() {
        let one = print("multipart/form-data; boundary=abc", "--abc\r\nx\r\n--abc--");
        assert_eq!(one, print("multipart/form-data; boundary=\"defg\"", "--defg\r\nx\r\n--defg--"));
        assert_eq!(one, print("multipart/form-data; boundary=hij; charset=utf-8", "--hij\r\nx\r\n--hij--"));
        assert_ne!(one, print("multipart/form-data; boundary=abc", "--abc\r\ny\r\n--abc--"));
        assert_ne!(print("application/json", "{}"), print("application/json", "{ }"));
    }
}
