//! What an update tells (Bot API, "Getting updates").

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::api::message_name;
use crate::{Event, InboundMessage, Link};

/// The kinds of updates that are asked for.
pub(super) const KINDS: [&str; 2] = ["message", "my_chat_member"];

/// Kinds of content beside text, by the field that tells it, with the words for it.
const OTHERS: [(&str, &str); 14] = [
    ("photo", "picture"),
    ("voice", "voice message"),
    ("audio", "audio"),
    ("video", "video"),
    ("video_note", "video message"),
    ("animation", "animation"),
    ("document", "file"),
    ("sticker", "sticker"),
    ("contact", "contact"),
    ("venue", "place"),
    ("location", "place"),
    ("poll", "poll"),
    ("dice", "dice"),
    ("story", "story"),
];

/// Reads an update; none for one that does not concern us, such as what is said in groups.
///
/// # Errors
/// What is missing, in plain words.
pub(super) fn read(update: &Value) -> Result<Option<Event>, String> {
    let id = update["update_id"].as_i64().ok_or("an update has no update_id")?;
    if let Some(change) = update.get("my_chat_member") {
        return Ok(blocked(change));
    }
    let Some(message) = update.get("message") else { return Ok(None) };
    let (Some(chat_id), Some(date)) = (message["chat"]["id"].as_i64(), message["date"].as_i64()) else {
        return Err("a message has no chat or no date".to_owned());
    };
    let at = DateTime::from_timestamp(date, 0).ok_or("a message's date is out of range")?;
    if message["chat"]["type"].as_str() != Some("private") {
        return Ok(None);
    }
    if let Some(token) = message["text"].as_str().and_then(start_token) {
        let (id, token, address) = (id.to_string(), token.to_owned(), chat_id.to_string());
        return Ok(Some(Event::Linked(Link { id, token, address, at })));
    }
    Ok(Some(Event::Message(inbound(id, chat_id, at, message))))
}

fn inbound(id: i64, chat_id: i64, at: DateTime<Utc>, message: &Value) -> InboundMessage {
    let replied = message["reply_to_message"]["message_id"].as_i64();
    InboundMessage {
        id: id.to_string(),
        from: vec![chat_id.to_string()],
        answers: replied.map(|of| message_name(chat_id, of)).into_iter().collect(),
        text: text(message),
        thread: json!({"chat_id": chat_id}),
        at,
        automatic: message["from"]["is_bot"].as_bool() == Some(true),
    }
}

/// The token of `/start <token>`, which is what pressing Start after a deep link writes.
fn start_token(text: &str) -> Option<&str> {
    let (command, token) = text.trim().split_once(' ')?;
    let started = command == "/start" || command.starts_with("/start@");
    let fits = (1..=64).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    (started && fits).then_some(token)
}

fn text(message: &Value) -> String {
    if let Some(text) = message["text"].as_str() {
        return text.to_owned();
    }
    let found = OTHERS.iter().find(|(field, _)| message.get(field).is_some());
    let kind = found.map_or("[message that is no text]".to_owned(), |(_, words)| format!("[{words}]"));
    match message["caption"].as_str() {
        Some(caption) => format!("{kind} {caption}"),
        None => kind,
    }
}

/// In a private chat the bot is `kicked` when the contact blocks it.
fn blocked(change: &Value) -> Option<Event> {
    let private = change["chat"]["type"].as_str() == Some("private");
    let kicked = change["new_chat_member"]["status"].as_str() == Some("kicked");
    let address = change["chat"]["id"].as_i64()?.to_string();
    (private && kicked).then(|| Event::Blocked { address, reason: "blocked the bot in Telegram".to_owned() })
}
