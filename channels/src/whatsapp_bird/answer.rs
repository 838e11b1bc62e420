//! What Bird's answer to a send means.

use crate::{SendOutcome, WebAnswer};

/// What follows from the answer.
///
/// Bird documents of 429 alone that the message was not taken, so a 5xx may have been: the status that carries our reference tells.
pub(super) fn outcome(answer: &WebAnswer) -> SendOutcome {
    if answer.is_success() {
        return match answer.json()["id"].as_str() {
            Some(id) => SendOutcome::Sent { provider_id: Some(id.to_owned()) },
            None => SendOutcome::Unknown { reason: "Bird took the message and did not name it".to_owned() },
        };
    }
    let reason = explain(answer);
    match answer.status {
        429 => SendOutcome::Retry { after: answer.retry_after(), reason },
        500.. => SendOutcome::Unknown { reason },
        400 | 405.. => {
            let code = answer.json()["code"].as_str().map_or_else(|| answer.status.to_string(), str::to_owned);
            SendOutcome::Rejected { code: Some(code), reason, suppresses: None }
        }
        // The key, the account's balance, or the workspace and channel in the address; redirects are not followed.
        _ => SendOutcome::Misconfigured { reason },
    }
}

/// An answer that is an error, in plain words.
pub(super) fn explain(answer: &WebAnswer) -> String {
    let ours = match answer.status {
        401 | 403 => "Bird does not accept the access key",
        402 => "the account at Bird has no balance",
        404 => "Bird does not know the workspace or the channel",
        429 => "more was sent than the workspace may send at once",
        400 | 422 => "Bird does not understand the message",
        _ => "Bird gave an error",
    };
    let body = answer.json();
    let mut theirs: String = body["message"].as_str().unwrap_or_default().chars().take(300).collect();
    if !body["details"].is_null() {
        theirs.push(' ');
        theirs.extend(body["details"].to_string().chars().take(300));
    }
    match theirs.trim() {
        "" => format!("{ours} (HTTP status {})", answer.status),
        theirs => format!("{ours} ({theirs})"),
    }
}
