//! What Twilio's webhooks tell.

use chrono::{DateTime, Utc};
use url::form_urlencoded;

use super::place::Place;
use super::signature::{Form, is_right};
use crate::{CallEnd, Heard, Heards, Integration, ReceiveError, WebhookCall};

const SIGNATURE: &str = "x-twilio-signature";

/// The first value of a field that is not empty.
pub(super) fn field<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    form.get(name)?.iter().map(|value| value.trim()).find(|value| !value.is_empty())
}

/// The fields of the call's form; none without one, as when a WebSocket is opened.
pub(super) fn form(call: &WebhookCall<'_>) -> Form {
    let mut form = Form::new();
    for (name, value) in form_urlencoded::parse(call.request.body()) {
        form.entry(name.into_owned()).or_default().insert(value.into_owned());
    }
    form
}

/// Verifies the call and says what it tells.
pub(super) fn hear(call: &WebhookCall<'_>, integration: &Integration) -> Result<Option<Heard>, ReceiveError> {
    let form = form(call);
    let given = call.request.headers().get(SIGNATURE).map(http::HeaderValue::as_bytes).unwrap_or_default();
    let right = integration.secret("auth_token").is_some_and(|token| is_right(token, call.url, &form, given));
    if !right {
        return Err(ReceiveError::Forged("the signature is not Twilio's for this address and account"));
    }
    let webhook = call.path.strip_prefix("/voice/").ok_or(ReceiveError::NotFound)?;
    let malformed = |what: &str| ReceiveError::Malformed(what.to_owned());
    let place = Place::of(call).ok_or_else(|| malformed("the address names no call"))?;
    let heard = |id: String, what, at| Some(Heard { id, reference: place.reference.clone(), what, at });
    if webhook.starts_with("relay/") {
        return Ok(heard(format!("{}:connects", place.reference), Heards::Connects, call.now));
    }
    let sid = field(&form, "CallSid").ok_or_else(|| malformed("CallSid is missing"))?;
    if webhook == "status" {
        let number = field(&form, "SequenceNumber").or_else(|| field(&form, "CallStatus")).unwrap_or_default();
        let at = field(&form, "Timestamp").and_then(|text| DateTime::parse_from_rfc2822(text).ok());
        let at = at.map_or(call.now, |at| at.with_timezone(&Utc));
        return Ok(status(&form).and_then(|what| heard(format!("{sid}:status:{number}"), what, at)));
    }
    let what = match webhook {
        "answer" if is_machine(&form) => Heards::Machine,
        "answer" => Heards::Answered,
        "gather" => said(&form),
        "wait" => Heards::Waits,
        _ => return Err(ReceiveError::NotFound),
    };
    // The last question is asked even when nobody is there any more.
    let what = end(&form).map_or(what, Heards::Ended);
    Ok(heard(format!("{sid}:{webhook}:{}", place.turn), what, call.now))
}

fn is_machine(form: &Form) -> bool {
    field(form, "AnsweredBy").is_some_and(|by| by.starts_with("machine") || by == "fax")
}

fn said(form: &Form) -> Heards {
    let words = [field(form, "SpeechResult"), field(form, "Digits")];
    let words: Vec<&str> = words.into_iter().flatten().collect();
    if words.is_empty() { Heards::Silence } else { Heards::Said(words.join(" ")) }
}

/// That it is queued, dialled or talked in tells nothing that the other webhooks do not tell better.
fn status(form: &Form) -> Option<Heards> {
    if field(form, "CallStatus") == Some("ringing") {
        return Some(Heards::Ringing);
    }
    end(form).map(Heards::Ended)
}

/// How the call ended; none while it lasts.
fn end(form: &Form) -> Option<CallEnd> {
    let sip = field(form, "SipResponseCode");
    let outcome = match field(form, "CallStatus")? {
        "completed" => None,
        "busy" => Some("BUSY"),
        // Cancelled means that we gave up ringing.
        "no-answer" | "canceled" => Some("NO_ANSWER"),
        "failed" => Some(match sip {
            Some("404" | "410" | "484" | "604") => "INVALID_NUMBER",
            Some("486" | "600") => "BUSY",
            Some("408" | "480" | "487") => "NO_ANSWER",
            Some("603" | "607" | "608") => "DECLINED",
            _ => "FAILED",
        }),
        _ => return None,
    };
    let code = outcome.and_then(|_| field(form, "ErrorCode").or(sip)).map(str::to_owned);
    let seconds = field(form, "CallDuration").and_then(|seconds| seconds.parse().ok());
    Some(CallEnd { outcome, code, seconds })
}
