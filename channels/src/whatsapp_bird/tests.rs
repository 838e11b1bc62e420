//! The suite against Bird's stand-in, and what goes back and forth with it.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use http::Request;
use proptest::prelude::*;
use serde_json::json;
use stratagem_domain::{channel::ChannelKind, communication::Delivery};
use stratagem_providers::{
    bird::{self, Act},
    calls,
};

use super::*;
use crate::conformance::{Case, Mood, Peer, conform, draft, noon, scope};
use crate::{AddressPolicy, Event, Provider, ReceiveError, Received, WebhookCall};

/// The public address of the webhook.
const HOOK: &str = "https://camp.example.com/hooks/bird";

fn web() -> Web {
    Web::new(AddressPolicy::default().allow_loopback(true), Duration::from_millis(300))
}

fn integration(base_url: &str) -> Integration {
    let settings = json!({"base_url": base_url, "workspace_id": bird::WORKSPACE_ID, "channel_id": bird::CHANNEL_ID});
    let secrets = [("access_key", bird::ACCESS_KEY), ("signing_key", bird::SIGNING_KEY)];
    Integration {
        id: "i1".to_owned(),
        version: 1,
        kind: IntegrationKind::WhatsappBird,
        settings: settings.as_object().unwrap().clone(),
        secrets: HashMap::from(secrets.map(|(name, value)| (name.to_owned(), value.into()))),
        kept: Default::default(),
    }
}

struct Servers;

#[async_trait]
impl Peer for Servers {
    async fn integration(&mut self, mood: Mood) -> Option<Integration> {
        let server = bird::start().await;
        let mut integration = integration(server.url());
        match mood {
            Mood::Takes => {}
            Mood::RefusesContact => server.next(Act::Refuse { status: 422 }),
            Mood::RefusesSender => drop(integration.secrets.insert("access_key".to_owned(), "expired".into())),
            Mood::Busy => server.next(Act::TooMany { retry_after_s: 3 }),
            Mood::Absent => drop(integration.settings.insert("base_url".to_owned(), json!("http://127.0.0.1:1"))),
            Mood::Silent => server.next(Act::Silence),
        }
        Some(integration)
    }
}

#[tokio::test]
async fn conforms() {
    let case = Case {
        channel: &WhatsappBird::new(web()),
        provider: &mut Servers,
        settings: json!({
            "project_id": "p1", "version": "v1", "start_state": "greeting", "variables": {"name": "Dear {{ contact.name }}"},
        }),
        required: &["project_id", "version", "start_state"],
        template: Some("variables.name"),
        strict: true,
        address: Some(("phone", vec![json!("+0987654321"), json!("2025550123"), json!("ada"), json!(7)])),
        known_as: None,
    };
    conform(case).await;
}

#[tokio::test]
async fn messages_go_out_as_bird_describes_them() {
    let server = bird::start().await;
    let (channel, integration) = (WhatsappBird::new(web()), integration(server.url()));
    let stage = json!({
        "project_id": "p1", "version": "v1", "locale": "en", "start_state": "greeting", "variables": {"name": "{{ contact.name }}"},
    });
    let (stage, scope) = (stage.as_object().unwrap().clone(), scope());
    let thread = json!({"message_id": "m1"});
    let opening = Draft { known_as: Some("US.134"), ..draft(&stage, &scope, Some(&integration)) };
    let answer = |hours| Draft {
        content: Content::Reply { text: "Hi", thread: &thread },
        heard_at: Some(noon() - TimeDelta::hours(hours)),
        known_as: Some("+31600000000"),
        ..opening
    };
    for draft in [opening, answer(1)] {
        let outcome = channel.send(&channel.prepare(&draft).unwrap(), Some(&integration)).await;
        assert!(matches!(outcome, SendOutcome::Sent { provider_id: Some(_) }), "{outcome:?}");
    }
    let bodies: Vec<Value> = server.taken().into_iter().map(|taken| taken.body).collect();
    let to = |number: &str| json!({"contacts": [{"identifierKey": "phonenumber", "identifierValue": number}]});
    let template = json!({"projectId": "p1", "version": "v1", "locale": "en", "variables": {"name": "Ada Lovelace"}});
    assert_eq!(bodies[0], json!({"receiver": to("+31612345678"), "reference": "0a1b-2c3d", "template": template}));
    assert_eq!(
        bodies[1],
        json!({
            "receiver": to("+31600000000"), "reference": "0a1b-2c3d", "body": {"type": "text", "text": {"text": "Hi"}},
            "replyTo": {"id": "m1", "type": "message"},
        })
    );
    assert!(matches!(channel.prepare(&answer(25)), Err(PrepareError::Unreachable { .. })));
}

