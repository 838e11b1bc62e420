//! The port that whoever answers stands behind.

use async_trait::async_trait;
use stratagem_channels::Integration;
use stratagem_domain::agent::{Act, AgentError, AgentSpec, Turn};
use tokio::sync::mpsc;

/// Somebody who answers.
#[async_trait]
pub trait Agent: Send + Sync {
    /// One turn. It changes nothing anywhere, so a turn whose act was lost may be taken again.
    ///
    /// What it gives is checked: the state may follow, and the results satisfy the schema. Where the turn is made `aloud`, words may go
    /// there before it is done; what is said in the act begins with them.
    ///
    /// # Errors
    /// [`AgentError`] says whether to try again, to wait for somebody to mend the agent, or to give the session up. Once something was said
    /// aloud, there is nothing to be tried again: what is wrong then is [`AgentError::Invalid`].
    async fn act(
        &self,
        spec: &AgentSpec,
        integration: Option<&Integration>,
        turn: &Turn,
        aloud: Option<&Aloud>,
    ) -> Result<Act, AgentError>;
}

/// Where the words of a turn go while it is made. Pieces are put together as they are: their spaces are in them.
///
/// Whoever listens ends the turn by no longer listening: it acts no further, and what it said until then is what it said.
#[derive(Debug)]
pub struct Aloud(mpsc::Sender<String>);

impl Aloud {
    /// One, and what comes out of it.
    pub fn new() -> (Self, mpsc::Receiver<String>) {
        let (sender, receiver) = mpsc::channel(1);
        (Self(sender), receiver)
    }

    /// Says a piece; false where nobody listens any more.
    pub(crate) async fn say(&self, piece: String) -> bool {
        self.0.send(piece).await.is_ok()
    }

    /// Returns when nobody listens any more.
    pub(crate) async fn is_over(&self) {
        self.0.closed().await;
    }
}
