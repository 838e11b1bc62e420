//! Meta's WhatsApp Cloud API, for one phone number.
//!
//! It takes templates and texts, holds texts outside the 24-hour window back as Meta does (an accepted message that fails later), sends
//! signed statuses, and is as strict about requests as Meta's OpenAPI description (v23.0) is.

mod api;
mod request;

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::hook;

/// The token that requests must carry.
pub const ACCESS_TOKEN: &str = "EAAG-test-token";
/// What webhooks are signed with.
pub const APP_SECRET: &str = "app-secret";
/// The word of the webhook's set-up.
pub const VERIFY_TOKEN: &str = "verify-me";
/// The only number.
pub const PHONE_NUMBER_ID: &str = "106540352242922";
/// The version in the path; any other is taken too.
pub const API_VERSION: &str = "v23.0";

/// What happens to the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It is refused with this code of Meta's and this HTTP status.
    Refuse {
        /// `error.code`.
        code: i64,
        /// Of the answer.
        status: u16,
    },
    /// HTTP 429 without a body of Meta's.
    TooMany {
        /// `Retry-After`, in seconds.
        retry_after_s: u64,
    },
    /// It is taken, and the connection ends before the answer is whole.
    Drop,
    /// It is taken, and there is never an answer.
    Silence,
    /// It is taken, and answered only after what became of it was told.
    TellFirst,
    /// It is taken, and the contact answers before we are told so (see [`Meta::contact_answers`]).
    HearFirst,
    /// It is taken, and fails later with this code.
    FailLater {
        /// `errors[0].code` of the status.
        code: i64,
    },
}

/// A message that was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// `wamid.…`.
    pub id: String,
    /// The number's digits, or the user's id.
    pub to: String,
    /// `accepted`, `sent`, `delivered`, `read` or `failed`.
    pub status: &'static str,
    /// The request.
    pub body: Value,
}

/// The running server. Clones are the same one; it ends with the runtime.
#[derive(Clone)]
pub struct Meta {
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
    lenient: bool,
    nameless: bool,
    acts: VecDeque<Act>,
    taken: Vec<Taken>,
    /// Approved ones, with the number of their parameters; any is approved while there are none.
    templates: HashMap<(String, String), usize>,
    heard: HashMap<String, DateTime<Utc>>,
    /// What contacts still answer, by number.
    answers: HashMap<String, VecDeque<String>>,
}

/// Starts on a free port.
pub async fn start() -> Meta {
    start_on(0).await
}

/// Starts on this port of loopback.
pub async fn start_on(port: u16) -> Meta {
    let world = Arc::new(World { client: hook::client(), ids: AtomicU64::new(1), state: Mutex::default() });
    let url = hook::serve(port, api::router(Arc::clone(&world))).await;
    Meta { url, world }
}

impl Meta {
    /// The `base_url` of an integration.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What an integration of the kind `whatsapp_meta` needs: `settings` and `secrets`.
    pub fn account(&self) -> Value {
        json!({
            "settings": {"base_url": self.url, "api_version": API_VERSION, "phone_number_id": PHONE_NUMBER_ID},
            "secrets": {"access_token": ACCESS_TOKEN, "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN},
        })
    }

    /// Where statuses and messages are told from now on.
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

    /// Whether statuses leave our own reference out, and name messages by Meta's id alone.
    pub fn forget_references(&self, forget: bool) {
        self.world.state().nameless = forget;
    }

    /// Whether a template's language may come without its `policy`: Meta's description demands it, and Meta itself does not.
    pub fn take_without_policy(&self, lenient: bool) {
        self.world.state().lenient = lenient;
    }

    /// Approves a template; from the first on, others are refused with 132001, and a wrong number of parameters with 132000.
    pub fn approve(&self, name: &str, language: &str, parameters: usize) {
        self.world.state().templates.insert((name.to_owned(), language.to_owned()), parameters);
    }

    /// Everything that was taken, the oldest first.
    pub fn taken(&self) -> Vec<Taken> {
        self.world.state().taken.clone()
    }

    /// A contact writes a text. Its id, and the HTTP status that the webhook answered with.
    pub async fn contact_writes(&self, from: &str, text: &str) -> (String, Option<u16>) {
        self.contact_sends(from, text_message(text)).await
    }

    /// A contact presses a quick reply of a template.
    pub async fn contact_presses(&self, from: &str, label: &str, of: &str) -> (String, Option<u16>) {
        let message = json!({"type": "button", "button": {"payload": label, "text": label}, "context": {"id": of}});
        self.contact_sends(from, message).await
    }

    /// A contact sends anything: a message without its id, time and writer. `from` is a number, or a user's id where no number is shown.
    pub async fn contact_sends(&self, from: &str, message: Value) -> (String, Option<u16>) {
        self.world.hear(from, message).await
    }

    /// What a contact answers by itself: one text to each message that it is delivered, as long as there are any.
    pub fn contact_answers(&self, number: &str, texts: impl IntoIterator<Item = String>) {
        let number = number.trim_start_matches('+').to_owned();
        self.world.state().answers.entry(number).or_default().extend(texts);
    }

    /// A contact reads what was sent.
    pub async fn contact_reads(&self, id: &str) -> Option<u16> {
        self.world.move_to(id, "read", None).await
    }

    /// Makes a signed call with any body.
    pub async fn calls(&self, body: &Value) -> Option<u16> {
        self.world.post(body.to_string().into_bytes()).await
    }

    /// Asks the webhook as Meta does when it is set up: whether the answer is the challenge.
    pub async fn verifies(&self) -> bool {
        let Some(hook) = self.world.state().hook.clone() else { return false };
        let query = [("hub.mode", "subscribe"), ("hub.challenge", "1158201444"), ("hub.verify_token", VERIFY_TOKEN)];
        match self.world.client.get(hook).query(&query).send().await {
            Ok(answer) => answer.text().await.is_ok_and(|text| text == "1158201444"),
            Err(_) => false,
        }
    }
}

impl World {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn id(&self) -> String {
        format!("wamid.HBgL{:012}", self.ids.fetch_add(1, Ordering::Relaxed))
    }

