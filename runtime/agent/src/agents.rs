//! Every kind of agent behind the one port.

use async_trait::async_trait;
use stratagem_channels::{AddressPolicy, Integration};
use stratagem_domain::agent::{Act, AgentError, AgentKind, AgentSpec, Turn};

use crate::{Agent, Aloud, Limits, llm::Llm, scripted::Scripted};

/// All kinds of agents. Cheap to keep, made once.
pub struct Agents {
    llm: Llm,
    limits: Limits,
}

impl Agents {
    /// Agents that dial what `policy` allows.
    pub fn new(policy: AddressPolicy, limits: Limits) -> Self {
        Self { llm: Llm::new(policy, limits), limits }
    }
}

#[async_trait]
impl Agent for Agents {
    async fn act(
        &self,
        spec: &AgentSpec,
        integration: Option<&Integration>,
        turn: &Turn,
        aloud: Option<&Aloud>,
    ) -> Result<Act, AgentError> {
        match spec.kind {
            AgentKind::Llm => self.llm.act(spec, integration, turn, aloud).await,
            AgentKind::Scripted => {
                // A tenant's patterns may take a second: not on a thread that answers calls.
                let (limits, spec, turn) = (self.limits, spec.clone(), turn.clone());
                let act = move || Scripted::new(limits).act(&spec, &turn);
                tokio::task::spawn_blocking(act)
                    .await
                    .unwrap_or_else(|error| Err(AgentError::Retry { after_ms: None, reason: error.to_string() }))
            }
        }
    }
}
