//! What comes from outside without a token: providers' webhooks, which prove themselves by their signatures, and links in messages.

use axum::{
    body::Bytes,
    extract::{
        Path, RawQuery, Request, State,
        ws::{Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use stratagem_channels::{ReceiveError, WebhookAnswer};
use stratagem_engine::{Engine, Hook, Relay, WebhookError};
use uuid::Uuid;

use crate::{
    error::{Kind, Problem},
    extract::read_body,
};

/// Most bytes of a webhook: a mail with its attachments.
const MAX_HOOK_BYTES: usize = 25 << 20;
/// Most bytes of a frame of a call's WebSocket: what somebody says in one breath.
const MAX_FRAME_BYTES: usize = 64 << 10;

/// A provider's call to `/hooks/{integration_id}`.
pub(crate) async fn receive(
    state: State<Engine>,
    Path(id): Path<String>,
    query: RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    take(state, id, String::new(), query, request).await
}

/// A provider's call to something below that.
pub(crate) async fn receive_below(
    state: State<Engine>,
    Path((id, path)): Path<(String, String)>,
    query: RawQuery,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Result<Response, Problem> {
    match upgrade {
        Ok(upgrade) => open(state, id, format!("/{path}"), query, upgrade, request).await,
        Err(_) => take(state, id, format!("/{path}"), query, request).await,
    }
}

/// A call's WebSocket: text in, text out.
async fn open(
    State(engine): State<Engine>,
    id: String,
    path: String,
    RawQuery(query): RawQuery,
    upgrade: WebSocketUpgrade,
    request: Request,
) -> Result<Response, Problem> {
    let integration_id = Uuid::try_parse(&id).map_err(|_| Problem::not_found("webhook"))?;
    let request = request.map(|_| Bytes::new());
    let hook = Hook { integration_id, path: &path, query: query.as_deref(), request: &request };
    let relay = engine.open_relay(hook).await.map_err(|error| refusal(integration_id, error))?;
    Ok(upgrade.max_message_size(MAX_FRAME_BYTES).on_upgrade(move |socket| talk(engine, relay, socket)))
}

async fn talk(engine: Engine, mut relay: Relay, mut socket: WebSocket) {
    loop {
        let passed = tokio::select! {
            message = socket.recv() => match message {
                Some(Ok(Message::Text(frame))) => engine.hear_relay(&mut relay, &frame).await,
                Some(Ok(_)) => Ok(()),
                Some(Err(_)) | None => return,
            },
            said = engine.speak_relay(&mut relay) => match said {
                Ok(frame) => match socket.send(Message::Text(frame.into())).await {
                    Ok(()) => Ok(()),
                    Err(_) => return,
                },
                Err(error) => Err(error),
            },
        };
        if let Err(error) = passed {
            // The provider asks over HTTP how to go on.
            tracing::warn!(%error, "a call's socket is closed");
            return;
        }
    }
}

async fn take(
    State(engine): State<Engine>,
    id: String,
    path: String,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    let integration_id = Uuid::try_parse(&id).map_err(|_| Problem::not_found("webhook"))?;
    let (parts, body) = request.into_parts();
    let body: Bytes = read_body(body, MAX_HOOK_BYTES).await?;
    let request = axum::http::Request::from_parts(parts, body);
    let hook = Hook { integration_id, path: &path, query: query.as_deref(), request: &request };
    match engine.receive(hook).await {
        Ok(answer) => Ok(respond(answer)),
        Err(error) => Err(refusal(integration_id, error)),
    }
}

fn refusal(integration_id: Uuid, error: WebhookError) -> Problem {
    match error {
        WebhookError::NotFound | WebhookError::Refused(ReceiveError::NotFound) => Problem::not_found("webhook"),
        WebhookError::Refused(ReceiveError::Forged(reason)) => {
            tracing::warn!(integration = %integration_id, reason, "a webhook call that is not the provider's");
            Problem::new(Kind::Forbidden, "The call does not prove that it is the provider's.")
        }
        WebhookError::Refused(ReceiveError::Malformed(reason)) => Problem::new(Kind::Malformed, reason),
        WebhookError::Engine(error) => error.into(),
    }
}

fn respond(answer: WebhookAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let content_type = HeaderValue::from_static(answer.content_type);
    (status, [(header::CONTENT_TYPE, content_type)], answer.body).into_response()
}

/// The page behind `List-Unsubscribe`: it asks, because mail scanners open links.
pub(crate) async fn ask(State(engine): State<Engine>, Path(token): Path<String>) -> Result<Response, Problem> {
    if !engine.knows_unsubscribe_token(&token) {
        return Err(Problem::not_found("link"));
    }
    Ok(page(
        "Unsubscribe",
        "<p>Do you want to receive no further messages from this sender?</p>\
         <form method=\"post\"><button>Unsubscribe</button></form>",
    ))
}

/// Unsubscribes (RFC 8058: one click, without cookies or a login).
pub(crate) async fn unsubscribe(State(engine): State<Engine>, Path(token): Path<String>) -> Result<Response, Problem> {
    match engine.unsubscribe(&token).await? {
        true => Ok(page("Unsubscribed", "<p>You will receive no further messages from this sender.</p>")),
        false => Err(Problem::not_found("link")),
    }
}

/// A page that loads nothing and runs nothing.
fn page(title: &str, body: &str) -> Response {
    let policy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'";
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title}</title><h1>{title}</h1>{body}</html>"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, html).into_response()
}