    async fn hear(&self, from: &str, mut message: Value) -> (String, Option<u16>) {
        let id = self.id();
        let from = from.trim_start_matches('+');
        let user = if from.contains('.') { from.to_owned() } else { format!("US.{from}") };
        for name in [from, &user] {
            self.state().heard.insert(name.to_owned(), hook::now());
        }
        message["id"] = json!(id);
        message["timestamp"] = json!(hook::now().timestamp().to_string());
        message["from_user_id"] = json!(user);
        let mut contact = json!({"profile": {"name": "Ada"}, "user_id": user});
        if !from.contains('.') {
            message["from"] = json!(from);
            contact["wa_id"] = json!(from);
        }
        let status = self.tell(json!({"contacts": [contact], "messages": [message]})).await;
        (id, status)
    }

    /// Has a contact, by its number or user's id, answer what it was sent, where it has something to answer.
    async fn answer(&self, to: &str) {
        let number = to.trim_start_matches("US.");
        let text = self.state().answers.get_mut(number).and_then(VecDeque::pop_front);
        if let Some(text) = text {
            self.hear(number, text_message(&text)).await;
        }
    }

    /// Sets a message's status and tells it.
    async fn move_to(&self, id: &str, status: &'static str, code: Option<i64>) -> Option<u16> {
        let (to, reference) = {
            let mut state = self.state();
            let nameless = state.nameless;
            let taken = state.taken.iter_mut().find(|taken| taken.id == id)?;
            taken.status = status;
            let reference = if nameless { Value::Null } else { taken.body["biz_opaque_callback_data"].clone() };
            (taken.to.clone(), reference)
        };
        let (whom, contact) = match to.contains('.') {
            true => ("recipient_user_id", json!({"user_id": to})),
            false => ("recipient_id", json!({"user_id": format!("US.{to}"), "wa_id": to})),
        };
        let mut told = json!({"id": id, "status": status, "timestamp": hook::now().timestamp().to_string(), whom: to});
        if !reference.is_null() {
            told["biz_opaque_callback_data"] = reference;
        }
        if let Some(code) = code {
            told["errors"] =
                json!([{"code": code, "title": "Title", "message": "Title", "error_data": {"details": "Details"}}]);
        }
        self.tell(json!({"contacts": [contact], "statuses": [told]})).await
    }

    async fn tell(&self, mut value: Value) -> Option<u16> {
        value["messaging_product"] = json!("whatsapp");
        value["metadata"] = json!({"display_phone_number": "15550783881", "phone_number_id": PHONE_NUMBER_ID});
        let change = json!({"field": "messages", "value": value});
        let body =
            json!({"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [change]}]});
        let body = body.to_string().into_bytes();
        if self.state().twice {
            self.post(body.clone()).await;
        }
        self.post(body).await
    }

    async fn post(&self, body: Vec<u8>) -> Option<u16> {
        let hook = self.state().hook.clone()?;
        let signature = sign(&body);
        hook::until_taken(|| {
            let request = self.client.post(&hook).header("content-type", "application/json");
            request.header("x-hub-signature-256", &signature).body(body.clone()).send()
        })
        .await
    }
}

fn text_message(text: &str) -> Value {
    json!({"type": "text", "text": {"body": text}})
}

/// The value of `X-Hub-Signature-256`.
pub fn sign(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes()).expect("any key fits");
    mac.update(body);
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}
