//! A turn in a call, said while it is made.
//!
//! Each piece is stored before it is said, in a message that grows, so a crash takes nothing back of what the contact heard. Until the turn
//! is done the message is `sending`; a turn that finds it so after a crash leaves it as it is, and the contact goes on from there.

use stratagem_domain::{
    agent::{Act, AgentError, Role, Turn},
    communication::Delivery,
};
use stratagem_store::{
    Scope,
    commit::{Committed, Ending, MessageWrite, Writes},
    entities::{agent, message, session, step},
};
use uuid::Uuid;

use super::{analysis, message_of};
use crate::{
    Engine, EngineError,
    lines::{Begun, Making},
    scheduler::Shared,
    steps::commit,
    talking::{Follows, is_begun},
};

/// A turn that may have said something by now.
pub(super) struct Aloud {
    line: Making,
    begun: Option<Begun>,
}

/// Whether the session's calls can say a part of an answer before the rest.
pub(super) async fn is_possible(engine: &Engine, session: &session::Model) -> Result<bool, EngineError> {
    let Some(id) = session.integration_id else { return Ok(false) };
    let Some(integration) = engine.open_integration(Scope(session.tenant_id), id).await? else { return Ok(false) };
    let provider = engine.channels().provider(integration.kind);
    Ok(provider.and_then(|provider| provider.voice()).is_some_and(|voice| voice.takes_parts(&integration)))
}

/// Has the agent act, and says what it says as it comes, as long as the call's socket is in this process. Where the contact breaks in,
/// the turn comes to what was said until then.
pub(super) async fn act(
    shared: &Shared,
    step: &step::Model,
    session: &session::Model,
    agent: &agent::Model,
    turn: &Turn,
) -> Result<(Result<Act, AgentError>, Option<Aloud>), EngineError> {
    let mut aloud = Aloud { line: shared.engine.lines().make(session.id), begun: None };
    let (words, mut pieces) = stratagem_agent::Aloud::new();
    let acting = shared.engine.act(Scope(step.tenant_id), agent, turn, Some(&words));
    tokio::pin!(acting);
    let (mut so_far, mut stopped) = (String::new(), false);
    let acted = loop {
        tokio::select! {
            biased;
            Some(piece) = pieces.recv() => {
                so_far.push_str(&piece);
                if !stopped && !aloud.say(shared, step, session, &so_far).await? {
                    pieces.close();
                }
            }
            // The socket is opened while the first words are made.
            () = aloud.line.gets_followed(), if aloud.begun.is_none() && !so_far.is_empty() && !pieces.is_closed() => {
                if !aloud.say(shared, step, session, &so_far).await? {
                    pieces.close();
                }
            }
            () = aloud.line.is_stopped(), if !stopped => {
                stopped = true;
                pieces.close();
            }
            acted = &mut acting => break acted?,
        }
    };
    let acted = match (&aloud.begun, stopped) {
        (Some(begun), true) => {
            acted.map(|act| Act { usage: act.usage, say: Some(begun.text.clone()), ..Act::default() })
        }
        _ => acted,
    };
    Ok((acted, Some(aloud)))
}

/// Whether the message was begun by this step, in a claim before this one.
pub(super) fn was_begun_by(message: &message::Model, step: &step::Model) -> bool {
    is_begun(message) && message.step_id == Some(step.id)
}

/// Ends a message whose turn was lost: nobody knows how it would have gone on.
pub(super) async fn settle(
    shared: &Shared,
    step: &step::Model,
    session: &session::Model,
    begun: &message::Model,
) -> Result<(), EngineError> {
    let sent = MessageWrite { id: begun.id, delivery: Delivery::Sent, provider_id: None, error: None, said: None };
    let steps = analysis(&shared.engine, session, begun.id).await?.into_iter().collect();
    commit(shared, step, Ending::Done, Writes { sent: Some(sent), steps, ..Writes::default() }).await?;
    shared.engine.spoken().notify_waiters();
    Ok(())
}

impl Aloud {
    /// Stores what has been said so far, and says it. False where that may not be any more: another has taken the step.
    async fn say(
        &mut self,
        shared: &Shared,
        step: &step::Model,
        session: &session::Model,
        so_far: &str,
    ) -> Result<bool, EngineError> {
        if !self.line.is_followed() {
            return Ok(true);
        }
        let follows = Follows { analyzed: true, ..Follows::default() };
        let (id, writes) = match &self.begun {
            Some(begun) => {
                let sent = Some(write(begun.id, Delivery::Sending, so_far, &follows));
                (begun.id, Writes { sent, ..Writes::default() })
            }
            None => {
                let engine = &shared.engine;
                let now = engine.clock().now();
                let message = message::Model {
                    delivery: Some(Delivery::Sending.as_str().to_owned()),
                    step_id: Some(step.id),
                    ..message_of(engine, session, Role::Ai, so_far.to_owned(), &follows, now)
                };
                (message.id, Writes { messages: vec![message], ..Writes::default() })
            }
        };
        if commit(shared, step, Ending::Continues, writes).await? != Committed::Applied {
            return Ok(false);
        }
        let begun = Begun { id, text: so_far.to_owned() };
        self.begun = Some(begun.clone());
        self.line.say(begun);
        Ok(true)
    }

    /// The end of the message that was begun, if one was: all of its text, and what follows from it. Without a text it ends as it is.
    pub(super) fn ended(&self, text: Option<&str>, follows: &Follows) -> Option<MessageWrite> {
        let begun = self.begun.as_ref()?;
        Some(write(begun.id, Delivery::Sent, text.unwrap_or(&begun.text), follows))
    }
}

fn write(id: Uuid, delivery: Delivery, text: &str, follows: &Follows) -> MessageWrite {
    MessageWrite { id, delivery, provider_id: None, error: None, said: Some((text.to_owned(), follows.kept())) }
}
