//! A model behind OpenAI's chat completions: it answers what a test scripted, or does whatever the contact tells it.
//!
//! Requests are held to the strictest servers' rules (roles in turn, one system message, tools with schemas); one that breaks them is
//! answered with 400.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
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
use tokio::{net::TcpListener, task::JoinHandle};

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
    /// Nothing, ever.
    Silence,
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
    shared: Arc<Mutex<Shared>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    key: Option<String>,
    replies: VecDeque<Reply>,
    obeys: bool,
    asked: Vec<Value>,
}

impl Llm {
    /// Starts a server on a free port of loopback. Until it is told what to answer, it answers 503.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("the socket is bound");
        let shared = Arc::new(Mutex::new(Shared::default()));
        let router = Router::new()
            .route("/v1/models", get(models))
            .route("/v1/chat/completions", post(completions))
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { address, shared, task }
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

    fn lock(&self) -> std::sync::MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
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

async fn models(State(shared): State<Arc<Mutex<Shared>>>, headers: HeaderMap) -> Response {
    let shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
    if !authorized(&shared, &headers) {
        return refusal(401, "invalid_api_key", "Incorrect API key provided.", None);
    }
    Json(json!({ "object": "list", "data": [{ "id": "fake", "object": "model" }] })).into_response()
}

async fn completions(State(shared): State<Arc<Mutex<Shared>>>, headers: HeaderMap, body: Bytes) -> Response {
    let reply = {
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let request: Value = serde_json::from_slice(&body).unwrap_or_default();
        shared.asked.push(request.clone());
        if !authorized(&shared, &headers) {
            return refusal(401, "invalid_api_key", "Incorrect API key provided.", None);
        }
        if let Err(fault) = check(&request) {
            return refusal(400, "invalid_request_error", &fault, None);
        }
        match shared.replies.pop_front() {
            Some(reply) => reply,
            None if shared.obeys => obey(&request),
            None => return refusal(503, "", "nothing is scripted", None),
        }
    };
    match reply {
        Reply::Text(text) => completion(&json!({ "role": "assistant", "content": text }), "stop"),
        Reply::Calls(text, calls) => {
            let calls: Vec<Value> = calls
                .iter()
                .enumerate()
                .map(|(n, (name, arguments))| {
                    json!({ "id": format!("call_{n}"), "type": "function",
                            "function": { "name": name, "arguments": arguments } })
                })
                .collect();
            let content = if text.is_empty() { Value::Null } else { Value::from(text) };
            let mut message = json!({ "role": "assistant", "content": content });
            if !calls.is_empty() {
                message["tool_calls"] = Value::from(calls);
            }
            completion(&message, "tool_calls")
        }
        Reply::Raw(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Reply::Status { status, code, retry_after } => refusal(status, &code, "The server said no.", retry_after),
        Reply::Silence => std::future::pending().await,
    }
}

fn completion(message: &Value, finish_reason: &str) -> Response {
    Json(json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": "fake",
        "choices": [{ "index": 0, "message": message, "finish_reason": finish_reason }],
        "usage": { "prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110 },
    }))
    .into_response()
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

fn check(request: &Value) -> Result<(), String> {
    let fields = request.as_object().ok_or("the body is no JSON object")?;
    if let Some(name) =
        fields.keys().find(|name| !["model", "messages", "tools", "temperature"].contains(&name.as_str()))
    {
        return Err(format!("Unrecognized request argument supplied: {name}"));
    }
    if request["model"].as_str().is_none_or(str::is_empty) {
        return Err("you must provide a model parameter".to_owned());
    }
    check_messages(request["messages"].as_array().ok_or("messages is no array")?)?;
    match fields.get("tools") {
        None => Ok(()),
        Some(tools) => tools
            .as_array()
            .filter(|tools| !tools.is_empty())
            .ok_or("tools is no array, or an empty one")?
            .iter()
            .try_for_each(check_tool),
    }
}

fn check_messages(messages: &[Value]) -> Result<(), String> {
    let mut roles = Vec::new();
    for message in messages {
        let role = message["role"].as_str().unwrap_or_default();
        if !["system", "user", "assistant"].contains(&role) {
            return Err(format!("`{role}` is no role"));
        }
        if message["content"].as_str().is_none_or(str::is_empty) || message.as_object().is_none_or(|all| all.len() != 2)
        {
            return Err("a message is a role and a content".to_owned());
        }
        roles.push(role);
    }
    let turns = roles.strip_prefix(&["system"]).unwrap_or(&roles);
    if turns.contains(&"system") || turns.last() != Some(&"user") || turns.windows(2).any(|two| two[0] == two[1]) {
        return Err(format!("roles must alternate, and end with the user's: {roles:?}"));
    }
    Ok(())
}

fn check_tool(tool: &Value) -> Result<(), String> {
    let function = &tool["function"];
    let name = function["name"].as_str().unwrap_or_default();
    let fits = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        && tool["type"] == "function"
        && function["description"].is_string()
        && function["parameters"]["type"] == "object"
        && function["parameters"]["properties"].is_object();
    if fits { Ok(()) } else { Err(format!("the tool `{name}` is not well-formed")) }
}
