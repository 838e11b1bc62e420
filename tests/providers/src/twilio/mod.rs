//! Twilio's calls: they are made with Calls.json, and then played. Somebody or nobody takes them, our webhooks are asked with real
//! signatures, our TwiML is obeyed, and how the call stands is posted.

mod api;
mod play;
mod relay;
mod report;
mod twiml;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Router,
    routing::{get, post},
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// A server that has one account. It ends with the handle.
pub struct Twilio {
    /// Where it is, for the setting `base_url`.
    pub url: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

/// Who is called, and what they do. Callees take the calls in the order in which they were given; without any, nobody answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callee {
    /// Takes the call and does one of these each time that it is listened to; then hangs up.
    Answers(Vec<Turn>),
    /// An answering machine takes it.
    Machine,
    /// The line is busy.
    Busy,
    /// It rings in vain.
    NoAnswer,
    /// The network refuses, with this SIP status.
    Fails(u16),
}

/// What a contact does when it is listened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Speaks.
    Says(String),
    /// Presses keys.
    Presses(String),
    /// Breaks in after so many words, and speaks. Only where a WebSocket tells of it.
    BreaksIn(usize, String),
    /// Keeps silent.
    Silent,
}

/// In which order the reports about a call arrive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// As things happen.
    #[default]
    AsTheyHappen,
    /// All of them after the call, the last one first.
    Reversed,
}

/// What goes wrong with the next request that makes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// An error of Twilio's: HTTP status and code.
    Error(u16, u64),
    /// It is heard and never answered. The call is not made.
    Silence,
    /// A gateway's page with this status.
    Gateway(u16),
}

/// A call that was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// `CA` and 32 hexadecimal digits.
    pub sid: String,
    /// The fields of the request that made it.
    pub form: Vec<(String, String)>,
    /// `queued`, `ringing`, `in-progress`, `completed`, `busy`, `no-answer`, `failed`, `canceled`.
    pub status: String,
    /// What was said: `agent: …`, `contact: …`.
    pub transcript: Vec<String>,
    /// What Twilio would write into its debugger.
    pub errors: Vec<String>,
}

struct Shared {
    account_sid: String,
    auth_token: String,
    state: Mutex<State>,
    /// How many calls have ended, reports included.
    ended: watch::Sender<usize>,
    /// Whether what is said over a WebSocket is played, and said to be.
    plays: watch::Sender<bool>,
    client: reqwest::Client,
}

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    callees: VecDeque<Callee>,
    /// By number.
    known: HashMap<String, Callee>,
    troubles: VecDeque<Trouble>,
    order: Order,
    twice: bool,
}

impl Twilio {
    /// Starts one on a free port, for that account.
    pub async fn start(account_sid: &str, auth_token: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let shared = Arc::new(Shared {
            account_sid: account_sid.to_owned(),
            auth_token: auth_token.to_owned(),
            state: Mutex::default(),
            ended: watch::Sender::new(0),
            plays: watch::Sender::new(true),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new()
            .route("/2010-04-01/Accounts/{account}", get(api::account))
            .route("/2010-04-01/Accounts/{account}/Calls.json", post(api::create))
            .route("/2010-04-01/Accounts/{account}/Calls/{call}", get(api::fetch).post(api::update))
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, shared, server }
    }

    /// What an integration of the kind `twilio` needs: `settings` and `secrets`.
    pub fn account(&self) -> Value {
        json!({
            "settings": {"base_url": self.url, "account_sid": self.shared.account_sid, "from": "+15005550006"},
            "secrets": {"auth_token": self.shared.auth_token},
        })
    }

    /// Who takes every call to a number, whoever takes the others.
    pub fn callee_at(&self, number: &str, callee: Callee) {
        self.shared.state().known.insert(number.to_owned(), callee);
    }

    /// Who takes the next calls.
    pub fn callees(&self, callees: impl IntoIterator<Item = Callee>) {
        self.shared.state().callees.extend(callees);
    }

    /// What happens to the next requests that make calls.
    pub fn trouble(&self, troubles: impl IntoIterator<Item = Trouble>) {
        self.shared.state().troubles.extend(troubles);
    }

    /// Whether what is said over a WebSocket is played at once, or waits until it is.
    pub fn plays(&self, plays: bool) {
        self.shared.plays.send_replace(plays);
    }

    /// In which order reports arrive, and whether each comes twice.
    pub fn reports(&self, order: Order, twice: bool) {
        let mut state = self.shared.state();
        (state.order, state.twice) = (order, twice);
    }

    /// All calls, as they stand.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.state().calls.clone()
    }

    /// All calls, once `count` of them have ended and been reported.
    pub async fn ended(&self, count: usize) -> Vec<Call> {
        let _ = self.shared.ended.subscribe().wait_for(|ended| *ended >= count).await;
        self.calls()
    }
}

impl Drop for Twilio {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the call at `index`.
    fn change(&self, index: usize, change: impl FnOnce(&mut Call)) {
        if let Some(call) = self.state().calls.get_mut(index) {
            change(call);
        }
    }

    /// `X-Twilio-Signature` of a form sent to `url`.
    fn sign(&self, url: &str, form: &[(String, String)]) -> String {
        let mut sorted: Vec<String> = form.iter().map(|(name, value)| format!("{name}{value}")).collect();
        sorted.sort();
        let mut mac = Hmac::<Sha1>::new_from_slice(self.auth_token.as_bytes()).unwrap();
        mac.update(url.as_bytes());
        mac.update(sorted.concat().as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }
}
