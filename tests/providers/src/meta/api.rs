//! The HTTP side.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Act, PHONE_NUMBER_ID, Taken, World, request};
use crate::hook;

/// How long an answer waits after what the contact said was told.
const HEAD_START: Duration = Duration::from_millis(300);

pub(super) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/{version}/{number}/messages", post(send))
        .route("/{version}/{number}", get(read_number))
        .with_state(world)
}

async fn read_number(Path((_, number)): Path<(String, String)>, headers: HeaderMap) -> Response {
    match request::check_headers(&headers).and_then(|()| check_number(&number)) {
        Ok(()) => Json(json!({"verified_name": "Acme", "id": number})).into_response(),
        Err(fault) => refuse(fault),
    }
}

async fn send(
    State(world): State<Arc<World>>,
    Path((_, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let message = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    let lenient = world.state().lenient;
    let checked = request::check_headers(&headers)
        .and_then(|()| check_number(&number))
        .and_then(|()| request::check_message(&message, lenient))
        .and_then(|to| world.check_approved(&message).map(|()| to));
    let to = match checked {
        Ok(to) => to,
        Err(fault) => return refuse(fault),
    };
    let act = world.state().acts.pop_front();
    let fails = match act {
        Some(Act::Refuse { code, status }) => return refuse((status, code, "on demand".to_owned())),
        Some(Act::TooMany { retry_after_s }) => {
            return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", retry_after_s.to_string())]).into_response();
        }
        Some(Act::FailLater { code }) => Some(code),
        // Free text outside the window is accepted, and fails a moment later.
        _ => (message["type"] == "text" && !world.is_open(&to)).then_some(131_047),
    };
    let id = world.take(to.clone(), message.clone());
    let becomes = tokio::spawn(Arc::clone(&world).go_on(id.clone(), to.clone(), fails));
    match act {
        Some(Act::TellFirst) => {
            // An error is a panic, which was shown.
            let _ = becomes.await;
        }
        Some(Act::HearFirst) => {
            let (world, to) = (Arc::clone(&world), to.clone());
            let heard = tokio::spawn(async move { world.answer(&to).await });
            // Whoever hears it may wait with the answer for ours.
            let _ = tokio::time::timeout(HEAD_START, heard).await;
        }
        _ => {}
    }
    match act {
        Some(Act::Silence) => std::future::pending().await,
        Some(Act::Drop) => torn(),
        _ => {
            let input = message["to"].as_str().or(message["recipient"].as_str());
            let contact = match to.contains('.') {
                true => json!({"input": input, "user_id": to}),
                false => json!({"input": input, "wa_id": to}),
            };
            let taken = json!({"id": id, "message_status": "accepted"});
            Json(json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [taken]})).into_response()
        }
    }
}

impl World {
    fn check_approved(&self, message: &Value) -> Result<(), request::Fault> {
        let state = self.state();
        if message["type"] != "template" || state.templates.is_empty() {
            return Ok(());
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let template = &message["template"];
        match state.templates.get(&(text(&template["name"]), text(&template["language"]["code"]))) {
            None => Err((404, 132_001, "template name does not exist in the translation".to_owned())),
            Some(count) if *count != request::parameters(template) => {
                Err((400, 132_000, "number of localizable_params does not match the expected number".to_owned()))
            }
            Some(_) => Ok(()),
        }
    }

    fn is_open(&self, to: &str) -> bool {
        self.state().heard.get(to).is_some_and(|heard| hook::now() - heard < TimeDelta::hours(24))
    }

    fn take(&self, to: String, body: Value) -> String {
        let id = self.id();
        self.state().taken.push(Taken { id: id.clone(), to, status: "accepted", body });
        id
    }

    /// What becomes of a message by itself.
    async fn go_on(self: Arc<Self>, id: String, to: String, fails: Option<i64>) {
        if self.state().silent && fails.is_none() {
            return;
        }
        match fails {
            Some(code) => {
                self.move_to(&id, "failed", Some(code)).await;
            }
            None => {
                self.move_to(&id, "sent", None).await;
                self.move_to(&id, "delivered", None).await;
                self.answer(&to).await;
            }
        }
    }
}

fn check_number(number: &str) -> Result<(), request::Fault> {
    let unknown =
        "Unsupported post request. Object with ID does not exist, or cannot be loaded due to missing permissions";
    if number == PHONE_NUMBER_ID { Ok(()) } else { Err((400, 33, unknown.to_owned())) }
}

fn refuse((status, code, details): request::Fault) -> Response {
    let (code, subcode) = if code == 33 { (100, Some(33)) } else { (code, None) };
    let error = json!({"error": {
        "message": format!("(#{code}) {details}"), "type": "OAuthException", "code": code, "error_subcode": subcode,
        "error_data": {"messaging_product": "whatsapp", "details": details}, "fbtrace_id": "Az8or2yhqkZfEZ",
    }});
    let status = StatusCode::from_u16(status).unwrap_or_default();
    (status, Json(error)).into_response()
}

/// An answer whose body ends in the middle, with its connection.
fn torn() -> Response {
    let broken = futures::stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("torn"))]);
    Response::new(Body::from_stream(broken))
}
