//! What is written and read, without a server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use sha1::Sha1;

use super::hooks::request;
use super::{PURE, TOKEN, integration};
use crate::conformance::noon;
use crate::{Heards, ReceiveError, Speech, Voice, WebhookCall};

const BASE: &str = "https://campaigns.example/hooks/i1";

fn sign(url: &str, body: &str) -> Vec<u8> {
    let mut fields: Vec<String> =
        url::form_urlencoded::parse(body.as_bytes()).map(|(name, value)| format!("{name}{value}")).collect();
    fields.sort();
    fields.dedup();
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(url.as_bytes());
    mac.update(fields.concat().as_bytes());
    STANDARD.encode(mac.finalize().into_bytes()).into_bytes()
}

fn hear(path: &str, query: &str, body: &str, signature: Option<&[u8]>) -> Result<Option<Heards>, ReceiveError> {
    let url = format!("{BASE}{path}{query}");
    let right = sign(&url, body);
    let request = request("/", body, signature.unwrap_or(&right));
    let call = WebhookCall { request: &request, url: &url, path, now: noon() };
    PURE.hear(&call, &integration("https://api.twilio.com", "gather")).map(|heard| heard.map(|heard| heard.what))
}

fn speak(voice: &str, path: &str, body: &str, speech: Speech<'_>) -> String {
    let url = format!("{BASE}{path}?call=0a1b&language=en-GB&turn=2");
    let request = request("/", body, b"");
    let call = WebhookCall { request: &request, url: &url, path, now: noon() };
    let answer = PURE.speak(&call, &integration("https://api.twilio.com", voice), speech);
    String::from_utf8(answer.body.to_vec()).unwrap()
}

/// Each answer that there is, by name. `tests/oracles/twilio_voice.py` writes the same ones with Twilio's own library.
fn answers() -> String {
    let hostile = "Tom & <b>\"Jerry\"</b>\u{0}\u{b}'s €";
    let mut all = String::new();
    for (name, voice, path, body, speech) in [
        ("say", "gather", "/voice/gather", "", Speech::Say(hostile)),
        ("wait", "gather", "/voice/gather", "", Speech::Wait),
        ("hang_up", "gather", "/voice/wait", "", Speech::HangUp(None)),
        ("farewell", "gather", "/voice/wait", "", Speech::HangUp(Some(hostile))),
        ("relay", "relay", "/voice/answer", "", Speech::Say(hostile)),
        ("relay_later", "relay", "/voice/answer", "", Speech::Wait),
        ("relay_ended", "relay", "/voice/wait", "HandoffData=%7B%22say%22%3A%22Bye%22%7D", Speech::HangUp(None)),
        ("relay_broke", "relay", "/voice/wait", "SessionStatus=failed", Speech::Say("Hello?")),
    ] {
        all.push_str(&format!("{name}\t{}\n", speak(voice, path, body, speech)));
    }
    all
}

#[test]
fn answers_are_those_that_twilios_library_writes() {
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/oracles/twiml.tsv");
    if std::env::var_os("STRATAGEM_UPDATE_TWIML").is_some() {
        std::fs::write(kept, answers()).unwrap();
    }
    assert_eq!(answers(), std::fs::read_to_string(kept).unwrap(), "STRATAGEM_UPDATE_TWIML=1 writes them anew");
    assert_eq!(speak("gather", "/voice/status", "", Speech::Say("x")), "", "reports are not talked to");
}

#[test]
fn long_speech_is_said_in_pieces_that_twilio_takes() {
    let answer = speak("gather", "/voice/gather", "", Speech::Say(&"many words ".repeat(2_000)));
    let pieces: Vec<_> =
        answer.split("</Say>").filter_map(|piece| piece.split_once("<Say").map(|(_, said)| said)).collect();
    assert!((2..=3).contains(&pieces.len()) && pieces.iter().all(|piece| piece.len() < 4_130), "{}", pieces.len());
}

#[test]
fn webhooks_need_their_signature_and_their_call() {
    let body = "CallSid=CA1&CallStatus=in-progress&SpeechResult=Yes&Digits=";
    assert_eq!(hear("/voice/gather", "?call=0a1b", body, None), Ok(Some(Heards::Said("Yes".to_owned()))));
    assert_eq!(hear("/voice/status", "?call=0a1b", "CallSid=CA1&CallStatus=queued", None), Ok(None));
    assert!(matches!(hear("/voice/gather", "?call=0a1b", body, Some(b"")), Err(ReceiveError::Forged(_))));
    assert!(matches!(hear("/voice/gather", "", body, None), Err(ReceiveError::Malformed(_))));
    assert!(matches!(hear("/voice/gather", "?call=A%20b", body, None), Err(ReceiveError::Malformed(_))));
    assert!(matches!(hear("/voice/gather", "?call=0a1b", "Digits=1", None), Err(ReceiveError::Malformed(_))));
    for path in ["", "/voice/other", "/voice"] {
        assert_eq!(hear(path, "?call=0a1b", body, None), Err(ReceiveError::NotFound));
    }
    assert_eq!(hear("/voice/relay/0a1b", "", "", None), Ok(Some(Heards::Connects)));
    let socket = sign("wss://campaigns.example/hooks/i1/voice/relay/0a1b", "");
    assert_eq!(hear("/voice/relay/0a1b", "", "", Some(&socket)), Ok(Some(Heards::Connects)));
}

