//! A language model behind an OpenAI-compatible endpoint (`POST {base_url}/chat/completions`).
//!
//! Each request stands alone: what was wrong with an answer, or that a tool did its work, is told in the next request's system prompt,
//! not as messages of role `tool`. Servers differ in what they take there (ids, broken arguments, system messages in the middle), and
//! none of what a model wrote, perhaps at a contact's bidding, gets into the system prompt.
//!
//! In a call that can take them, sentences are said while the model still writes. What was said stays said: an answer that breaks off
//! after it, or whose tools are of no use, is not asked for again but gone on from.

mod deltas;
mod endpoint;
mod events;
mod prompt;
mod provider;
mod settings;
mod speaker;
mod wire;

use stratagem_channels::{AddressPolicy, Integration};
use stratagem_domain::{
    agent::{Act, AgentError, AgentSpec, Turn, Usage},
    channel::IntegrationKind,
};

pub use self::provider::LlmProvider;
use self::{endpoint::Endpoint, prompt::Prompt, settings::Settings, speaker::Speaker, wire::Answer};
use crate::{Aloud, Limits, tools::Tools};

/// What the model is told of an answer that it began and did not end.
const BROKEN_OFF: &str = "the connection broke before the end";

/// The agent.
pub(crate) struct Llm {
    endpoint: Endpoint,
    limits: Limits,
}

impl Llm {
    pub(crate) fn new(policy: AddressPolicy, limits: Limits) -> Self {
        Self { endpoint: Endpoint::new(policy), limits }
    }

    /// See [`crate::Agent::act`]. Three requests at most: one may only move to another state, and one may have to be repeated.
    pub(crate) async fn act(
        &self,
        spec: &AgentSpec,
        integration: Option<&Integration>,
        turn: &Turn,
        aloud: Option<&Aloud>,
    ) -> Result<Act, AgentError> {
        let settings = settings_of(integration)?;
        let tools = Tools::of(spec, turn).map_err(|reason| AgentError::Misconfigured { reason })?;
        let prompt = Prompt { spec, turn, tools: &tools, limits: &self.limits };
        let mut speaker = Speaker::new(aloud, if turn.spoken { self.limits.spoken } else { self.limits.answer });

        let mut so_far = Act::default();
        let (mut fault, mut repaired) = (None, false);
        loop {
            let request = prompt.request(&settings, &so_far, speaker.said(), fault.as_deref());
            let answer = tokio::select! {
                biased;
                answer = self.endpoint.complete(&settings, request, &mut speaker) => answer,
                () = nobody_listens(aloud) => {
                    settings.add(&mut so_far.usage, Usage { requests: 1, ..Usage::default() });
                    return Ok(Act { say: speaker.said().map(str::to_owned), ..so_far });
                }
            };
            match answer {
                Ok(answer) => {
                    settings.add(&mut so_far.usage, answer.usage);
                    match read(&tools, &so_far, answer, &speaker) {
                        Ok(act) if act.say.is_some() || act.end.is_some() || act.hand_over.is_some() => {
                            let Usage { requests, prompt_tokens, completion_tokens, .. } = act.usage;
                            tracing::debug!(requests, prompt_tokens, completion_tokens, "a model took a turn");
                            return Ok(act);
                        }
                        Ok(moved) if moved.state != so_far.state => (so_far, fault) = (moved, None),
                        Ok(_) => fault = Some("it had no words for the contact".to_owned()),
                        Err(reason) => fault = Some(reason),
                    }
                }
                Err(error) if speaker.said().is_none() => return Err(error),
                Err(_) => {
                    settings.add(&mut so_far.usage, Usage { requests: 1, ..Usage::default() });
                    tracing::info!("a model's answer broke off after its first words");
                    if repaired {
                        return Ok(Act { say: speaker.said().map(str::to_owned), ..so_far });
                    }
                    fault = Some(BROKEN_OFF.to_owned());
                }
            }
            if let Some(reason) = &fault {
                if repaired {
                    return Err(AgentError::Invalid { reason: format!("the model's answer was of no use: {reason}") });
                }
                repaired = true;
                speaker.again();
            }
        }
    }
}

async fn nobody_listens(aloud: Option<&Aloud>) {
    match aloud {
        Some(aloud) => aloud.is_over().await,
        None => std::future::pending().await,
    }
}

/// What an answer does, beside what was done so far.
fn read(tools: &Tools<'_>, so_far: &Act, answer: Answer, speaker: &Speaker<'_>) -> Result<Act, String> {
    let mut act = so_far.clone();
    for call in answer.calls {
        let arguments = call.arguments.ok_or("a tool's arguments were no JSON object")?;
        tools.call(&mut act, &call.name, arguments)?;
    }
    act.say = speaker.whole(&answer.text);
    Ok(act)
}

fn settings_of(integration: Option<&Integration>) -> Result<Settings, AgentError> {
    let misconfigured = |reason: &str| AgentError::Misconfigured { reason: reason.to_owned() };
    let integration = integration.ok_or_else(|| misconfigured("an agent of kind `llm` needs an integration"))?;
    if integration.kind != IntegrationKind::Llm {
        return Err(misconfigured("an agent of kind `llm` needs an integration of kind `llm`"));
    }
    Settings::of(integration).map_err(|reason| AgentError::Misconfigured { reason })
}

#[cfg(test)]
mod tests;
