//! The suite against Meta's stand-in, and what goes back and forth with it.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, TimeDelta};
use http::Request;
use proptest::prelude::*;
use serde_json::json;
use stratagem_domain::communication::Delivery;
use stratagem_providers::{
    calls,
    meta::{self, Act, Meta},
};

use super::*;
use crate::conformance::{Case, Mood, Peer, conform, draft, noon, scope};
use crate::{AddressPolicy, Event, InboundMessage, Provider, ReceiveError, Received, WebhookCall};

fn web() -> Web {
    Web::new(AddressPolicy::default().allow_loopback(true), Duration::from_millis(300))
}

fn integration(base_url: &str) -> Integration {
    let settings = json!({
        "base_url": base_url, "api_version": "v23.0", "phone_number_id": meta::PHONE_NUMBER_ID, "default_language": "en_US",
    });
    let secrets =
        [("access_token", meta::ACCESS_TOKEN), ("app_secret", meta::APP_SECRET), ("verify_token", meta::VERIFY_TOKEN)];
    Integration {
        id: "i1".to_owned(),
        version: 1,
        kind: IntegrationKind::WhatsappMeta,
        settings: settings.as_object().unwrap().clone(),
        secrets: HashMap::from(secrets.map(|(name, value)| (name.to_owned(), value.into()))),
    }
}

struct Servers;

#[async_trait]
impl Peer for Servers {
    async fn integration(&mut self, mood: Mood) -> Option<Integration> {
        let server = meta::start().await;
        let mut integration = integration(server.url());
        match mood {
            Mood::Takes => {}
            Mood::RefusesContact => server.next(Act::Refuse { code: 131_026, status: 400 }),
            Mood::RefusesSender => drop(integration.secrets.insert("access_token".to_owned(), "expired".into())),
            Mood::Busy => server.next(Act::TooMany { retry_after_s: 3 }),
            Mood::Absent => drop(integration.settings.insert("base_url".to_owned(), json!("http://127.0.0.1:1"))),
            Mood::Silent => server.next(Act::Silence),
        }
        Some(integration)
    }
}

#[tokio::test]
async fn conforms() {
    for parameters in [json!(["Dear {{ contact.name }}"]), json!({"0": "Dear {{ contact.name }}"})] {
        let case = Case {
            channel: &WhatsappMeta::new(web()),
            provider: &mut Servers,
            settings: json!({"template_name": "payment_reminder", "start_state": "greeting", "parameters": parameters}),
            required: &["template_name", "start_state"],
            template: Some("parameters.0"),
            strict: true,
            address: Some(("phone", vec![json!("+0987654321"), json!("2025550123"), json!("ada"), json!(7)])),
            known_as: None,
        };
        conform(case).await;
    }
}

async fn send(server: &Meta, draft: &Draft<'_>) -> SendOutcome {
    let channel = WhatsappMeta::new(web());
    let prepared = channel.prepare(draft).unwrap();
    channel.send(&prepared, Some(&integration(server.url()))).await
}

fn settings(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[tokio::test]
async fn a_template_goes_out_as_meta_describes_it() {
    let server = meta::start().await;
    server.approve("payment_reminder", "en_US", 2);
    let integration = integration(server.url());
    let scope = scope();
    let mut stage = settings(json!({
        "template_name": "payment_reminder", "start_state": "greeting",
        "parameters": ["{{ contact.name }}", "{{ contact.params.amount }} €\n\tuntil {{ contact.params.due_date }}"],
    }));
    let outcome = send(&server, &draft(&stage, &scope, Some(&integration))).await;
    let taken = server.taken();
    assert_eq!(outcome, SendOutcome::Sent { provider_id: Some(taken[0].id.clone()) });
    assert_eq!(
        taken[0].body,
        json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+31612345678", "type": "template",
            "template": {
                "name": "payment_reminder", "language": {"code": "en_US", "policy": "deterministic"},
                "components": [{"type": "body", "parameters": [
                    {"type": "text", "text": "Ada Lovelace"}, {"type": "text", "text": "120 € until 1 May"},
                ]}],
            },
            "biz_opaque_callback_data": "0a1b-2c3d",
        })
    );

    stage.insert("parameters".to_owned(), json!({"first_name": "{{ contact.name }}"}));
    stage.insert("language".to_owned(), json!("de"));
    let outcome = send(&server, &draft(&stage, &scope, Some(&integration))).await;
    let SendOutcome::Rejected { code, reason } = outcome else { panic!("{outcome:?}") };
    assert_eq!(code.as_deref(), Some("132001"));
    assert!(reason.starts_with("there is no approved template of this name in this language"), "{reason}");
}

