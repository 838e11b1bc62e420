//! Every kind of agent behind the one port.

use async_trait::async_trait;
use stratagem_channels::{AddressPolicy, Integration};
use stratagem_domain::agent::{Act, AgentError, AgentKind, AgentSpec, Turn};

use crate::{Agent, Limits, llm::Llm, scripted::Scripted};

/// All kinds of agents. Cheap to keep, made once.
pub struct Agents {
    llm: Llm,
    scripted: Scripted,
}

impl Agents {
    /// Agents that dial what `policy` allows.
    pub fn new(policy: AddressPolicy, limits: Limits) -> Self {
        Self { llm: Llm::new(policy, limits), scripted: Scripted::new(limits) }
    }
}

#[async_trait]
impl Agent for Agents {
    async fn act(&self, spec: &AgentSpec, integration: Option<&Integration>, turn: &Turn) -> Result<Act, AgentError> {
        match spec.kind {
            AgentKind::Llm => self.llm.act(spec, integration, turn).await,
            AgentKind::Scripted => self.scripted.act(spec, turn),
        }
    }
}
