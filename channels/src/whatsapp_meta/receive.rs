//! Meta's webhook: the challenge, the signature, and what messages and statuses say.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use stratagem_domain::communication::Delivery;
use subtle::ConstantTimeEq;

use crate::whatsapp::{Recipient, codes};
use crate::{
    Event, InboundMessage, Integration, ReceiveError, Received, StatusReport, Suppress, WebhookAnswer, WebhookCall,
};

/// How deep an edited message may lie within another.
const MAX_EDITS: u8 = 2;

/// Verifies a call and reads it. What concerns another number of the same app, or is of a kind that is new, is left out.
pub(super) fn receive(call: &WebhookCall<'_>, integration: &Integration) -> Result<Received, ReceiveError> {
    if !call.path.is_empty() {
        return Err(ReceiveError::NotFound);
    }
    match *call.request.method() {
        Method::GET => challenge(call, integration),
        Method::POST => {
            verify(call, integration)?;
            let body: Value = serde_json::from_slice(call.request.body())
                .map_err(|error| ReceiveError::Malformed(format!("the body is no JSON: {error}")))?;
            Ok(Received { events: events(&body, call.now, integration)?, answer: WebhookAnswer::ok() })
        }
        _ => Err(ReceiveError::NotFound),
    }
}

/// Meta asks once, when the webhook is set up, whether we know the word that the tenant gave both sides.
fn challenge(call: &WebhookCall<'_>, integration: &Integration) -> Result<Received, ReceiveError> {
    let query = call.request.uri().query().unwrap_or_default();
    let parameter = |name: &str| {
        url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let token = parameter("hub.verify_token").unwrap_or_default();
    let expected = integration.secret("verify_token").unwrap_or_default();
    let known = !expected.is_empty() && bool::from(token.as_bytes().ct_eq(expected.as_bytes()));
    if !known || parameter("hub.mode").as_deref() != Some("subscribe") {
        return Err(ReceiveError::Forged("the verify token is not the integration's"));
    }
    let challenge = parameter("hub.challenge").unwrap_or_default();
    Ok(Received { events: Vec::new(), answer: WebhookAnswer::text(challenge) })
}

/// `X-Hub-Signature-256: sha256=<hex HMAC-SHA256(app secret, body)>`.
fn verify(call: &WebhookCall<'_>, integration: &Integration) -> Result<(), ReceiveError> {
    let forged = ReceiveError::Forged("the signature is not Meta's");
    let header = call.request.headers().get("x-hub-signature-256").map(http::HeaderValue::as_bytes);
    let signature = header.and_then(|header| header.strip_prefix(b"sha256=")).and_then(from_hex);
    let (Some(signature), Some(secret)) = (signature, integration.secret("app_secret")) else { return Err(forged) };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return Err(forged) };
    mac.update(call.request.body());
    mac.verify_slice(&signature).map_err(|_| forged)
}

/// Lower-case digits only, as Meta writes them: what differs in any bit is another signature.
fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

fn events(body: &Value, now: DateTime<Utc>, integration: &Integration) -> Result<Vec<Event>, ReceiveError> {
    if body["object"] != "whatsapp_business_account" {
        return Err(ReceiveError::Malformed("object is not `whatsapp_business_account`".to_owned()));
    }
    let ours = integration.setting("phone_number_id");
    let mut events = Vec::new();
    for change in each(&body["entry"]).flat_map(|entry| each(&entry["changes"])) {
        let value = &change["value"];
        if value["metadata"]["phone_number_id"].as_str() != ours {
            continue;
        }
        events.extend(each(&value["messages"]).filter_map(|message| message_of(message, value, now)));
        events.extend(each(&value["statuses"]).filter_map(|status| status_of(status, value, now)));
        events.extend(each(&value["user_preferences"]).filter_map(preference));
    }
    Ok(events)
}

/// A message; none for what WhatsApp itself tells (somebody changed their number or id) and for one that was taken back.
fn message_of(message: &Value, value: &Value, now: DateTime<Utc>) -> Option<Event> {
    let id = message["id"].as_str().filter(|id| !id.is_empty())?;
    let text = text_of(message, MAX_EDITS)?;
    let from = names(message, value);
    if from.is_empty() {
        return None;
    }
    let answered = [&message["context"]["id"], &message["reaction"]["message_id"]];
    Some(Event::Message(InboundMessage {
        id: id.to_owned(),
        from,
        answers: answered.iter().filter_map(|id| id.as_str()).map(str::to_owned).collect(),
        text,
        thread: json!({"message_id": id}),
        at: time(&message["timestamp"]).unwrap_or(now),
        automatic: false,
    }))
}

