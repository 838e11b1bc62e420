//! What Meta tells: by its stand-in, and in calls made by hand.

use chrono::DateTime;
use http::Request;
use proptest::prelude::*;
use serde_json::json;
use stratagem_domain::{channel::ChannelKind, communication::Delivery};
use stratagem_providers::{
    calls,
    meta::{self, Act},
};

use super::*;
use crate::{Event, InboundMessage, ReceiveError, Received, Suppress, WebhookCall};

fn call(request: &Request<Bytes>) -> Result<Received, ReceiveError> {
    let call = WebhookCall { request, url: "https://campaigns.example/hooks/i1", path: "", now: noon() };
    MetaAccount::new(web()).receive(&call, &integration("http://127.0.0.1:1"))
}

fn post(body: impl Into<Bytes>, signature: &str) -> Request<Bytes> {
    Request::post("/hooks/i1").header("x-hub-signature-256", signature).body(body.into()).unwrap()
}

fn told(value: Value) -> Vec<Event> {
    let body = value.to_string();
    let signature = meta::sign(body.as_bytes());
    call(&post(body, &signature)).unwrap().events
}

fn change(mut value: Value) -> Value {
    if value["metadata"].is_null() {
        value["metadata"] = json!({"phone_number_id": meta::PHONE_NUMBER_ID});
    }
    json!({"changes": [{"field": "messages", "value": value}]})
}

fn webhook(entries: &[Value]) -> Value {
    json!({"object": "whatsapp_business_account", "entry": entries})
}

fn message(events: &[Event]) -> &InboundMessage {
    match events {
        [Event::Message(message)] => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_meta_tells_is_understood() {
    let (server, hook) = (meta::start().await, calls::start().await);
    server.set_hook(hook.url());
    let integration = integration(server.url());
    let (stage, scope) = (settings(json!({"template_name": "hello", "start_state": "greeting"})), scope());
    let draft = draft(&stage, &scope, Some(&integration));
    let next = async || call(&hook.next().await).unwrap().events.remove(0);

    let SendOutcome::Sent { provider_id: Some(id) } = send(&server, &draft).await else { panic!() };
    for stands in [Delivery::Sent, Delivery::Delivered, Delivery::Read] {
        if stands == Delivery::Read {
            assert_eq!(server.contact_reads(&id).await, Some(200));
        }
        let Event::Status(status) = next().await else { panic!() };
        assert_eq!((status.delivery, status.of), (stands, vec!["0a1b-2c3d".to_owned(), id.clone()]));
    }

    server.tell_twice(true);
    let (id, _) = server.contact_presses("+31612345678", "I will pay", &id).await;
    let (first, second) = (next().await, next().await);
    assert_eq!(first, second);
    let Event::Message(message) = first else { panic!() };
    assert_eq!((message.id, message.text.as_str()), (id, "I will pay"));
    assert_eq!(message.from, ["US.31612345678", "+31612345678"]);
    server.tell_twice(false);

    server.next(Act::FailLater { code: 131_026 });
    send(&server, &draft).await;
    let Event::Status(failed) = next().await else { panic!() };
    let channels: &[_] = &[ChannelKind::WhatsappMeta, ChannelKind::WhatsappBird];
    let suppress = Suppress { address: "+31612345678".to_owned(), channels };
    assert_eq!((failed.code.as_deref(), &failed.suppress), (Some("131026"), &Some(suppress)));
}

#[test]
fn the_challenge_is_answered_to_whoever_knows_the_word() {
    let ask = |query: &str| call(&Request::get(format!("/hooks/i1?{query}")).body(Bytes::new()).unwrap());
    let right = ask("hub.mode=subscribe&hub.challenge=1158&hub.verify_token=verify-me").unwrap();
    assert_eq!((right.answer.status, &right.answer.body[..]), (200, &b"1158"[..]));
    for query in ["", "hub.mode=subscribe&hub.challenge=1&hub.verify_token=verify-m", "hub.verify_token=verify-me"] {
        assert!(matches!(ask(query), Err(ReceiveError::Forged(_))), "{query}");
    }
}

#[test]
fn every_message_and_status_of_a_batch_is_told() {
    let text = |id: &str, from: &str, said: &str| json!({"id": id, "from": from, "timestamp": "1777636800", "type": "text", "text": {"body": said}});
    let contact = |number: &str| json!({"wa_id": number, "user_id": format!("NL.{number}")});
    let two = change(json!({
        "contacts": [contact("31600000001"), contact("31600000002")],
        "messages": [text("wamid.1", "31600000001", "one"), text("wamid.2", "31600000002", "two")],
    }));
    let foreign =
        change(json!({"metadata": {"phone_number_id": "1"}, "messages": [text("wamid.3", "31600000003", "three")]}));
    let statuses = change(json!({"statuses": [
        {"id": "wamid.8", "status": "read", "timestamp": "1777636801", "recipient_id": "31600000001", "biz_opaque_callback_data": "r8"},
        {"id": "wamid.9", "status": "failed", "timestamp": "x", "recipient_id": "31600000002", "errors": [{"code": 131_050, "title": "No"}]},
        {"id": "wamid.9", "status": "warning"},
    ]}));
    let events = told(webhook(&[two, foreign, statuses]));
    let [Event::Message(one), Event::Message(two), Event::Status(read), Event::Status(failed)] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!((one.id.as_str(), one.text.as_str(), one.at), ("wamid.1", "one", noon()));
    assert_eq!(one.from, ["NL.31600000001", "+31600000001"]);
    assert_eq!(two.from, ["NL.31600000002", "+31600000002"]);
    assert_eq!((read.delivery, &read.suppress), (Delivery::Read, &None));
    assert_eq!(read.of, ["r8", "wamid.8"]);
    assert_eq!((failed.delivery, failed.code.as_deref()), (Delivery::Failed, Some("131050")));
    assert_eq!(failed.reason.as_deref(), Some("the contact does not want marketing messages from this business (No)"));
    assert_eq!(failed.suppress.as_ref().map(|whom| whom.address.as_str()), Some("+31600000002"));
    assert_eq!(failed.at, noon());
}

#[test]
fn messages_become_words() {
    let said = |mut message: Value| {
        message["id"] = json!("wamid.1");
        message["from_user_id"] = json!("US.134");
        told(webhook(&[change(json!({"messages": [message]}))]))
    };
    for (sent, text) in [
        (json!({"type": "button", "button": {"payload": "PAY", "text": "I will pay"}}), "I will pay"),
        (
            json!({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "Friday"}}}),
            "Friday",
        ),
        (json!({"type": "image", "image": {"id": "1", "caption": "my receipt"}}), "[image] my receipt"),
        (json!({"type": "location", "location": {"latitude": 1.0}}), "[location]"),
        (json!({"type": "reaction", "reaction": {"message_id": "wamid.0", "emoji": "👍"}}), "[reaction] 👍"),
        (
            json!({"type": "edit", "edit": {"original_message_id": "wamid.0", "message": {"type": "text", "text": {"body": "Monday"}}}}),
            "Monday",
        ),
        (json!({"type": "brand_new]"}), "[brand_new]"),
    ] {
        assert_eq!(message(&said(sent)).text, text);
    }
    let answer = said(json!({"type": "text", "text": {"body": "Yes"}, "context": {"id": "wamid.0"}}));
    assert_eq!(message(&answer).answers, ["wamid.0"]);
    assert_eq!(message(&answer).from, ["US.134"], "since 2026 the number may be absent");
    for nothing in [
        json!({"type": "system", "system": {"type": "user_changed_number", "wa_id": "316"}}),
        json!({"type": "reaction", "reaction": {"message_id": "wamid.0"}}),
        json!({"type": "text", "text": {}}),
    ] {
        assert_eq!(said(nothing), []);
    }
}