#[tokio::test]
async fn what_bird_tells_is_understood() {
    let (server, hook) = (bird::start().await, calls::start().await);
    server.set_hook(hook.url());
    let (channel, integration) = (WhatsappBird::new(web()), integration(server.url()));
    let stage = json!({"project_id": "p1", "version": "v1", "start_state": "greeting"});
    let (stage, scope) = (stage.as_object().unwrap().clone(), scope());
    let prepared = channel.prepare(&draft(&stage, &scope, Some(&integration))).unwrap();
    let next = async || {
        let request = hook.next().await;
        let timestamp = request.headers()["messagebird-request-timestamp"].to_str().unwrap().parse().unwrap();
        let now = DateTime::from_timestamp(timestamp, 0).unwrap();
        let call = WebhookCall { request: &request, url: hook.url(), path: "", now };
        BirdAccount::new(web()).receive(&call, &integration).unwrap().events.remove(0)
    };

    let outcome = channel.send(&prepared, Some(&integration)).await;
    let SendOutcome::Sent { provider_id: Some(id) } = outcome else { panic!("{outcome:?}") };
    for stands in [Delivery::Sent, Delivery::Delivered, Delivery::Read] {
        if stands == Delivery::Read {
            assert_eq!(server.contact_reads(&id).await, Some(200));
        }
        let Event::Status(status) = next().await else { panic!() };
        assert_eq!((status.delivery, status.of), (stands, vec!["0a1b-2c3d".to_owned(), id.clone()]));
    }
    let (message_id, _) = server.contact_writes("+31612345678", "Hello").await;
    assert!(matches!(next().await, Event::Message(message) if message.id == message_id && message.text == "Hello"));
    server.contact_unsubscribes(&id).await;
    assert!(matches!(next().await, Event::Blocked { address, .. } if address == "+31612345678"));

    server.next(Act::FailLater { code: 131_026 });
    channel.send(&prepared, Some(&integration)).await;
    let Event::Status(failed) = next().await else { panic!() };
    let suppress = failed.suppress.as_ref().map(|whom| whom.address.as_str());
    assert_eq!((failed.code.as_deref(), suppress), (Some("131026"), Some("+31612345678")));
}

#[tokio::test]
async fn what_bird_answers_says_what_to_do_next() {
    let server = bird::start().await;
    let (channel, integration) = (WhatsappBird::new(web()), integration(server.url()));
    let stage = json!({"project_id": "p1", "version": "v1", "start_state": "greeting"});
    let (stage, scope) = (stage.as_object().unwrap().clone(), scope());
    let prepared = channel.prepare(&draft(&stage, &scope, Some(&integration))).unwrap();
    for (act, name) in [
        (Act::TooMany { retry_after_s: 1 }, "retry"),
        (Act::Refuse { status: 400 }, "rejected"),
        (Act::Refuse { status: 402 }, "misconfigured"),
        (Act::Refuse { status: 403 }, "misconfigured"),
        (Act::Refuse { status: 503 }, "unknown"),
        (Act::Drop, "unknown"),
    ] {
        server.next(act);
        assert_eq!(channel.send(&prepared, Some(&integration)).await.as_str(), name, "{act:?}");
    }
}

#[tokio::test]
async fn an_integration_is_checked_and_tried() {
    let server = bird::start().await;
    let (account, mut integration) = (BirdAccount::new(web()), integration(server.url()));
    assert_eq!(account.check(&integration.settings, &["access_key", "signing_key"]), Ok(()));
    assert_eq!(account.probe(&integration).await, Ok(()));
    integration.settings.insert("channel_id".to_owned(), json!("another"));
    assert!(account.probe(&integration).await.unwrap_err().starts_with("Bird does not know the workspace"));
    integration.settings.insert("channel_id".to_owned(), json!("../x"));
    let errors = account.check(&integration.settings, &["access_key"]).unwrap_err();
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["settings.channel_id", "secrets.signing_key"]);
}

fn call(request: &Request<Bytes>, now: DateTime<Utc>) -> Result<Received, ReceiveError> {
    let call = WebhookCall { request, url: HOOK, path: "", now };
    BirdAccount::new(web()).receive(&call, &integration("http://127.0.0.1:1"))
}

fn post(body: impl Into<Bytes>, signature: &str, timestamp: &str) -> Request<Bytes> {
    let request = Request::post("/hooks/bird").header("messagebird-signature", signature);
    request.header("messagebird-request-timestamp", timestamp).body(body.into()).unwrap()
}

fn signed(body: &[u8]) -> Request<Bytes> {
    let timestamp = noon().timestamp().to_string();
    post(body.to_vec(), &bird::sign(&timestamp, HOOK, body), &timestamp)
}

fn told(event: &str, mut payload: Value) -> Vec<Event> {
    if payload["channelId"].is_null() {
        payload["channelId"] = json!(bird::CHANNEL_ID);
    }
    let body = json!({"service": "channels", "event": event, "payload": payload}).to_string();
    call(&signed(body.as_bytes()), noon()).unwrap().events
}

