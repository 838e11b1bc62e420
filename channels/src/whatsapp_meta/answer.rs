//! What Meta's answer to a send means.

use crate::{SendOutcome, WebAnswer, whatsapp::codes};

/// What follows from the answer.
///
/// An error without Meta's code comes from a gateway before Meta. 504 says that Meta was asked and took too long, so that nobody
/// knows; Meta counts the other 5xx among those that may be repeated.
pub(super) fn outcome(answer: &WebAnswer) -> SendOutcome {
    let body = answer.json();
    if answer.is_success() {
        return match body["messages"][0]["id"].as_str() {
            Some(id) => SendOutcome::Sent { provider_id: Some(id.to_owned()) },
            None => SendOutcome::Unknown { reason: "WhatsApp took the message and did not name it".to_owned() },
        };
    }
    let reason = explain(answer);
    let known = body["error"]["code"].as_i64().and_then(|code| {
        // 33 is what it says of a number that does not exist.
        let code = if code == 100 && body["error"]["error_subcode"] == 33 { 33 } else { code };
        codes::outcome(code, &words(&body))
    });
    match (known, answer.status) {
        (Some(SendOutcome::Retry { after, reason }), _) => {
            SendOutcome::Retry { after: answer.retry_after().or(after), reason }
        }
        (Some(outcome), _) => outcome,
        (None, 429) => SendOutcome::Retry { after: answer.retry_after(), reason },
        (None, 504) if body["error"]["code"].is_null() => SendOutcome::Unknown { reason },
        (None, 500..) => SendOutcome::Retry { after: answer.retry_after(), reason },
        (None, 401 | 403) => SendOutcome::Misconfigured { reason },
        (None, 400..) => {
            let code =
                body["error"]["code"].as_i64().map_or_else(|| answer.status.to_string(), |code| code.to_string());
            SendOutcome::Rejected { code: Some(code), reason, suppresses: None }
        }
        // Redirects lead away from the provider, and are not followed.
        (None, _) => SendOutcome::Misconfigured { reason },
    }
}

/// An answer that is an error, in plain words.
pub(super) fn explain(answer: &WebAnswer) -> String {
    let body = answer.json();
    match body["error"]["code"].as_i64() {
        Some(code) => codes::reason(code, &words(&body)),
        None => format!("WhatsApp answered with HTTP status {}", answer.status),
    }
}

/// Meta's own words.
fn words(body: &serde_json::Value) -> String {
    let error = &body["error"];
    let texts = [&error["message"], &error["error_data"]["details"]];
    texts.iter().filter_map(|text| text.as_str()).collect::<Vec<_>>().join(": ")
}