#[test]
fn a_stop_in_whatsapp_is_a_stop_here() {
    let events = told(webhook(&[change(json!({"user_preferences": [
        {"wa_id": "31600000001", "value": "stop"}, {"wa_id": "31600000002", "value": "resume"},
    ]}))]));
    assert!(matches!(events.as_slice(), [Event::Blocked { address, .. }] if address == "+31600000001"), "{events:?}");
}

proptest! {
    #[test]
    fn nothing_that_is_signed_panics(body in crate::whatsapp::webhooks::any_body()) {
        let _ = call(&post(body.clone(), &meta::sign(&body)));
    }

    #[test]
    fn one_bit_makes_a_forgery(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut bytes = webhook(&[change(json!({"messages": []}))]).to_string().into_bytes();
        let length = bytes.len();
        bytes.extend(meta::sign(&bytes).into_bytes());
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let signature = http::HeaderValue::from_bytes(&bytes[length..]);
        // What no header can hold never arrives.
        prop_assume!(signature.is_ok());
        let mut request = post(bytes[..length].to_vec(), "");
        request.headers_mut().insert("x-hub-signature-256", signature.unwrap());
        prop_assert!(matches!(call(&request), Err(ReceiveError::Forged(_))));
    }
}

#[test]
fn times_that_cannot_be_are_the_present() {
    let events = told(webhook(&[change(json!({"messages": [{
        "id": "wamid.1", "from": "31600000001", "timestamp": i64::MAX, "type": "text", "text": {"body": "x"},
    }]}))]));
    assert_eq!(message(&events).at, noon());
    assert!(DateTime::from_timestamp(i64::MAX, 0).is_none());
}