/// The writer's id first, which is always there since 2026, and then their number, which may be absent.
fn names(message: &Value, value: &Value) -> Vec<String> {
    let contacts = || each(&value["contacts"]);
    let (from, user) = (message["from"].as_str(), message["from_user_id"].as_str());
    // With several contacts in one call, a message is its writer's by number or by id.
    let contact = contacts()
        .find(|contact| {
            from.is_some_and(|from| contact["wa_id"] == from) || user.is_some_and(|user| contact["user_id"] == user)
        })
        .or_else(|| contacts().next().filter(|_| contacts().count() == 1));
    let of_contact = |name: &str| contact.and_then(|contact| contact[name].as_str());
    let named = [user, of_contact("user_id"), from, of_contact("wa_id")];
    let mut names: Vec<String> = Vec::new();
    for name in named.into_iter().flatten().filter_map(Recipient::parse) {
        if !names.iter().any(|known| known == name.as_str()) {
            names.push(name.as_str().to_owned());
        }
    }
    names
}

/// What it says; what is no text is named in brackets, with its caption.
fn text_of(message: &Value, edits: u8) -> Option<String> {
    let kind = message["type"].as_str().unwrap_or("unknown");
    let at = |pointer: &str| message.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    match kind {
        "system" | "revoke" | "request_welcome" => None,
        "text" => at("/text/body").map(str::to_owned),
        "button" => at("/button/text").or(at("/button/payload")).map(str::to_owned),
        "interactive" => {
            let choice = at("/interactive/button_reply/title").or(at("/interactive/list_reply/title"));
            Some(choice.map_or_else(|| bracketed(kind, at("/interactive/nfm_reply/body")), str::to_owned))
        }
        // Without an emoji a reaction was taken away.
        "reaction" => at("/reaction/emoji").map(|emoji| bracketed(kind, Some(emoji))),
        "edit" if edits > 0 => text_of(&message["edit"]["message"], edits - 1),
        "location" => Some(bracketed(kind, at("/location/name").or(at("/location/address")))),
        kind => {
            let caption = message[kind]["caption"].as_str().or_else(|| message[kind]["filename"].as_str());
            Some(bracketed(kind, caption.filter(|caption| !caption.is_empty())))
        }
    }
}

/// `[image]`, or `[image] what was written under it`.
fn bracketed(kind: &str, caption: Option<&str>) -> String {
    let kind: String = kind.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
    caption.map_or_else(|| format!("[{kind}]"), |caption| format!("[{kind}] {caption}"))
}

fn status_of(status: &Value, value: &Value, now: DateTime<Utc>) -> Option<Event> {
    let delivery = match status["status"].as_str()? {
        "sent" => Delivery::Sent,
        "delivered" => Delivery::Delivered,
        // A voice message is `played`.
        "read" | "played" => Delivery::Read,
        "failed" => Delivery::Failed,
        _ => return None,
    };
    let of: Vec<String> = [&status["biz_opaque_callback_data"], &status["id"]]
        .iter()
        .filter_map(|name| name.as_str().filter(|name| !name.is_empty()))
        .map(str::to_owned)
        .collect();
    if of.is_empty() {
        return None;
    }
    // Newer calls have the errors beside the statuses.
    let error = [&status["errors"][0], &value["errors"][0]].into_iter().find(|error| error.is_object());
    let error = error.filter(|_| delivery == Delivery::Failed);
    let code = error.and_then(|error| error["code"].as_i64());
    let of_contact = &value["contacts"][0];
    let address = [&status["recipient_id"], &status["recipient_user_id"], &of_contact["wa_id"], &of_contact["user_id"]]
        .iter()
        .find_map(|name| Recipient::parse(name.as_str()?));
    Some(Event::Status(StatusReport {
        of,
        delivery,
        code: code.map(|code| code.to_string()),
        reason: error.map(|error| code.map_or_else(|| words(error), |code| codes::reason(code, &words(error)))),
        suppress: address
            .zip(code.and_then(codes::suppresses))
            .map(|(name, channels)| Suppress { address: name.as_str().to_owned(), channels }),
        at: time(&status["timestamp"]).unwrap_or(now),
    }))
}

/// A contact who turned marketing messages off in WhatsApp.
fn preference(preference: &Value) -> Option<Event> {
    let who =
        [&preference["wa_id"], &preference["user_id"]].iter().find_map(|name| Recipient::parse(name.as_str()?))?;
    (preference["value"] == "stop").then(|| Event::Blocked {
        address: who.as_str().to_owned(),
        reason: "the contact turned marketing messages off in WhatsApp".to_owned(),
    })
}

fn words(error: &Value) -> String {
    let texts = [&error["title"], &error["error_data"]["details"]];
    texts.iter().filter_map(|text| text.as_str()).collect::<Vec<_>>().join(": ")
}

fn each(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

/// Seconds since 1970, as a text or as a number.
fn time(value: &Value) -> Option<DateTime<Utc>> {
    let seconds = value.as_i64().or_else(|| value.as_str()?.parse().ok())?;
    DateTime::from_timestamp(seconds, 0)
}
