//! Answers to Twilio's webhooks, as TwiML.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::hear::{field, form};
use super::place::Place;
use super::relay::farewell;
use crate::split::split;
use crate::{Speech, WebhookAnswer, WebhookCall};

/// What one `<Say>` takes, in characters.
const MAX_SAY: usize = 4_096;
/// What is said into one turn, in characters; about ten minutes. A document may have 64 KiB.
const MAX_TURN: usize = 8_192;
/// How long the contact may say nothing, in seconds.
const SILENCE_S: u32 = 5;

/// The answer to `call`.
pub(super) fn speak(call: &WebhookCall<'_>, relay: bool, speech: Speech<'_>) -> WebhookAnswer {
    let webhook = call.path.strip_prefix("/voice/").unwrap_or_default();
    let place = Place::of(call).map(|place| place.next());
    let (Some(place), false) = (place, webhook == "status") else { return WebhookAnswer::ok() };
    // What a relay was told to say at its end is said here: its own voice stops when it ends.
    let last_words = field(&form(call), "HandoffData").and_then(farewell);
    let verbs = match speech {
        _ if last_words.is_some() => format!("{}<Hangup/>", say(last_words.as_deref().unwrap_or_default(), &place)),
        Speech::HangUp(words) => format!("{}<Hangup/>", say(words.unwrap_or_default(), &place)),
        Speech::Say(words) if relay && webhook == "answer" => connect(Some(words), &place),
        Speech::Wait if relay && webhook == "answer" => connect(None, &place),
        Speech::Say(words) => gather(words, &place),
        Speech::Wait => {
            format!("<Pause length=\"1\"/><Redirect method=\"POST\">{}</Redirect>", xml(&place.url("wait")))
        }
    };
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{verbs}</Response>");
    WebhookAnswer { status: 200, content_type: "application/xml; charset=utf-8", body: body.into() }
}

/// Says it and listens, also while it is said. Silence comes back to us too.
fn gather(words: &str, place: &Place) -> String {
    format!(
        "<Gather input=\"speech dtmf\" action=\"{}\" method=\"POST\" timeout=\"{SILENCE_S}\" speechTimeout=\"auto\" \
         actionOnEmptyResult=\"true\"{}>{}</Gather>",
        xml(&place.url("gather")),
        language(place),
        say(words, place)
    )
}

/// Hands the call over to the WebSocket, which is told whether the contact was greeted. When that ends, Twilio asks `/voice/wait`: where it
/// broke, the call goes on by turns.
fn connect(greeting: Option<&str>, place: &Place) -> String {
    let welcome = greeting.map(|words| format!(" welcomeGreeting=\"{}\"", xml(words))).unwrap_or_default();
    let greeted = greeting.map(|_| "<Parameter name=\"greeted\" value=\"yes\"/>").unwrap_or_default();
    format!(
        "<Connect action=\"{}\" method=\"POST\"><ConversationRelay url=\"{}\"{welcome} dtmfDetection=\"true\" \
         events=\"tokens-played\"{}><Parameter name=\"call\" value=\"{}\"/>{greeted}</ConversationRelay></Connect>",
        xml(&place.url("wait")),
        xml(&place.socket()),
        language(place),
        xml(&place.reference)
    )
}

fn say(words: &str, place: &Place) -> String {
    let words = split(words.trim(), MAX_TURN).first().copied().unwrap_or_default();
    split(words, MAX_SAY).into_iter().fold(String::new(), |mut verbs, piece| {
        // Writing to a text cannot fail.
        let _ = write!(verbs, "<Say{}>{}</Say>", language(place), xml(piece));
        verbs
    })
}

fn language(place: &Place) -> String {
    place.language.as_deref().map(|tag| format!(" language=\"{}\"", xml(tag))).unwrap_or_default()
}

/// Escaped, and without the characters that XML 1.0 cannot have.
fn xml(text: &str) -> String {
    let allowed = |character: &char| !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    escape(text.chars().filter(allowed).collect::<String>()).into_owned()
}
