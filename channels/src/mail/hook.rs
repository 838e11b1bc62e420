//! Mails that a mail server or a provider passes on by a call, `POST /hooks/{integration_id}/email` with the mail as the body.

use http::{Method, header::AUTHORIZATION};
use subtle::ConstantTimeEq;

use super::read::{MAX_BYTES, read};
use crate::{Event, Integration, ReceiveError, Received, WebhookAnswer, WebhookCall};

/// The secret that whoever calls must show.
pub(crate) const HOOK_TOKEN: &str = "hook_token";

/// Reads the mail of a call.
///
/// With the secret [`HOOK_TOKEN`] a call must carry it as its bearer token, and then counts like the mailbox itself. Without it
/// anybody may call, so only what names one of our messages counts, whose references are not to be guessed; the addresses in such
/// a mail are not believed.
///
/// # Errors
/// Another path or method, a wrong token, a mail beyond [`MAX_BYTES`].
pub(crate) fn receive(call: &WebhookCall<'_>, integration: &Integration) -> Result<Received, ReceiveError> {
    if call.path != "/email" || call.request.method() != Method::POST {
        return Err(ReceiveError::NotFound);
    }
    let token = integration.secret(HOOK_TOKEN);
    if token.is_some_and(|token| !carries(call, token)) {
        return Err(ReceiveError::Forged("the bearer token is not the integration's hook_token"));
    }
    if call.request.body().len() > MAX_BYTES {
        return Err(ReceiveError::Malformed(format!("the mail is larger than {} MiB", MAX_BYTES >> 20)));
    }
    let mut events = read(call.request.body(), Some(call.now));
    if token.is_none() {
        events = events.into_iter().filter_map(doubted).collect();
    }
    Ok(Received { events, answer: WebhookAnswer::ok() })
}

fn carries(call: &WebhookCall<'_>, token: &str) -> bool {
    let given = call.request.headers().get(AUTHORIZATION).map(http::HeaderValue::as_bytes).unwrap_or_default();
    let (scheme, given) = given.split_at(given.len().min(7));
    scheme.eq_ignore_ascii_case(b"Bearer ") && bool::from(given.ct_eq(token.as_bytes()))
}

/// What is left of an event that anybody may have made up.
fn doubted(event: Event) -> Option<Event> {
    match event {
        Event::Message(mut message) => {
            message.from.clear();
            (!message.answers.is_empty()).then_some(Event::Message(message))
        }
        Event::Status(mut report) => {
            report.suppress = None;
            Some(Event::Status(report))
        }
        Event::Blocked { .. } | Event::Linked(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;

    use super::*;
    use crate::conformance::noon;
    use crate::smtp::peers::integration;

    const ANSWER: &str =
        "From: ada@contact.example\r\nTo: billing+01890a5d-ac96-774b-bcce-b302099a8057@acme.example\r\n\r\nYes\r\n";
    const STRANGER: &str = "From: ada@contact.example\r\nTo: billing@acme.example\r\n\r\nYes\r\n";

    fn call(token: Option<&str>, authorization: &str, path: &str, body: &str) -> Result<Vec<Event>, ReceiveError> {
        let mut integration = integration(25);
        integration.secrets.extend(token.map(|token| (HOOK_TOKEN.to_owned(), token.into())));
        let request = Request::post("/").header(AUTHORIZATION, authorization);
        let request = request.body(Bytes::from(body.to_owned())).unwrap();
        let call = WebhookCall { request: &request, url: "https://c.example/hooks/i1/email", path, now: noon() };
        receive(&call, &integration).map(|received| received.events)
    }

    #[test]
    fn a_token_is_demanded_where_there_is_one() {
        for right in ["Bearer s3cret", "bearer s3cret"] {
            let events = call(Some("s3cret"), right, "/email", STRANGER).unwrap();
            let [Event::Message(message)] = &events[..] else { panic!() };
            assert_eq!((message.from[0].as_str(), message.at), ("ada@contact.example", noon()));
        }
        for wrong in ["", "Bearer", "Bearer ", "Bearer s3cre", "Bearer s3crets", "Basic s3cret", "s3cret"] {
            let refused = call(Some("s3cret"), wrong, "/email", ANSWER);
            assert!(matches!(refused, Err(ReceiveError::Forged(_))), "{wrong}: {refused:?}");
        }
        assert_eq!(call(None, "", "", ANSWER), Err(ReceiveError::NotFound));
        assert!(matches!(call(None, "", "/email", &"x".repeat(MAX_BYTES + 1)), Err(ReceiveError::Malformed(_))));
    }

    #[test]
    fn without_a_token_only_our_reference_is_believed() {
        assert_eq!(call(None, "", "/email", STRANGER), Ok(Vec::new()));
        let events = call(None, "", "/email", ANSWER).unwrap();
        let [Event::Message(message)] = &events[..] else { panic!() };
        assert_eq!((message.answers.len(), message.from.len()), (1, 0));
        for (report, left) in [("bounce_postfix", 1), ("complaint", 0)] {
            let path = format!("{}/src/mail/read/corpus/{report}.eml", env!("CARGO_MANIFEST_DIR"));
            let mail = std::fs::read_to_string(path).unwrap();
            let events = call(None, "", "/email", &mail).unwrap();
            assert_eq!(events.len(), left, "{report}: {events:?}");
            assert!(!format!("{events:?}").contains("suppress: Some"), "{events:?}");
            assert_eq!(call(Some("t"), "Bearer t", "/email", &mail).unwrap().len(), 1, "{report}");
        }
    }
}