#[test]
fn frames_of_the_relay() {
    let heard = |frame: &str| PURE.hear_frame(frame, "0a1b", 3, noon());
    let said = |frame: &str| heard(frame).unwrap().map(|heard| (heard.id, heard.what));
    let three = |text: &str| Some(("0a1b:relay:3".to_owned(), Heards::Said(text.to_owned())));
    assert_eq!(said(r#"{"type":"prompt","voicePrompt":"Yes. ","lang":"en-US","last":true}"#), three("Yes."));
    assert_eq!(said(r#"{"type":"prompt","voicePrompt":"Ye","last":false}"#), None);
    assert_eq!(said(r#"{"type":"dtmf","digit":"1"}"#), three("1"));
    let interrupted = said(r#"{"type":"interrupt","utteranceUntilInterrupt":"Hel","durationUntilInterruptMs":"460"}"#);
    assert_eq!(interrupted, Some(("0a1b:relay:3".to_owned(), Heards::Interrupted("Hel".to_owned()))));
    let greeted = r#"{"type":"setup","callSid":"CA1","customParameters":{"call":"0a1b","greeted":"yes"}}"#;
    assert_eq!(said(greeted), None);
    let waits = said(r#"{"type":"setup","sessionId":"VX1","callSid":"CA1","customParameters":{"call":"0a1b"}}"#);
    assert_eq!(waits, Some(("0a1b:relay:3".to_owned(), Heards::Connects)));
    let played = said(r#"{"type":"info","name":"tokensPlayed","value":" How are"}"#);
    assert_eq!(played, Some(("0a1b:relay:3".to_owned(), Heards::Played(" How are".to_owned()))));
    assert_eq!(said(r#"{"type":"info","name":"agentSpeaking","value":"off"}"#), None);
    for wrong in [
        r#"{"type":"setup","customParameters":{"call":"other"}}"#,
        r#"{"type":"error","description":"64107"}"#,
        "[",
        "{}",
    ] {
        assert!(heard(wrong).is_err(), "{wrong}");
    }
    assert_eq!(PURE.speak_frame(Speech::Say("a\"b")).unwrap(), r#"{"type":"text","token":"a\"b","last":true}"#);
    assert_eq!(PURE.speak_part("Hel"), r#"{"type":"text","token":"Hel","last":false}"#);
    assert_eq!(PURE.speak_frame(Speech::HangUp(None)).unwrap(), r#"{"type":"end"}"#);
    assert_eq!(PURE.speak_frame(Speech::Wait), None);
}

proptest! {
    #[test]
    fn one_bit_of_the_body_is_enough(at in 0_usize..43, bit in 0_u8..7) {
        let body = "CallSid=CA1&SpeechResult=Yes&Digits=1234567";
        let signature = sign(&format!("{BASE}/voice/gather?call=0a1b"), body);
        let mut changed = body.as_bytes().to_vec();
        changed[at] ^= 1 << bit;
        let changed = String::from_utf8(changed).unwrap();
        let same = url::form_urlencoded::parse(changed.as_bytes()).eq(url::form_urlencoded::parse(body.as_bytes()));
        let result = hear("/voice/gather", "?call=0a1b", &changed, Some(&signature));
        prop_assert!(same || matches!(result, Err(ReceiveError::Forged(_))), "{} {:?}", changed, result);
    }

    #[test]
    fn nothing_that_is_signed_makes_it_panic(
        path in "(/voice/(answer|gather|wait|status|relay/))?.{0,10}", query in "(\\?call=a1&turn=)?.{0,10}",
        body in "(CallSid=CA1&CallStatus=)?.{0,30}", words in ".{0,30}",
    ) {
        let _ = hear(&path, &query, &body, None);
        let _ = PURE.hear_frame(&words, "a1", 1, noon());
        for speech in [Speech::Say(&words), Speech::Wait, Speech::HangUp(Some(&words))] {
            let answer = speak("relay", "/voice/gather", &body, speech);
            let mut reader = quick_xml::Reader::from_str(&answer);
            while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
        }
    }
}
