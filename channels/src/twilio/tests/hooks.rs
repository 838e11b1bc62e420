//! Calls that are played: a server with our webhooks, and an agent that says what a test tells it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::extract::{FromRequestParts, Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::json;
use stratagem_providers::twilio::{Call, Callee, Order, Turn};

use super::{PURE, fake, integration, twilio};
use crate::conformance::{draft, noon, scope};
use crate::{CallEnd, Channel, Draft, Heard, Heards, Integration, Speech, Voice, WebhookAnswer, WebhookCall};

/// A server that hears and speaks.
struct Host {
    public: String,
    integration: Integration,
    heard: Mutex<Vec<Heard>>,
}

/// What the agent answers: it needs a moment after `promise`, and hangs up after `bye` and to machines.
fn think(what: &Heards, waited: usize) -> Speech<'static> {
    match what {
        Heards::Answered => Speech::Say("Hello <Ada> & co"),
        Heards::Said(text) if text == "promise" => Speech::Wait,
        Heards::Waits if waited < 3 => Speech::Wait,
        Heards::Waits => Speech::Say("Noted"),
        Heards::Said(text) if text == "bye" => Speech::HangUp(Some("Goodbye")),
        Heards::Silence => Speech::Say("Are you there?"),
        Heards::Machine => Speech::HangUp(None),
        _ => Speech::Say("Go on"),
    }
}

impl Host {
    fn note(&self, heard: Heard) -> Speech<'static> {
        let mut all = self.heard.lock().unwrap();
        all.push(heard.clone());
        think(&heard.what, all.iter().filter(|heard| heard.what == Heards::Waits).count())
    }
}

async fn hook(State(host): State<Arc<Host>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let socket = WebSocketUpgrade::from_request_parts(&mut parts, &()).await.ok();
    let body = to_bytes(body, 1 << 16).await.unwrap();
    let url = format!("{}{}", host.public, parts.uri);
    let path = parts.uri.path().strip_prefix("/hooks/i1").unwrap().to_owned();
    let request = http::Request::from_parts(parts, body);
    let call = WebhookCall { request: &request, url: &url, path: &path, now: noon() };
    let heard = match PURE.hear(&call, &host.integration) {
        Ok(heard) => heard,
        Err(error) => return (http::StatusCode::FORBIDDEN, error.to_string()).into_response(),
    };
    let Some(heard) = heard else { return answer(WebhookAnswer::ok()) };
    match socket {
        Some(socket) if heard.what == Heards::Connects => {
            host.note(heard.clone());
            socket.on_upgrade(move |socket| relay(host, heard.reference, socket))
        }
        _ => answer(PURE.speak(&call, &host.integration, host.note(heard))),
    }
}

fn answer(answer: WebhookAnswer) -> Response {
    let status = http::StatusCode::from_u16(answer.status).unwrap();
    (status, [("content-type", answer.content_type)], answer.body).into_response()
}

async fn relay(host: Arc<Host>, reference: String, mut socket: axum::extract::ws::WebSocket) {
    let mut ordinal = 0;
    while let Some(Ok(Message::Text(frame))) = socket.recv().await {
        ordinal += 1;
        let heard = PURE.hear_frame(&frame, &reference, ordinal, noon()).unwrap();
        let heard = heard.filter(|heard| !matches!(heard.what, Heards::Played(_)));
        let Some(speech) = heard.map(|heard| host.note(heard)) else { continue };
        // Here the agent takes no time.
        let speech = if speech == Speech::Wait { Speech::Say("Noted") } else { speech };
        let Some(frame) = PURE.speak_frame(speech) else { continue };
        if socket.send(Message::text(frame)).await.is_err() {
            return;
        }
    }
}

/// Calls this contact, and gives the call and all that was heard of it.
async fn play(voice: &str, callee: Callee, order: Order, twice: bool) -> (Call, Vec<Heard>) {
    let fake = fake().await;
    fake.callees([callee]);
    fake.reports(order, twice);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public = format!("http://{}", listener.local_addr().unwrap());
    let integration = integration(&fake.url, voice);
    let host = Arc::new(Host { public: public.clone(), integration: integration.clone(), heard: Mutex::default() });
    let app = Router::new().fallback(hook).with_state(Arc::clone(&host));
    let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    let settings = json!({"start_state": "s", "language": "en-GB"});
    let scope = scope();
    let hook_url = format!("{public}/hooks/i1");
    let draft = Draft { hook_url: &hook_url, ..draft(settings.as_object().unwrap(), &scope, Some(&integration)) };
    let prepared = twilio().prepare(&draft).unwrap();
    twilio().send(&prepared, Some(&integration)).await;
    let call = fake.ended(1).await.remove(0);
    server.abort();
    assert_eq!(call.errors, [""; 0]);
    let heard = std::mem::take(&mut *host.heard.lock().unwrap());
    assert!(heard.iter().all(|heard| heard.reference == "0a1b-2c3d"), "{heard:?}");
    (call, heard)
}

