//! The methods.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State as Shares};
use axum::http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::updates::{chat, me};
use super::{Sent, Shared, Trouble, Webhook};

type Answer = Result<Value, Response>;

pub(super) async fn call(
    Shares(shared): Shares<Arc<Shared>>,
    Path((bot, method)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if bot.strip_prefix("bot") != Some(&shared.token) {
        return refused(401, "Unauthorized", Value::Null);
    }
    let Some(parameters) = parameters(&headers, &body) else {
        return refused(400, "Bad Request: can't parse the request's body", Value::Null);
    };
    let answer = match method.as_str() {
        "getMe" => Ok(me(&shared.username)),
        "sendMessage" => send_message(&shared, &parameters).await,
        "getUpdates" => get_updates(&shared, &parameters).await,
        "setWebhook" => set_webhook(&shared, &parameters),
        "deleteWebhook" => set_webhook(&shared, &Map::new()),
        _ => Err(refused(404, "Not Found", Value::Null)),
    };
    match answer {
        Ok(result) => axum::Json(json!({"ok": true, "result": result})).into_response(),
        Err(refusal) => refusal,
    }
}

/// As JSON, or as a form whose values are JSON unless they are texts.
fn parameters(headers: &HeaderMap, body: &[u8]) -> Option<Map<String, Value>> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/json") {
        return serde_json::from_slice(body).ok();
    }
    let fields = url::form_urlencoded::parse(body);
    let value = |name: &str, text: String| match name {
        "text" | "url" | "secret_token" => Value::String(text),
        _ => serde_json::from_str(&text).unwrap_or(Value::String(text)),
    };
    Some(fields.map(|(name, text)| (name.to_string(), value(&name, text.into_owned()))).collect())
}

async fn send_message(shared: &Shared, parameters: &Map<String, Value>) -> Answer {
    let bad = |words: &str| refused(400, &format!("Bad Request: {words}"), Value::Null);
    let chat_id = parameters.get("chat_id").and_then(Value::as_i64).ok_or_else(|| bad("chat_id is empty"))?;
    let text = parameters.get("text").and_then(Value::as_str).map(str::trim).unwrap_or_default();
    if text.is_empty() {
        return Err(bad("message text is empty"));
    }
    if text.encode_utf16().count() > 4_096 {
        return Err(bad("message is too long"));
    }
    let trouble = shared.state().troubles.pop_front();
    match trouble {
        None | Some(Trouble::Nothing) => {}
        Some(Trouble::TooMany(seconds)) => {
            let words = format!("Too Many Requests: retry after {seconds}");
            return Err(refused(429, &words, json!({"retry_after": seconds})));
        }
        Some(Trouble::Silence) => std::future::pending().await,
        Some(Trouble::Internal) => return Err(refused(500, "Internal Server Error", Value::Null)),
        Some(Trouble::Gateway(status)) => return Err(page(status)),
        Some(Trouble::Moved(now)) => {
            let words = "Bad Request: group chat was upgraded to a supergroup chat";
            return Err(refused(400, words, json!({"migrate_to_chat_id": now})));
        }
        Some(Trouble::Drop) => {
            let broken = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("dropped")) });
            return Err(Body::from_stream(broken).into_response());
        }
    }
    let mut state = shared.state();
    match state.chats.get(&chat_id) {
        None => return Err(bad("chat not found")),
        Some(true) => return Err(refused(403, "Forbidden: bot was blocked by the user", Value::Null)),
        Some(false) => {}
    }
    let message_id = 1 + i64::try_from(state.sent.iter().filter(|sent| sent.chat_id == chat_id).count()).unwrap();
    state.sent.push(Sent { chat_id, message_id, text: text.to_owned() });
    let date = state.date();
    Ok(json!({
        "message_id": message_id, "date": date, "chat": chat(chat_id), "from": me(&shared.username), "text": text,
    }))
}

async fn get_updates(shared: &Shared, parameters: &Map<String, Value>) -> Answer {
    let conflict = |words: &str| refused(409, &format!("Conflict: {words}"), Value::Null);
    let number = |name: &str| parameters.get(name).and_then(Value::as_i64);
    let limit = usize::try_from(number("limit").unwrap_or(100).clamp(1, 100)).unwrap();
    let wait = Duration::from_secs(number("timeout").unwrap_or(0).clamp(0, 60).unsigned_abs());
    let mut changed = shared.changed.subscribe();
    let mine = {
        let mut state = shared.state();
        if state.webhook.is_some() {
            return Err(conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete it first",
            ));
        }
        if let Some(offset) = number("offset") {
            state.updates.retain(|update| update["update_id"].as_i64() >= Some(offset));
        }
        state.fetching += 1;
        state.fetching
    };
    shared.wake();
    let found = async {
        loop {
            changed.borrow_and_update();
            let (fetching, updates) = {
                let state = shared.state();
                (state.fetching, state.updates.iter().take(limit).cloned().collect::<Vec<_>>())
            };
            if fetching != mine {
                return Err(conflict(
                    "terminated by other getUpdates request; make sure that only one bot instance is running",
                ));
            }
            if !updates.is_empty() || changed.changed().await.is_err() {
                return Ok(json!(updates));
            }
        }
    };
    // Without time to wait, what is there is looked at once.
    tokio::time::timeout(wait, found).await.unwrap_or(Ok(json!([])))
}

fn set_webhook(shared: &Shared, parameters: &Map<String, Value>) -> Answer {
    let text = |name: &str| parameters.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let secret = text("secret_token").map(str::to_owned);
    let fits = |secret: &String| {
        secret.len() <= 256 && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    };
    if !secret.as_ref().is_none_or(fits) {
        return Err(refused(400, "Bad Request: secret token contains unallowed characters", Value::Null));
    }
    shared.state().webhook = text("url").map(|url| Webhook { url: url.to_owned(), secret });
    Ok(json!(true))
}

fn refused(code: u16, description: &str, parameters: Value) -> Response {
    let mut body = json!({"ok": false, "error_code": code, "description": description});
    if !parameters.is_null() {
        body["parameters"] = parameters;
    }
    (StatusCode::from_u16(code).unwrap(), axum::Json(body)).into_response()
}

fn page(status: u16) -> Response {
    (StatusCode::from_u16(status).unwrap(), "<html>nginx</html>").into_response()
}
