//! A language model behind an OpenAI-compatible endpoint (`POST {base_url}/chat/completions`).
//!
//! Each request stands alone: what was wrong with an answer, or that a tool did its work, is told in the next request's system prompt,
//! not as messages of role `tool`. Servers differ in what they take there (ids, broken arguments, system messages in the middle), and
//! none of what a model wrote, perhaps at a contact's bidding, gets into the system prompt.

mod endpoint;
mod prompt;
mod provider;
mod settings;
mod wire;

use stratagem_channels::{AddressPolicy, Integration};
use stratagem_domain::{
    agent::{Act, AgentError, AgentSpec, Turn, Usage},
    channel::IntegrationKind,
};

pub use self::provider::LlmProvider;
use self::{endpoint::Endpoint, prompt::Prompt, settings::Settings, wire::Answer};
use crate::{Limits, text, tools::Tools};

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
    ) -> Result<Act, AgentError> {
        let settings = settings_of(integration)?;
        let tools = Tools::of(spec, turn).map_err(|reason| AgentError::Misconfigured { reason })?;
        let said_at_most = if turn.spoken { self.limits.spoken } else { self.limits.answer };
        let prompt = Prompt { spec, turn, tools: &tools, limits: &self.limits };

        let mut so_far = Act::default();
        let mut usage = Usage::default();
        let (mut fault, mut repaired) = (None, false);
        loop {
            let request = prompt.request(&settings, &so_far, fault.as_deref());
            let answer = self.endpoint.complete(&settings, &request).await?;
            settings.add(&mut usage, answer.usage);
            match read(&tools, &so_far, answer, said_at_most) {
                Ok(act) if act.say.is_some() || act.end.is_some() || act.hand_over.is_some() => {
                    tracing::debug!(
                        usage.requests,
                        usage.prompt_tokens,
                        usage.completion_tokens,
                        "a model took a turn"
                    );
                    return Ok(Act { usage, ..act });
                }
                Ok(moved) if moved.state != so_far.state => (so_far, fault) = (moved, None),
                Ok(_) => fault = Some("it had no words for the contact".to_owned()),
                Err(reason) => fault = Some(reason),
            }
            if let Some(reason) = &fault {
                if repaired {
                    return Err(AgentError::Invalid { reason: format!("the model's answer was of no use: {reason}") });
                }
                repaired = true;
            }
        }
    }
}

/// What an answer does, beside what was done so far.
fn read(tools: &Tools<'_>, so_far: &Act, answer: Answer, said_at_most: usize) -> Result<Act, String> {
    let mut act = so_far.clone();
    for call in answer.calls {
        let arguments = call.arguments.ok_or("a tool's arguments were no JSON object")?;
        tools.call(&mut act, &call.name, arguments)?;
    }
    let said = text::shorten(text::clean(&answer.text).trim(), said_at_most);
    act.say = (!said.is_empty()).then_some(said);
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
