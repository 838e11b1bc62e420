//! Bird's webhook: the signature, and what messages, statuses and interactions say.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stratagem_domain::communication::Delivery;

use crate::whatsapp::{Recipient, codes};
use crate::{
    Event, InboundMessage, Integration, ReceiveError, Received, StatusReport, Suppress, WebhookAnswer, WebhookCall,
};

/// A call that is older may be a recorded one. Bird signs a call that it repeats with the time of the first, and repeats it for hours:
/// with a narrow window everything would be lost that was told while the server was away. A doubled call does nothing, for each
/// message is stored once and a status never goes back.
const OLDEST: TimeDelta = TimeDelta::hours(24);
/// How far Bird's clock may be ahead of ours.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// Verifies a call and reads it. What concerns another channel, or is of a kind that is new, is left out.
pub(super) fn receive(call: &WebhookCall<'_>, integration: &Integration) -> Result<Received, ReceiveError> {
    if !call.path.is_empty() || *call.request.method() != Method::POST {
        return Err(ReceiveError::NotFound);
    }
    verify(call, integration)?;
    let malformed = |reason: &str| ReceiveError::Malformed(reason.to_owned());
    let body: Value = serde_json::from_slice(call.request.body()).map_err(|_| malformed("the body is no JSON"))?;
    let (event, payload) = (body["event"].as_str().ok_or_else(|| malformed("event is missing"))?, &body["payload"]);
    if !payload.is_object() {
        return Err(malformed("payload is missing"));
    }
    let event = match event {
        _ if payload["channelId"].as_str() != integration.setting("channel_id") => None,
        "whatsapp.inbound" => message(payload, call.now),
        "whatsapp.outbound" => status(payload, call.now),
        "whatsapp.interaction" => interaction(payload, call.now),
        _ => None,
    };
    Ok(Received { events: event.into_iter().collect(), answer: WebhookAnswer::ok() })
}

/// `messagebird-signature: base64(HMAC-SHA256(signing key, timestamp + "\n" + URL + "\n" + SHA256(body)))`.
fn verify(call: &WebhookCall<'_>, integration: &Integration) -> Result<(), ReceiveError> {
    let forged = ReceiveError::Forged("the signature is not Bird's");
    let header = |name: &str| call.request.headers().get(name).and_then(|value| value.to_str().ok());
    let (Some(signature), Some(timestamp), Some(key)) =
        (header("messagebird-signature"), header("messagebird-request-timestamp"), integration.secret("signing_key"))
    else {
        return Err(forged);
    };
    let (Ok(signature), Ok(mut mac)) = (STANDARD.decode(signature), Hmac::<Sha256>::new_from_slice(key.as_bytes()))
    else {
        return Err(forged);
    };
    mac.update(timestamp.as_bytes());
    mac.update(b"\n");
    mac.update(call.url.as_bytes());
    mac.update(b"\n");
    mac.update(&Sha256::digest(call.request.body()));
    mac.verify_slice(&signature).map_err(|_| forged.clone())?;
    let signed_at = timestamp.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)).ok_or(forged)?;
    if call.now - signed_at > OLDEST || signed_at - call.now > AHEAD {
        return Err(ReceiveError::Forged("the signature's time is more than a day ago, or in the future"));
    }
    Ok(())
}

fn message(payload: &Value, now: DateTime<Utc>) -> Option<Event> {
    if payload["direction"] == "outgoing" {
        return None;
    }
    let id = text(&payload["id"])?;
    let extra = &payload["meta"]["extraInformation"];
    let contact = &payload["sender"]["contact"];
    let named = [&extra["whatsappbsuid"], &contact["identifierValue"]];
    let mut from: Vec<String> =
        named.iter().filter_map(|name| Recipient::parse(text(name)?)).map(|name| name.as_str().to_owned()).collect();
    from.dedup();
    if from.is_empty() {
        return None;
    }
    Some(Event::Message(InboundMessage {
        id: id.to_owned(),
        from,
        answers: text(&payload["replyTo"]["id"]).map(str::to_owned).into_iter().collect(),
        text: words(&payload["body"])?,
        thread: json!({"message_id": id}),
        at: time(&payload["createdAt"]).unwrap_or(now),
        automatic: false,
    }))
}

