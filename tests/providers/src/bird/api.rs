//! The HTTP side.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{ACCESS_KEY, Act, CHANNEL_ID, Taken, WORKSPACE_ID, World, now};

/// HTTP status and what is wrong.
type Fault = (u16, String);

pub(super) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/workspaces/{workspace}/channels/{channel}", get(read_channel))
        .route("/workspaces/{workspace}/channels/{channel}/messages", post(send))
        .route("/workspaces/{workspace}/channels/{channel}/messages/{id}", get(read_message))
        .with_state(world)
}

async fn read_channel(Path((workspace, channel)): Path<(String, String)>, headers: HeaderMap) -> Response {
    match check_caller(&headers, &workspace, &channel) {
        Ok(()) => Json(json!({"id": CHANNEL_ID, "platformId": "whatsapp", "status": "active"})).into_response(),
        Err(fault) => refuse(fault),
    }
}

async fn read_message(
    State(world): State<Arc<World>>,
    Path((workspace, channel, id)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let found = check_caller(&headers, &workspace, &channel).and_then(|()| {
        let message = world.state().taken.iter().find(|taken| taken.id == id).map(shown);
        message.ok_or((404, "message not found".to_owned()))
    });
    found.map_or_else(refuse, |message| Json(message).into_response())
}

async fn send(
    State(world): State<Arc<World>>,
    Path((workspace, channel)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let message = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    let checked = check_caller(&headers, &workspace, &channel).and_then(|()| check_message(&message));
    let to = match checked {
        Ok(to) => to,
        Err(fault) => return refuse(fault),
    };
    let act = world.state().acts.pop_front();
    let fails = match act {
        Some(Act::Refuse { status }) => return refuse((status, "on demand".to_owned())),
        Some(Act::TooMany { retry_after_s }) => {
            return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", retry_after_s.to_string())]).into_response();
        }
        Some(Act::FailLater { code }) => Some(code),
        _ => None,
    };
    let taken = Taken { id: world.id(), to, status: "accepted", body: message };
    let answer = shown(&taken);
    let id = taken.id.clone();
    world.state().taken.push(taken);
    tokio::spawn(world.go_on(id, fails));
    match act {
        Some(Act::Silence) => std::future::pending().await,
        Some(Act::Drop) => torn(),
        _ => (StatusCode::ACCEPTED, Json(answer)).into_response(),
    }
}

impl World {
    /// What becomes of a message by itself.
    async fn go_on(self: Arc<Self>, id: String, fails: Option<i64>) {
        match fails {
            Some(code) => {
                self.move_to(&id, "delivery_failed", Some(code)).await;
            }
            None if self.state().silent => {}
            None => {
                self.move_to(&id, "sent", None).await;
                self.move_to(&id, "delivered", None).await;
            }
        }
    }
}

/// A message as Bird shows it, in answers and in webhooks.
pub(super) fn shown(message: &Taken) -> Value {
    json!({
        "id": message.id, "channelId": CHANNEL_ID, "sender": {"connector": {"id": "k1"}},
        "receiver": message.body["receiver"], "body": message.body["body"], "template": message.body["template"],
        "reference": message.body["reference"], "status": message.status, "reason": "", "direction": "outgoing",
        "lastStatusAt": now(), "createdAt": now(), "updatedAt": now(),
    })
}

fn check_caller(headers: &HeaderMap, workspace: &str, channel: &str) -> Result<(), Fault> {
    let key = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if key != format!("AccessKey {ACCESS_KEY}") {
        return Err((401, "Unauthorized".to_owned()));
    }
    match (workspace, channel) {
        (WORKSPACE_ID, CHANNEL_ID) => Ok(()),
        _ => Err((404, "channel not found".to_owned())),
    }
}

/// The receiver of a message that is as Bird describes it.
fn check_message(message: &Value) -> Result<String, Fault> {
    only(message, &["receiver", "reference", "template", "body", "replyTo"])?;
    only(&message["receiver"], &["contacts"])?;
    let contact = &message["receiver"]["contacts"][0];
    only(contact, &["identifierKey", "identifierValue"])?;
    let to = text(&contact["identifierValue"], "identifierValue")?;
    if !(to.starts_with('+') && to[1..].bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(wrong("identifierValue is no phone number"));
    }
    match (message.get("template"), message.get("body")) {
        (Some(template), None) => {
            only(template, &["projectId", "version", "locale", "variables", "parameters"])?;
            text(&template["projectId"], "template.projectId")?;
            text(&template["version"], "template.version")?;
            for (name, value) in template["variables"].as_object().into_iter().flatten() {
                text(value, name)?;
            }
        }
        (None, Some(body)) => {
            only(body, &["type", "text"])?;
            only(&body["text"], &["text"])?;
            text(&body["text"]["text"], "body.text.text")?;
        }
        _ => return Err(wrong("either body or template is required")),
    }
    if let Some(reply) = message.get("replyTo") {
        only(reply, &["id", "type"])?;
        text(&reply["id"], "replyTo.id")?;
    }
    Ok(to.to_owned())
}

fn only(object: &Value, known: &[&str]) -> Result<(), Fault> {
    let fields = object.as_object().ok_or_else(|| wrong(&format!("an object of {} is missing", known.join(", "))))?;
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(wrong(&format!("property {name} is not allowed"))),
        None => Ok(()),
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, Fault> {
    value.as_str().filter(|text| !text.is_empty()).ok_or_else(|| wrong(&format!("{name} is required")))
}

fn wrong(message: &str) -> Fault {
    (422, message.to_owned())
}

fn refuse((status, message): Fault) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or_default();
    (status, Json(json!({"code": "InvalidRequest", "message": message}))).into_response()
}

/// An answer whose body ends in the middle, with its connection.
fn torn() -> Response {
    let broken = futures::stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("torn"))]);
    Response::new(Body::from_stream(broken))
}
