//! One request to the model's server, and what its failures mean.

use std::time::Duration;

use serde_json::Value;
use stratagem_channels::{AddressPolicy, Web, WebAnswer, WebError};
use stratagem_domain::agent::AgentError;

use super::{
    settings::{MAX_TIMEOUT_S, Settings},
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

    /// Asks for a chat completion.
    pub(super) async fn complete(&self, settings: &Settings, request: &Value) -> Result<Answer, AgentError> {
        let url = settings.url(&["chat", "completions"]);
        let call = self.web.call(&url, |client, url| {
            let call = client.post(url).json(request);
            match &settings.api_key {
                Some(key) => call.bearer_auth(key),
                None => call,
            }
        });
        let answer = match tokio::time::timeout(settings.timeout, call).await {
            Ok(answer) => answer.map_err(unanswered)?,
            Err(_) => {
                let host = url.host_str().unwrap_or_default();
                return Err(retry(None, format!("{host} gave no answer within {} s", settings.timeout.as_secs())));
            }
        };
        let body = answer.json();
        // Some gateways answer 200 and tell of the failure inside.
        let failed = !answer.is_success() || body.get("error").is_some_and(|error| !error.is_null());
        if failed {
            return Err(explain(&answer, &body, settings.api_key.as_deref()));
        }
        Answer::read(&body)
            .ok_or_else(|| retry(None, "the model's server gave an answer that is no chat completion".to_owned()))
    }
}

/// A request changes nothing, so one that may have been heard is as good as one that was not.
fn unanswered(error: WebError) -> AgentError {
    let reason = error.to_string();
    match error {
        WebError::Refused(_) => AgentError::Misconfigured { reason },
        WebError::Unreachable(_) | WebError::Lost(_) => retry(None, reason),
    }
}

fn explain(answer: &WebAnswer, body: &Value, key: Option<&str>) -> AgentError {
    let error = body.get("error").unwrap_or(body);
    let code = error.get("code");
    let status = if answer.is_success() {
        code.and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok()).unwrap_or(500)
    } else {
        answer.status
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
        408 | 409 | 425 | 429 | 500.. => retry(wait(answer), reason),
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
