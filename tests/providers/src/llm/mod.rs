//! A model behind OpenAI's chat completions: it answers what a test scripted, or does whatever the contact tells it.
//!
//! Requests are held to the strictest servers' rules (roles in turn, one system message, tools with schemas); one that breaks them is
//! answered with 400.

mod request;
mod stream;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Semaphore, task::JoinHandle};

/// When every answer was made, in seconds since 1970.
const CREATED: u64 = 1_790_000_000;

/// What the model's server does with one request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The model says this.
    Text(String),
    /// The model says this, if it is not empty, and calls tools: names and arguments as it would write them, which need not be JSON.
    Calls(String, Vec<(String, String)>),
    /// This body with status 200, whatever it is.
    Raw(String),
    /// A refusal.
    Status {
        /// HTTP status.
        status: u16,
        /// OpenAI's code for it; may be empty.
        code: String,
        /// `Retry-After`, in seconds.
        retry_after: Option<u64>,
    },
    /// Where a stream is asked for, these one after the other; else the words and calls of it at once.
    Paced(Vec<Beat>),
    /// The model says this, by a server that knows nothing of streams.
    Whole(String),
    /// Nothing, ever.
    Silence,
}

/// A part of a streamed answer.
#[derive(Debug, Clone)]
pub enum Beat {
    /// Words.
    Says(String),
    /// A tool call: its name and arguments.
    Calls(String, String),
    /// Nothing, until [`Llm::go_on`].
    Waits,
    /// The connection breaks.
    Breaks,
    /// This line, whatever it is, in place of a chunk.
    Line(String),
}

impl Reply {
    /// The model calls one tool and says nothing.
    pub fn call(tool: &str, arguments: &Value) -> Self {
        Self::Calls(String::new(), vec![(tool.to_owned(), arguments.to_string())])
    }

    /// A refusal with a status alone.
    pub fn status(status: u16) -> Self {
        Self::Status { status, code: String::new(), retry_after: None }
    }
}

/// A running server. It stops when this is dropped.
pub struct Llm {
    address: SocketAddr,
    server: Server,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    key: Option<String>,
    replies: VecDeque<Reply>,
    obeys: bool,
    asked: Vec<Value>,
    /// Streams that nobody read to their end.
    abandoned: usize,
}

/// What a request's handler needs.
#[derive(Clone)]
struct Server {
    shared: Arc<Mutex<Shared>>,
    /// A permit for each [`Beat::Waits`] that may be passed.
    told: Arc<Semaphore>,
}

impl Server {
    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Llm {
    /// Starts a server on a free port of loopback. Until it is told what to answer, it answers 503.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("the socket is bound");
        let server = Server { shared: Arc::default(), told: Arc::new(Semaphore::new(0)) };
        let router = Router::new()
            .route("/v1/models", get(models))
            .route("/v1/chat/completions", post(completions))
            .with_state(server.clone());
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { address, server, task }
    }

    /// What an integration gives as `base_url`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// From now on only requests with this key are heard.
    pub fn demand_key(&self, key: &str) {
        self.lock().key = Some(key.to_owned());
    }

    /// Answers the next request that is not answered yet in this way.
    pub fn reply(&self, reply: Reply) {
        self.lock().replies.push_back(reply);
    }

    /// Answers the next request with a text.
    pub fn say(&self, text: &str) {
        self.reply(Reply::Text(text.to_owned()));
    }

    /// Where nothing is scripted, the model does what the contact's last message says: a line `CALL tool {json}` calls that tool, and all
    /// other lines are repeated.
    pub fn obey(&self) {
        self.lock().obeys = true;
    }

    /// The bodies of all requests for completions, the refused ones included.
    pub fn asked(&self) -> Vec<Value> {
        self.lock().asked.clone()
    }

    /// Lets the answer go on that waits, or will wait, in a [`Beat::Waits`].
    pub fn go_on(&self) {
        self.server.told.add_permits(1);
    }