/// What it says, or the label of the button that was pressed; what is no text is named in brackets, with its caption.
fn words(body: &Value) -> Option<String> {
    let kind = text(&body["type"]).unwrap_or("unknown");
    let content = &body[kind];
    let pressed = &content["actions"][0];
    let said = [
        &content["text"],
        &pressed["postback"]["text"],
        &pressed["reply"]["text"],
        &pressed["item"]["label"],
        &content["caption"],
    ]
    .iter()
    .find_map(|said| text(said));
    let label: String = kind.chars().filter(|c| c.is_ascii_alphanumeric()).take(40).collect();
    match (kind, said) {
        ("text" | "list" | "actions", said) => said.map(str::to_owned),
        (_, Some(caption)) => Some(format!("[{label}] {caption}")),
        (_, None) => Some(format!("[{label}]")),
    }
}

fn status(payload: &Value, now: DateTime<Utc>) -> Option<Event> {
    let delivery = match text(&payload["status"])? {
        "sent" => Delivery::Sent,
        "delivered" => Delivery::Delivered,
        "read" => Delivery::Read,
        "sending_failed" | "delivery_failed" | "rejected" => Delivery::Failed,
        _ => return None,
    };
    let of = names([&payload["reference"], &payload["id"]])?;
    let failed = delivery == Delivery::Failed;
    let code = failed.then(|| failure(&payload["failure"])).flatten();
    let meta = code.as_deref().and_then(|code| code.parse::<i64>().ok());
    let theirs = text(&payload["reason"]).unwrap_or_default();
    let address = receiver(payload);
    Some(Event::Status(StatusReport {
        of,
        delivery,
        reason: failed.then(|| meta.map_or_else(|| theirs.to_owned(), |code| codes::reason(code, theirs))),
        suppress: address
            .zip(meta.and_then(codes::suppresses))
            .map(|(address, channels)| Suppress { address, channels }),
        code,
        at: time(&payload["lastStatusAt"]).or_else(|| time(&payload["updatedAt"])).unwrap_or(now),
    }))
}

/// Meta's code where WhatsApp refused the message (Bird's 15xxx), else Bird's own.
fn failure(failure: &Value) -> Option<String> {
    let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let ours = number(&failure["code"]);
    let platform = number(&failure["source"]["code"]).filter(|_| ours.is_none_or(|code| code / 1000 == 15));
    platform.or(ours).map(|code| code.to_string())
}

/// What the contact did with a message: read it, or asked not to get any more.
fn interaction(payload: &Value, now: DateTime<Utc>) -> Option<Event> {
    match text(&payload["type"])? {
        "read" | "opened" => Some(Event::Status(StatusReport {
            of: names([&payload["messageReference"], &payload["messageId"]])?,
            delivery: Delivery::Read,
            code: None,
            reason: None,
            suppress: None,
            at: time(&payload["createdAt"]).unwrap_or(now),
        })),
        "unsubscribe-request" | "reported-as-spam" => Some(Event::Blocked {
            address: receiver(payload)?,
            reason: "the contact asked in WhatsApp not to get any more messages".to_owned(),
        }),
        _ => None,
    }
}

fn receiver(payload: &Value) -> Option<String> {
    let contact = &payload["receiver"]["contacts"][0];
    Some(Recipient::parse(text(&contact["identifierValue"])?)?.as_str().to_owned())
}

/// Those that are there; none where there is not one.
fn names(values: [&Value; 2]) -> Option<Vec<String>> {
    let names: Vec<String> = values.into_iter().filter_map(text).map(str::to_owned).collect();
    (!names.is_empty()).then_some(names)
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

fn time(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|time| time.to_utc())
}