fn says(words: &[&str]) -> Callee {
    Callee::Answers(words.iter().map(|words| Turn::Says((*words).to_owned())).collect())
}

fn distinct(heard: &[Heard]) -> usize {
    heard.iter().map(|heard| &heard.id).collect::<std::collections::BTreeSet<_>>().len()
}

#[tokio::test]
async fn a_conversation_by_turns() {
    let turns = vec![Turn::Silent, Turn::Presses("12".into()), Turn::Says("promise".into()), Turn::Says("bye".into())];
    let (call, heard) = play("gather", Callee::Answers(turns), Order::AsTheyHappen, false).await;
    let expected = [
        "agent: Hello <Ada> & co",
        "agent: Are you there?",
        "contact: 12",
        "agent: Go on",
        "contact: promise",
        "agent: Noted",
        "contact: bye",
        "agent: Goodbye",
    ];
    assert_eq!(call.transcript, expected);
    assert_eq!(heard.first().map(|heard| &heard.what), Some(&Heards::Ringing));
    let end = Heards::Ended(CallEnd { outcome: None, code: None, seconds: Some(42) });
    assert_eq!(heard.last().map(|heard| &heard.what), Some(&end));
    assert_eq!(distinct(&heard), heard.len(), "{heard:?}");
}

#[tokio::test]
async fn reports_come_late_and_twice_with_the_same_names() {
    let (_, heard) = play("gather", says(&["bye"]), Order::Reversed, true).await;
    let kinds: Vec<_> = heard.iter().map(|heard| std::mem::discriminant(&heard.what)).collect();
    assert_eq!(kinds.last(), Some(&std::mem::discriminant(&Heards::Ringing)));
    assert_eq!((heard.len(), distinct(&heard)), (6, 4), "{heard:?}");
}

#[tokio::test]
async fn calls_that_nobody_takes_say_why() {
    for (callee, outcome, code) in [
        (Callee::Busy, "BUSY", None),
        (Callee::NoAnswer, "NO_ANSWER", None),
        (Callee::Fails(404), "INVALID_NUMBER", Some("404")),
        (Callee::Fails(603), "DECLINED", Some("603")),
        (Callee::Fails(503), "FAILED", Some("503")),
    ] {
        let (_, heard) = play("gather", callee, Order::AsTheyHappen, false).await;
        let end = CallEnd { outcome: Some(outcome), code: code.map(str::to_owned), seconds: Some(0) };
        assert_eq!(heard.last().map(|heard| &heard.what), Some(&Heards::Ended(end)));
    }
    let (call, heard) = play("gather", Callee::Machine, Order::AsTheyHappen, false).await;
    assert!(heard.iter().any(|heard| heard.what == Heards::Machine) && call.transcript.is_empty());
}

#[tokio::test]
async fn a_conversation_over_a_relay() {
    let (call, heard) = play("relay", says(&["yes", "bye"]), Order::AsTheyHappen, false).await;
    let expected = ["agent: Hello <Ada> & co", "contact: yes", "agent: Go on", "contact: bye", "agent: Goodbye"];
    assert_eq!(call.transcript, expected);
    assert!(heard.iter().any(|heard| heard.what == Heards::Connects));
    assert_eq!(distinct(&heard), heard.len(), "{heard:?}");
    let (call, _) = play("relay", says(&["promise"]), Order::AsTheyHappen, false).await;
    assert_eq!(call.transcript.last().map(String::as_str), Some("agent: Noted"), "and then the contact hangs up");
}

/// What the webhook says to a request that is signed like this.
pub(super) fn request(url: &str, body: &str, signature: &[u8]) -> http::Request<Bytes> {
    let request = http::Request::post(url).header("X-Twilio-Signature", signature);
    request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}