#[test]
fn the_signature_is_birds_and_of_today() {
    let body = r#"{"service":"channels","event":"whatsapp.inbound","payload":{}}"#;
    // Computed apart, from the description in Bird's documentation.
    let request = post(body, "AIKnktThpUgXBPw1BEqU0Z6C3sJLjfLb7y/2/wiK9I0=", "1719823259");
    let at = |seconds: i64| DateTime::from_timestamp(1_719_823_259 + seconds, 0).unwrap();
    // Bird repeats calls for hours, with the time of the first.
    for seconds in [0, -300, 8 * 3600, 24 * 3600] {
        assert_eq!(call(&request, at(seconds)).unwrap().events, []);
    }
    for seconds in [-301, 24 * 3600 + 1] {
        assert!(matches!(call(&request, at(seconds)), Err(ReceiveError::Forged(_))));
    }
    for timestamp in ["", "x", "-9223372036854775808", "9223372036854775807"] {
        let request = post(body, &bird::sign(timestamp, HOOK, body.as_bytes()), timestamp);
        assert!(matches!(call(&request, at(0)), Err(ReceiveError::Forged(_))), "{timestamp}");
    }
}

#[test]
fn messages_become_words() {
    let said = |body: Value| {
        let contact = json!({"id": "c1", "identifierKey": "phonenumber", "identifierValue": "+31612345678"});
        let extra = json!({"extraInformation": {"whatsappbsuid": "NL.134"}});
        told(
            "whatsapp.inbound",
            json!({
                "id": "m1", "sender": {"contact": contact}, "meta": extra, "body": body, "replyTo": {"id": "m0"},
                "direction": "incoming", "createdAt": "2026-05-01T11:59:00.5Z",
            }),
        )
    };
    for (body, text) in [
        (json!({"type": "text", "text": {"text": "Test"}}), "Test"),
        (
            json!({"type": "text", "text": {"actions": [{"type": "postback", "postback": {"text": "Yes", "payload": "y"}}]}}),
            "Yes",
        ),
        (json!({"type": "image", "image": {"images": []}}), "[image]"),
        (json!({"type": "file", "file": {"caption": "my receipt"}}), "[file] my receipt"),
    ] {
        let events = said(body);
        let [Event::Message(message)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((message.id.as_str(), message.text.as_str()), ("m1", text));
        assert_eq!(message.from, ["NL.134", "+31612345678"]);
        assert_eq!(
            (message.answers.as_slice(), &message.thread),
            (&["m0".to_owned()][..], &json!({"message_id": "m1"}))
        );
        assert_eq!(message.at, noon() - TimeDelta::milliseconds(59_500));
    }
}

#[test]
fn statuses_and_interactions_say_what_became_of_a_message() {
    let receiver = json!({"contacts": [{"identifierValue": "+31612345678"}]});
    let status = |status: &str, failure: Value| {
        let payload = json!({
            "id": "m1", "reference": "r1", "receiver": receiver, "status": status, "reason": "code: 131026", "failure": failure,
        });
        told("whatsapp.outbound", payload)
    };
    let events = status("delivery_failed", json!({"code": 15005, "source": {"name": "whatsapp", "code": "131026"}}));
    let [Event::Status(failed)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((failed.delivery, failed.code.as_deref()), (Delivery::Failed, Some("131026")));
    assert_eq!(failed.of, ["r1", "m1"]);
    // Not on WhatsApp: mails and calls may reach the contact all the same.
    let channels: &[_] = &[ChannelKind::WhatsappMeta, ChannelKind::WhatsappBird];
    assert_eq!(failed.suppress, Some(crate::Suppress { address: "+31612345678".to_owned(), channels }));
    let events = status("sending_failed", json!({"code": 12001, "source": {"code": "131026"}}));
    let [Event::Status(failed)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((failed.code.as_deref(), &failed.suppress), (Some("12001"), &None));
    assert!(matches!(status("sent", json!(null)).as_slice(), [Event::Status(sent)] if sent.delivery == Delivery::Sent));
    assert_eq!(status("processing", json!(null)), []);

    let interaction =
        |kind: &str| told("whatsapp.interaction", json!({"type": kind, "messageId": "m1", "receiver": receiver}));
    assert!(matches!(interaction("read").as_slice(), [Event::Status(read)] if read.delivery == Delivery::Read));
    assert!(
        matches!(interaction("unsubscribe-request").as_slice(), [Event::Blocked { address, .. }] if address == "+31612345678")
    );
    assert_eq!(told("whatsapp.outbound", json!({"channelId": "another", "id": "m1", "status": "sent"})), []);
}

proptest! {
    #[test]
    fn nothing_that_is_signed_panics(body in crate::whatsapp::webhooks::any_body()) {
        let _ = call(&signed(&body), noon());
    }

    #[test]
    fn one_bit_makes_a_forgery(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut bytes = br#"{"service":"channels","event":"whatsapp.inbound","payload":{"id":"m1"}}"#.to_vec();
        let (length, timestamp) = (bytes.len(), noon().timestamp().to_string());
        bytes.extend(bird::sign(&timestamp, HOOK, &bytes).into_bytes());
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let signature = http::HeaderValue::from_bytes(&bytes[length..]);
        // What no header can hold never arrives.
        prop_assume!(signature.is_ok());
        let mut request = post(bytes[..length].to_vec(), "", &timestamp);
        request.headers_mut().insert("messagebird-signature", signature.unwrap());
        prop_assert!(matches!(call(&request, noon()), Err(ReceiveError::Forged(_))));
    }
}
