//! Bird's Channels API, for one WhatsApp channel.
//!
//! It takes template projects and texts, sends signed statuses and interactions, and is as strict about requests as Bird's OpenAPI
//! description is (`additionalProperties: false`, `body` or `template`).

mod api;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::SecondsFormat;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::hook;

/// The key that requests must carry.
pub const ACCESS_KEY: &str = "bird-test-key";
/// What webhooks are signed with.
pub const SIGNING_KEY: &str = "signing-key";
/// The only workspace.
pub const WORKSPACE_ID: &str = "a1405560-c8d3-4b1a-877d-3f449ad95352";
/// The only channel.
pub const CHANNEL_ID: &str = "9cf68bd5-7bf6-4d8c-9b9f-6a7b4ed2a2e3";

/// What happens to the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It is refused with this HTTP status.
    Refuse {
        /// Of the answer.
        status: u16,
    },
    /// HTTP 429.
    TooMany {
        /// `Retry-After`, in seconds.
        retry_after_s: u64,
    },
    /// It is taken, and the connection ends before the answer is whole.
    Drop,
    /// It is taken, and there is never an answer.
    Silence,
    /// It is taken, and WhatsApp refuses it later with this code of Meta's.
    FailLater {
        /// `failure.source.code`.
        code: i64,
    },
}

/// A message that was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// Bird's id.
    pub id: String,
    /// The phone number.
    pub to: String,
    /// `accepted`, `sent`, `delivered` or `delivery_failed`.
    pub status: &'static str,
    /// The request.
    pub body: Value,
}

/// The running server. Clones are the same one; it ends with the runtime.
#[derive(Clone)]
pub struct Bird {
    url: String,
    world: Arc<World>,
}

pub(crate) struct World {
    client: reqwest::Client,
    ids: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    hook: Option<String>,
    silent: bool,
    twice: bool,
    acts: VecDeque<Act>,
    taken: Vec<Taken>,
}

/// Starts on a free port.
pub async fn start() -> Bird {
    start_on(0).await
}

/// Starts on this port of loopback.
pub async fn start_on(port: u16) -> Bird {
    let world = Arc::new(World { client: hook::client(), ids: AtomicU64::new(1), state: Mutex::default() });
    let url = hook::serve(port, api::router(Arc::clone(&world))).await;
    Bird { url, world }
}

impl Bird {
    /// The `base_url` of an integration.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where messages, statuses and interactions are told from now on; the URL is part of their signatures.
    pub fn set_hook(&self, url: &str) {
        self.world.state().hook = Some(url.to_owned());
    }

    /// What happens to the next message; several wait in a line.
    pub fn next(&self, act: Act) {
        self.world.state().acts.push_back(act);
    }

    /// Whether `sent` and `delivered` are told by themselves. They are at first.
    pub fn tell_statuses(&self, tell: bool) {
        self.world.state().silent = !tell;
    }

    /// Whether everything is told twice.
    pub fn tell_twice(&self, twice: bool) {
        self.world.state().twice = twice;
    }

    /// Everything that was taken, the oldest first.
    pub fn taken(&self) -> Vec<Taken> {
        self.world.state().taken.clone()
    }

    /// A contact writes a text. Its id, and the HTTP status that the webhook answered with.
    pub async fn contact_writes(&self, from: &str, text: &str) -> (String, Option<u16>) {
        self.contact_sends(from, json!({"type": "text", "text": {"text": text}})).await
    }

    /// A contact sends any `body`.
    pub async fn contact_sends(&self, from: &str, body: Value) -> (String, Option<u16>) {
        let (id, at) = (self.world.id(), now());
        let status = self
            .world
            .tell(
                "whatsapp.inbound",
                json!({
                    "id": id, "channelId": CHANNEL_ID,
                    "sender": {"contact": {"id": "c1", "identifierKey": "phonenumber", "identifierValue": from}},
                    "receiver": {"connector": {"id": "k1"}}, "body": body,
                    "meta": {"extraInformation": {"timestamp": hook::now().timestamp().to_string()}},
                    "reference": "", "parts": [{"platformReference": format!("wamid.{id}")}], "status": "delivered",
                    "reason": "", "direction": "incoming", "lastStatusAt": at, "createdAt": at, "updatedAt": at,
                }),
            )
            .await;
        (id, status)
    }

    /// A contact reads what was sent.
    pub async fn contact_reads(&self, id: &str) -> Option<u16> {
        self.world.interact(id, "read").await
    }

    /// A contact asks for no more messages.
    pub async fn contact_unsubscribes(&self, id: &str) -> Option<u16> {
        self.world.interact(id, "unsubscribe-request").await
    }
}

impl World {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn id(&self) -> String {
        format!("00000000-0000-4000-8000-{:012}", self.ids.fetch_add(1, Ordering::Relaxed))
    }

    /// Sets a message's status and tells it.
    async fn move_to(&self, id: &str, status: &'static str, code: Option<i64>) -> Option<u16> {
        let message = {
            let mut state = self.state();
            let taken = state.taken.iter_mut().find(|taken| taken.id == id)?;
            taken.status = status;
            taken.clone()
        };
        let mut payload = api::shown(&message);
        if let Some(code) = code {
            payload["reason"] = json!(format!("code: {code}"));
            payload["failure"] = json!({"code": 15005, "source": {"name": "whatsapp", "code": code.to_string()}});
        }
        self.tell("whatsapp.outbound", payload).await
    }

    async fn interact(&self, id: &str, kind: &str) -> Option<u16> {
        let message = self.state().taken.iter().find(|taken| taken.id == id).cloned()?;
        let payload = json!({
            "id": self.id(), "channelId": CHANNEL_ID, "messageId": id, "messageReference": message.body["reference"],
            "type": kind, "receiver": message.body["receiver"], "createdAt": now(),
        });
        self.tell("whatsapp.interaction", payload).await
    }

    async fn tell(&self, event: &str, payload: Value) -> Option<u16> {
        let body = json!({"service": "channels", "event": event, "payload": payload}).to_string().into_bytes();
        let hook = self.state().hook.clone()?;
        let post = || {
            let timestamp = hook::now().timestamp().to_string();
            let signature = sign(&timestamp, &hook, &body);
            let request = self.client.post(&hook).header("content-type", "application/json");
            let request = request.header("messagebird-request-timestamp", timestamp);
            request.header("messagebird-signature", signature).body(body.clone()).send()
        };
        if self.state().twice {
            hook::until_taken(post).await;
        }
        hook::until_taken(post).await
    }
}

/// The value of `messagebird-signature`.
pub fn sign(timestamp: &str, url: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SIGNING_KEY.as_bytes()).expect("any key fits");
    mac.update(format!("{timestamp}\n{url}\n").as_bytes());
    mac.update(&Sha256::digest(body));
    STANDARD.encode(mac.finalize().into_bytes())
}

fn now() -> String {
    hook::now().to_rfc3339_opts(SecondsFormat::Millis, true)
}