    /// How many streams were not read to their end.
    pub fn abandoned(&self) -> usize {
        self.lock().abandoned
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.server.lock()
    }
}

impl Drop for Llm {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The line of a message that makes an obedient model call a tool.
fn command(line: &str) -> Option<(String, String)> {
    let (tool, arguments) = line.trim().strip_prefix("CALL ")?.trim().split_once(' ')?;
    Some((tool.to_owned(), arguments.to_owned()))
}

fn obey(request: &Value) -> Reply {
    let messages = request["messages"].as_array().cloned().unwrap_or_default();
    let last = messages.last().and_then(|message| message["content"].as_str()).unwrap_or_default().to_owned();
    let words: Vec<&str> = last.lines().filter(|line| command(line).is_none()).collect();
    Reply::Calls(words.join("\n"), last.lines().filter_map(command).collect())
}

async fn models(State(server): State<Server>, headers: HeaderMap) -> Response {
    if !authorized(&server.lock(), &headers) {
        return refusal(401, "invalid_api_key", "Incorrect API key provided.", None);
    }
    Json(json!({ "object": "list", "data": [{ "id": "fake", "object": "model" }] })).into_response()
}

async fn completions(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let reply = {
        let mut shared = server.lock();
        shared.asked.push(request.clone());
        if !authorized(&shared, &headers) {
            return refusal(401, "invalid_api_key", "Incorrect API key provided.", None);
        }
        if let Err(fault) = request::check(&request) {
            return refusal(400, "invalid_request_error", &fault, None);
        }
        match shared.replies.pop_front() {
            Some(reply) => reply,
            None if shared.obeys => obey(&request),
            None => return refusal(503, "", "nothing is scripted", None),
        }
    };
    let (beats, stops) = match reply {
        Reply::Text(text) => (vec![Beat::Says(text)], "stop"),
        Reply::Calls(text, calls) => {
            let calls = calls.into_iter().map(|(name, arguments)| Beat::Calls(name, arguments));
            ([Beat::Says(text)].into_iter().chain(calls).collect(), "tool_calls")
        }
        Reply::Paced(beats) => (beats, "stop"),
        Reply::Whole(text) => return completion(&[Beat::Says(text)], "stop"),
        Reply::Raw(body) => return ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Reply::Status { status, code, retry_after } => {
            return refusal(status, &code, "The server said no.", retry_after);
        }
        Reply::Silence => std::future::pending().await,
    };
    if request["stream"] == true {
        let counted = request["stream_options"]["include_usage"] == true;
        stream::answer(server, beats, stops, counted)
    } else {
        completion(&beats, stops)
    }
}

fn completion(beats: &[Beat], finish_reason: &str) -> Response {
    let mut said = String::new();
    let mut calls = Vec::new();
    for beat in beats {
        match beat {
            Beat::Says(text) => said.push_str(text),
            Beat::Calls(name, arguments) => calls
                .push(json!({ "id": format!("call_{}", calls.len()), "type": "function",
                "function": { "name": name, "arguments": arguments } })),
            Beat::Waits | Beat::Breaks | Beat::Line(_) => {}
        }
    }
    let content = if said.is_empty() && !calls.is_empty() { Value::Null } else { Value::from(said) };
    let mut message = json!({ "role": "assistant", "content": content });
    if !calls.is_empty() {
        message["tool_calls"] = Value::from(calls);
    }
    Json(json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": CREATED,
        "model": "fake",
        "choices": [{ "index": 0, "message": message, "finish_reason": finish_reason }],
        "usage": usage(),
    }))
    .into_response()
}

fn usage() -> Value {
    json!({ "prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110 })
}

fn refusal(status: u16, code: &str, message: &str, retry_after: Option<u64>) -> Response {
    let body = json!({ "error": { "message": message, "type": "error", "param": null, "code": code } });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(body)).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn authorized(shared: &Shared, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    shared.key.as_ref().is_none_or(|key| given == Some(&format!("Bearer {key}")))
}
