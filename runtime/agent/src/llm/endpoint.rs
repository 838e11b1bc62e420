//! One request to the model's server, and what its failures mean.

use std::time::Duration;

use serde_json::{Value, json};
use stratagem_channels::{AddressPolicy, Web, WebAnswer, WebError, WebStream};
use stratagem_domain::agent::AgentError;

use super::{
    deltas::Deltas,
    events::Events,
    settings::{MAX_TIMEOUT_S, Settings},
    speaker::Speaker,
    wire::Answer,
};
use crate::text;

/// The longest wait that a server is believed.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);
/// Of a server's own words, in characters.
const MAX_REASON: usize = 300;
/// Codes of OpenAI and Azure by which one conversation is refused, not the way it is asked for: anything else would let a contact stop
/// the agent for all by writing what a filter objects to.
const OF_THE_CONVERSATION: [&str; 4] =
    ["content_filter", "content_policy_violation", "context_length_exceeded", "invalid_prompt"];
/// What servers that know nothing of streams, or of their options, may answer to a request for one.
const REFUSED_AS_ASKED: [u16; 2] = [400, 422];
/// Codes of OpenAI's 429 that no waiting helps against.
const UNPAID: [&str; 2] = ["insufficient_quota", "billing_hard_limit_reached"];

/// The client.
pub(super) struct Endpoint {
    web: Web,
}

impl Endpoint {
    pub(super) fn new(policy: AddressPolicy) -> Self {
        Self { web: Web::new(policy, Duration::from_secs(MAX_TIMEOUT_S)) }
    }

    /// Asks for a chat completion; in pieces, where the speaker speaks aloud, and then it says them as they come.
    pub(super) async fn complete(
        &self,
        settings: &Settings,
        mut request: Value,
        speaker: &mut Speaker<'_>,
    ) -> Result<Answer, AgentError> {
        let exchange = async {
            if !speaker.is_aloud() {
                return whole(self.ask(settings, &request).await?, settings).await;
            }
            let plain = request.clone();
            request["stream"] = true.into();
            request["stream_options"] = json!({ "include_usage": true });
            let answer = self.ask(settings, &request).await?;
            if REFUSED_AS_ASKED.contains(&answer.status()) {
                return whole(self.ask(settings, &plain).await?, settings).await;
            }
            // Some servers cannot do it, and answer whole.
            if answer.is_success() && answer.is_of("text/event-stream") {
                return listen(answer, settings, speaker).await;
            }
            whole(answer, settings).await
        };
        match tokio::time::timeout(settings.timeout, exchange).await {
            Ok(answer) => answer,
            Err(_) => {
                let host = settings.base_url.host_str().unwrap_or_default();
                Err(retry(None, format!("{host} gave no answer within {} s", settings.timeout.as_secs())))
            }
        }
    }

    async fn ask(&self, settings: &Settings, request: &Value) -> Result<WebStream, AgentError> {
        let url = settings.url(&["chat", "completions"]);
        let call = self.web.open(&url, |client, url| {
            let call = client.post(url).json(request);
            match &settings.api_key {
                Some(key) => call.bearer_auth(key),
                None => call,
            }
        });
        call.await.map_err(unanswered)
    }
}

/// Reads an answer that comes in one.
async fn whole(answer: WebStream, settings: &Settings) -> Result<Answer, AgentError> {
    let answer = answer.whole().await.map_err(unanswered)?;
    let body = answer.json();
    // Some gateways answer 200 and tell of the failure inside.
    if !answer.is_success() || is_error(&body) {
        return Err(explain(answer.status, wait(&answer), &body, settings.api_key.as_deref()));
    }
    Answer::read(&body)
        .ok_or_else(|| retry(None, "the model's server gave an answer that is no chat completion".to_owned()))
}

/// Reads an answer that comes in pieces, and says it meanwhile.
async fn listen(mut answer: WebStream, settings: &Settings, speaker: &mut Speaker<'_>) -> Result<Answer, AgentError> {
    let (mut events, mut deltas) = (Events::default(), Deltas::default());
    let wrong =
        |what: String| retry(None, format!("the model's server gave a stream that is no chat completion: {what}"));
    while let Some(bytes) = answer.next().await.map_err(unanswered)? {
        for data in events.read(&bytes).map_err(wrong)? {
            if data.trim() == "[DONE]" {
                return Ok(deltas.answer());
            }
            let chunk = serde_json::from_str::<Value>(&data).map_err(|error| wrong(error.to_string()))?;
            if is_error(&chunk) {
                return Err(explain(answer.status(), None, &chunk, settings.api_key.as_deref()));
            }
            deltas.add(&chunk);
        }
        speaker.hear(deltas.said()).await;
    }
    if deltas.is_finished() { Ok(deltas.answer()) } else { Err(wrong("it ends before the answer does".to_owned())) }
}

fn is_error(body: &Value) -> bool {
    body.get("error").is_some_and(|error| !error.is_null())
}

/// A request changes nothing, so one that may have been heard is as good as one that was not.
fn unanswered(error: WebError) -> AgentError {
    let reason = error.to_string();
    match error {
        WebError::Refused(_) => AgentError::Misconfigured { reason },
        WebError::Unreachable(_) | WebError::Lost(_) => retry(None, reason),
    }
}

fn explain(status: u16, wait: Option<u64>, body: &Value, key: Option<&str>) -> AgentError {
    let error = body.get("error").unwrap_or(body);
    let code = error.get("code");
    let status = match status {
        200..300 => code.and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok()).unwrap_or(500),
        failed => failed,
    };
    let words = [error.get("message"), error.get("detail"), Some(error)].into_iter().flatten().find_map(Value::as_str);
    let mut reason = format!("the model's server answered {status}");
    if let Some(words) = words.map(str::trim).filter(|words| !words.is_empty()) {
        reason = format!("{reason}: {}", text::first(&text::clean(words), MAX_REASON));
    }
    if let Some(key) = key {
        reason = reason.replace(key, "…");
    }
    let is_one_of = |codes: &[&str]| {
        [code, error.get("type")].into_iter().flatten().filter_map(Value::as_str).any(|code| codes.contains(&code))
    };
    match status {
        _ if is_one_of(&OF_THE_CONVERSATION) => AgentError::Invalid { reason },
        429 if is_one_of(&UNPAID) => AgentError::Misconfigured { reason },
        408 | 409 | 425 | 429 | 500.. => retry(wait, reason),
        _ => AgentError::Misconfigured { reason },
    }
}

fn wait(answer: &WebAnswer) -> Option<u64> {
    let wait = answer.retry_after()?.min(MAX_RETRY_AFTER);
    u64::try_from(wait.as_millis()).ok()
}

fn retry(after_ms: Option<u64>, reason: String) -> AgentError {
    AgentError::Retry { after_ms, reason }
}