#[tokio::test]
async fn a_user_without_a_number_is_written_to_by_id() {
    let server = meta::start().await;
    let integration = integration(server.url());
    let mut nameless = scope();
    nameless["contact"]["phone"] = json!(null);
    let stage = settings(json!({"template_name": "hello", "start_state": "greeting"}));
    let user = Draft { known_as: Some("US.13491208655302741918"), ..draft(&stage, &nameless, Some(&integration)) };
    let prepared = WhatsappMeta::new(web()).prepare(&user).unwrap();
    assert_eq!(prepared.address, "US.13491208655302741918");
    assert!(matches!(send(&server, &user).await, SendOutcome::Sent { .. }));
    let body = &server.taken()[0].body;
    assert_eq!((&body["recipient"], &body["to"]), (&json!("US.13491208655302741918"), &Value::Null));
    assert!(body["template"]["components"].is_null());

    let scope = scope();
    let number = Draft { known_as: Some("31600000000"), ..draft(&stage, &scope, Some(&integration)) };
    let prepared = WhatsappMeta::new(web()).prepare(&number).unwrap();
    assert_eq!(prepared.address, "+31612345678", "suppressions know the number that the tenant knows");
    send(&server, &number).await;
    assert_eq!(server.taken()[1].body["to"], "+31600000000");
}

#[tokio::test]
async fn free_text_answers_within_24_hours() {
    let server = meta::start().await;
    server.contact_writes("+31612345678", "Hello").await;
    let integration = integration(server.url());
    let (stage, scope) = (settings(json!({"template_name": "hello", "start_state": "greeting"})), scope());
    let thread = json!({"message_id": "wamid.1"});
    let answer = |hours: Option<i64>, text| Draft {
        content: Content::Reply { text, thread: &thread },
        heard_at: hours.map(|hours| noon() - TimeDelta::hours(hours)),
        ..draft(&stage, &scope, Some(&integration))
    };
    assert!(matches!(send(&server, &answer(Some(24), "{{ Hi }}")).await, SendOutcome::Sent { .. }));
    let body = &server.taken()[0].body;
    assert_eq!(body["text"], json!({"body": "{{ Hi }}", "preview_url": false}));
    assert_eq!(body["context"], thread);

    let channel = WhatsappMeta::new(web());
    for hours in [None, Some(25)] {
        let error = channel.prepare(&answer(hours, "Hi")).unwrap_err();
        assert!(matches!(error, PrepareError::Unreachable { .. }), "{error:?}");
    }
    for text in [" ", &"x".repeat(4097)] {
        let error = channel.prepare(&answer(Some(1), text)).unwrap_err();
        assert!(matches!(error, PrepareError::Template { .. }), "{error:?}");
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
    assert_eq!((failed.code.as_deref(), failed.suppress.as_deref()), (Some("131026"), Some("+31612345678")));
}

#[tokio::test]
async fn what_meta_answers_says_what_to_do_next() {
    let server = meta::start().await;
    let integration = integration(server.url());
    let (stage, scope) = (settings(json!({"template_name": "hello", "start_state": "greeting"})), scope());
    let outcome = async |act| {
        server.next(act);
        send(&server, &draft(&stage, &scope, Some(&integration))).await
    };
    let refused = |code, status| Act::Refuse { code, status };
    assert!(matches!(outcome(refused(130_429, 400)).await, SendOutcome::Retry { after: None, .. }));
    assert!(matches!(outcome(refused(987_654, 500)).await, SendOutcome::Retry { .. }));
    assert!(matches!(outcome(refused(987_654, 504)).await, SendOutcome::Retry { .. }));
    let pair = outcome(refused(131_056, 400)).await;
    assert!(matches!(pair, SendOutcome::Retry { after: Some(after), .. } if after == Duration::from_secs(6)));
    let busy = outcome(Act::TooMany { retry_after_s: 9 }).await;
    assert!(matches!(busy, SendOutcome::Retry { after: Some(after), .. } if after == Duration::from_secs(9)));
    assert!(matches!(outcome(refused(131_042, 400)).await, SendOutcome::Misconfigured { .. }));
    assert!(matches!(outcome(refused(33, 400)).await, SendOutcome::Misconfigured { .. }));
    assert!(matches!(outcome(refused(131_049, 400)).await, SendOutcome::Rejected { .. }));
    assert!(matches!(outcome(refused(987_654, 400)).await, SendOutcome::Rejected { .. }));
    assert!(matches!(outcome(Act::Drop).await, SendOutcome::Unknown { .. }));
}

#[tokio::test]
async fn an_integration_is_checked_and_tried() {
    let server = meta::start().await;
    let (account, mut integration) = (MetaAccount::new(web()), integration(server.url()));
    let secrets = ["access_token", "app_secret", "verify_token"];
    assert_eq!(account.check(&integration.settings, &secrets), Ok(()));
    assert_eq!(account.probe(&integration).await, Ok(()));
    integration.secrets.insert("access_token".to_owned(), "expired".into());
    assert!(account.probe(&integration).await.unwrap_err().starts_with("the access token is not valid"));
    let wrong = settings(json!({
        "base_url": "ftp://x", "api_version": "23", "phone_number_id": "1/../2", "default_language": "en US", "token": "x",
    }));
    let errors = account.check(&wrong, &["access_token", "app_secret", "password"]).unwrap_err();
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "settings.token",
            "settings.base_url",
            "settings.api_version",
            "settings.phone_number_id",
            "settings.default_language",
            "secrets.password",
            "secrets.verify_token",
        ]
    );
}

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
    assert_eq!((failed.suppress.as_deref(), failed.at), (Some("+31600000002"), noon()));
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
