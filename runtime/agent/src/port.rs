//! The port that whoever answers stands behind.

use async_trait::async_trait;
use stratagem_channels::Integration;
use stratagem_domain::agent::{Act, AgentError, AgentSpec, Turn};

/// Somebody who answers.
#[async_trait]
pub trait Agent: Send + Sync {
    /// One turn. It changes nothing anywhere, so a turn whose act was lost may be taken again.
    ///
    /// What it gives is checked: the state may follow, and the results satisfy the schema.
    ///
    /// # Errors
    /// [`AgentError`] says whether to try again, to wait for somebody to mend the agent, or to give the session up.
    async fn act(&self, spec: &AgentSpec, integration: Option<&Integration>, turn: &Turn) -> Result<Act, AgentError>;
}
