//! The frames of a ConversationRelay: text in, text out.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{Heard, Heards, Speech};

/// Reads a frame.
///
/// # Errors
/// What is wrong with it, in plain words.
pub(super) fn hear(frame: &str, reference: &str, ordinal: u64, now: DateTime<Utc>) -> Result<Option<Heard>, String> {
    let frame: Value = serde_json::from_str(frame).map_err(|error| format!("a frame is no JSON: {error}"))?;
    let heard =
        |what| Heard { id: format!("{reference}:relay:{ordinal}"), reference: reference.to_owned(), what, at: now };
    let text = |name: &str| frame[name].as_str().map(str::trim).filter(|text| !text.is_empty());
    let what = match text("type").ok_or("a frame has no type")? {
        "setup" => {
            let told = &frame["customParameters"];
            if told["call"].as_str() != Some(reference) {
                return Err("the relay is that of another call".to_owned());
            }
            return Ok(told["greeted"].as_str().is_none().then(|| heard(Heards::Connects)));
        }
        // Parts of a sentence come again, whole.
        "prompt" if frame["last"].as_bool() == Some(false) => return Ok(None),
        "prompt" => text("voicePrompt"),
        "dtmf" => text("digit"),
        "error" => return Err(format!("Twilio says: {}", text("description").unwrap_or("no description"))),
        "interrupt" => {
            let spoken = text("utteranceUntilInterrupt").unwrap_or_default();
            return Ok(Some(heard(Heards::Interrupted(spoken.to_owned()))));
        }
        // Asked for with `events="tokens-played"`. How it looks Twilio shows and does not document, so nothing must depend on it alone.
        "info" if text("name") == Some("tokensPlayed") => {
            return Ok(frame["value"].as_str().map(|words| heard(Heards::Played(words.to_owned()))));
        }
        // Kinds that are yet to come.
        _ => return Ok(None),
    };
    Ok(what.map(|words| heard(Heards::Said(words.to_owned()))))
}

/// The frame that says this; none where nothing is to be said.
pub(super) fn speak(speech: Speech<'_>) -> Option<String> {
    let frame = match speech {
        Speech::Say(words) => json!({"type": "text", "token": words, "last": true}),
        Speech::Wait => return None,
        Speech::HangUp(None) => json!({"type": "end"}),
        // The end cuts off what is being said, so the last words are said after it (`farewell`).
        Speech::HangUp(Some(words)) => json!({"type": "end", "handoffData": json!({"say": words}).to_string()}),
    };
    Some(frame.to_string())
}

/// The frame that says a part, of which more follows. Twilio speaks as soon as it has enough for a natural tone.
pub(super) fn speak_part(words: &str) -> String {
    json!({"type": "text", "token": words, "last": false}).to_string()
}

/// The last words that were handed over at the relay's end.
pub(super) fn farewell(handoff: &str) -> Option<String> {
    let handoff: Value = serde_json::from_str(handoff).ok()?;
    handoff["say"].as_str().map(str::to_owned)
}
