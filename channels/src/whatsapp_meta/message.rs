//! The body of a message (Meta, `POST /{Version}/{Phone-Number-ID}/messages`).

use serde_json::{Map, Value, json};

use crate::template::Templates;
use crate::whatsapp::{self, Recipient, Values};
use crate::{Draft, Integration, PrepareError};

/// A message's parts that depend on its kind, `type` among them.
pub(super) type Parts = Map<String, Value>;

/// The stage's approved template.
///
/// # Errors
/// A value cannot be filled in, or no language is set.
pub(super) fn template(
    draft: &Draft<'_>,
    integration: &Integration,
    templates: &Templates,
) -> Result<Parts, PrepareError> {
    let setting = |name: &str| draft.settings.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let misconfigured = |reason: &str| PrepareError::Misconfigured { reason: reason.to_owned() };
    let name = setting("template_name").ok_or_else(|| misconfigured("the stage has no template_name"))?;
    let language = setting("language").or_else(|| integration.setting("default_language"));
    let language = language.ok_or_else(|| misconfigured("neither the stage nor the integration has a language"))?;
    let mut template = object(json!({"name": name, "language": {"code": language, "policy": "deterministic"}}));
    let components = components(draft, templates)?;
    if !components.is_empty() {
        template.insert("components".to_owned(), Value::Array(components));
    }
    Ok(object(json!({"type": "template", "template": template})))
}

/// What is filled in: a header, the body's parameters, the ends of buttons' URLs.
fn components(draft: &Draft<'_>, templates: &Templates) -> Result<Vec<Value>, PrepareError> {
    let mut components = Vec::new();
    if let Some(Values::Named(header)) = whatsapp::render_values(draft, "header", templates)? {
        let parameters: Vec<Value> = header
            .into_iter()
            .map(|(kind, text)| match kind.as_str() {
                "text" => json!({"type": "text", "text": text}),
                media => json!({"type": media, media: {"link": text}}),
            })
            .collect();
        components.push(json!({"type": "header", "parameters": parameters}));
    }
    let body: Vec<Value> = match whatsapp::render_values(draft, "parameters", templates)? {
        None => Vec::new(),
        Some(Values::Numbered(texts)) => texts.into_iter().map(|text| json!({"type": "text", "text": text})).collect(),
        Some(Values::Named(texts)) => texts
            .into_iter()
            .map(|(name, text)| json!({"type": "text", "parameter_name": name, "text": text}))
            .collect(),
    };
    if !body.is_empty() {
        components.push(json!({"type": "body", "parameters": body}));
    }
    if let Some(Values::Named(buttons)) = whatsapp::render_values(draft, "buttons", templates)? {
        components.extend(buttons.into_iter().map(|(index, text)| {
            json!({"type": "button", "sub_type": "url", "index": index, "parameters": [{"type": "text", "text": text}]})
        }));
    }
    Ok(components)
}

/// A free text; it quotes the message that it answers.
pub(super) fn text(text: &str, thread: &Value) -> Parts {
    let mut parts = object(json!({"type": "text", "text": {"body": text, "preview_url": false}}));
    if let Some(id) = thread["message_id"].as_str() {
        parts.insert("context".to_owned(), json!({"message_id": id}));
    }
    parts
}

/// The whole message.
pub(super) fn envelope(to: &Recipient, reference: &str, parts: Parts) -> Value {
    let (field, whom) = match to {
        Recipient::Phone(number) => ("to", number),
        Recipient::User(id) => ("recipient", id),
    };
    let mut message = object(json!({"messaging_product": "whatsapp", "recipient_type": "individual", field: whom}));
    message.extend(parts);
    // It comes back in every status, so that one is recognised even where the answer to the send was lost.
    message.insert("biz_opaque_callback_data".to_owned(), json!(reference));
    Value::Object(message)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
