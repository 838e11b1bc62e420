//! Telegram's Bot API 10.1 as far as a bot needs it that writes with people: getMe, sendMessage, getUpdates, setWebhook.

mod api;
mod updates;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{Router, routing::any};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// A server that has one bot. It ends with the handle.
pub struct Telegram {
    /// Where it is, for the setting `base_url`.
    pub url: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

/// A text that the bot sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// To whom.
    pub chat_id: i64,
    /// Counted within the chat.
    pub message_id: i64,
    /// What.
    pub text: String,
}

/// What goes wrong with a call of sendMessage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing: it lets one through.
    Nothing,
    /// 429 with so many seconds to wait.
    TooMany(u64),
    /// It is heard and never answered.
    Silence,
    /// It is heard, and the answer breaks off.
    Drop,
    /// 500 in Telegram's own form.
    Internal,
    /// A gateway's page with this status.
    Gateway(u16),
    /// The chat has another id now.
    Moved(i64),
}

struct Shared {
    token: String,
    username: String,
    state: Mutex<State>,
    /// Raised when there are updates, or another program begins to fetch.
    changed: watch::Sender<u64>,
    client: reqwest::Client,
}

#[derive(Default)]
struct State {
    /// Whether each contact who pressed Start has blocked the bot since.
    chats: BTreeMap<i64, bool>,
    sent: Vec<Sent>,
    troubles: VecDeque<Trouble>,
    updates: VecDeque<Value>,
    updates_made: i64,
    webhook: Option<Webhook>,
    /// Which of the programs that fetch is the last.
    fetching: u64,
    seconds: i64,
}

#[derive(Clone)]
struct Webhook {
    url: String,
    secret: Option<String>,
}

impl Telegram {
    /// Starts one on a free port, for the bot of that token and name.
    pub async fn start(token: &str, username: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let shared = Arc::new(Shared {
            token: token.to_owned(),
            username: username.to_owned(),
            state: Mutex::default(),
            changed: watch::Sender::new(0),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().route("/{bot}/{method}", any(api::call)).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, shared, server }
    }

    /// A contact presses Start, with the token of the link that was followed. Gives the webhook's status, where there is one.
    pub async fn press_start(&self, chat_id: i64, token: Option<&str>) -> Option<u16> {
        self.shared.state().chats.insert(chat_id, false);
        let text = token.map_or("/start".to_owned(), |token| format!("/start {token}"));
        self.write(chat_id, json!({"text": text})).await
    }

    /// A contact writes: `content` is what the message holds, e.g. `{"text": "Hi"}` or `{"photo": [], "caption": "Me"}`.
    pub async fn write(&self, chat_id: i64, content: Value) -> Option<u16> {
        let update = self.shared.state().message(chat_id, content);
        self.shared.deliver(update).await
    }

    /// A contact blocks the bot.
    pub async fn block(&self, chat_id: i64) -> Option<u16> {
        let update = self.shared.state().block(chat_id, &self.shared.username);
        self.shared.deliver(update).await
    }

    /// Everything that contacts have got.
    pub fn sent(&self) -> Vec<Sent> {
        self.shared.state().sent.clone()
    }

    /// What happens to the next messages that the bot sends, one after the other.
    pub fn trouble(&self, troubles: impl IntoIterator<Item = Trouble>) {
        self.shared.state().troubles.extend(troubles);
    }
}

impl Drop for Telegram {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        self.changed.send_modify(|count| *count += 1);
    }
}
