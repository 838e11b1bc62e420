//! Something that a contact wrote: to which session it belongs, and what follows.

use std::collections::BTreeSet;

use serde_json::Value;
use stratagem_channels::InboundMessage;
use stratagem_domain::{
    agent::Role,
    channel::ChannelKind,
    session::{OUTCOME_OPTED_OUT, results_of},
    step::{CALL_TURN, Sender, StepKind, TURN},
    stop_words::is_stop_word,
};
use stratagem_store::{
    Json, Scope,
    entities::{identity, integration, message, session},
    heard::HeardWrites,
    sessions::{ACTIVE, CLOSED},
    steps::NewStep,
};

use super::Looks;
use crate::{
    Engine, EngineError,
    steps::{close_session_step_at, message_of, reply_step},
    suppressing,
    talking::Follows,
};

/// What a contact is told once that it will not be written to any more.
const CONFIRMATION: &str = "You will receive no further messages from us.";

/// Longest text that is kept of one message, in characters.
const MOST_TEXT: usize = 20_000;

impl Engine {
    pub(super) async fn take_message(
        &self,
        scope: Scope,
        of: &integration::Model,
        heard: InboundMessage,
    ) -> Result<(), EngineError> {
        let addresses = spellings(&heard.from);
        let mut looks = Looks::default();
        let session = loop {
            if let Some(session) = self.conversation(scope, of, &heard.answers, &addresses).await? {
                break session;
            }
            if !looks.again(self, scope).await? {
                tracing::info!(integration = %of.id, "a message from somebody with whom there is no conversation");
                return Ok(());
            }
        };
        let now = self.clock().now();
        let stops = !heard.automatic && is_stop_word(&heard.text, &self.store().stop_words(scope).await?);
        let known_as = heard.from.first().cloned().unwrap_or_default();
        let writes = HeardWrites {
            message: message::Model {
                id: self.random().id(now),
                tenant_id: scope.0,
                campaign_id: session.campaign_id,
                contact_id: session.contact_id,
                session_id: session.id,
                role: Role::Human.as_str().to_owned(),
                content: heard.text.chars().take(MOST_TEXT).collect(),
                at_ms: now.timestamp_millis(),
                integration_id: Some(of.id),
                provider_id: Some(heard.id),
                step_id: None,
                delivery: None,
                error: None,
                thread: Some(Json(heard.thread)),
                automatic: heard.automatic,
            },
            replied: (!heard.automatic).then_some(session.communication_id),
            identity: (!heard.automatic && !known_as.is_empty()).then(|| identity::Model {
                id: self.random().id(now),
                tenant_id: scope.0,
                integration_id: of.id,
                contact_id: session.contact_id,
                address: known_as,
                heard_at_ms: Some(now.timestamp_millis()),
                updated_at_ms: now.timestamp_millis(),
            }),
            steps: if stops || heard.automatic { Vec::new() } else { self.turn_of(&session).into_iter().collect() },
        };
        let new = self.store().hear(scope, now.timestamp_millis(), writes).await?;
        if stops {
            // Asked again even of a message that is there already: a crash may have come between.
            self.opt_out(scope, &session, &addresses).await?;
        }
        if new {
            self.wake();
        }
        Ok(())
    }

    /// The session that a message belongs to: the one that it answers, as long as that goes on; else the one that goes on with whoever
    /// wrote it; else the one that it answers, which keeps it.
    async fn conversation(
        &self,
        scope: Scope,
        of: &integration::Model,
        answers: &[String],
        addresses: &[String],
    ) -> Result<Option<session::Model>, EngineError> {
        let named = self.store().session_named(scope, of.id, answers).await?;
        if let Some(session) = &named
            && session.status == ACTIVE
        {
            return Ok(named);
        }
        let known: BTreeSet<String> =
            addresses.iter().cloned().chain(named.as_ref().and_then(|session| session.known_as.clone())).collect();
        let active = self.store().session_with(scope, of.id, &known.into_iter().collect::<Vec<_>>()).await?;
        Ok(active.or(named))
    }

    /// The agent's turn in a session, where an agent holds it.
    pub(crate) fn turn_of(&self, session: &session::Model) -> Option<NewStep> {
        let agent_id = session.agent_id.filter(|_| session.status == ACTIVE && session.desk.is_none())?;
        let call = ChannelKind::parse(&session.channel).is_some_and(|kind| ChannelKind::CALLS.contains(&kind));
        let channel = if call { CALL_TURN } else { TURN };
        Some(NewStep {
            campaign_id: session.campaign_id,
            contact_id: Some(session.contact_id),
            subject_id: Some(session.id),
            kind: StepKind::Converse,
            sender: Sender { channel, integration_id: None, agent_id: Some(agent_id) }.to_string(),
            payload: Value::Null,
            due_at_ms: self.clock().now_ms(),
            trace_id: None,
        })
    }

    /// The contact wants to be left alone: suppressed before any strategy or agent sees it, told so once, and the session ends.
    async fn opt_out(&self, scope: Scope, session: &session::Model, from: &[String]) -> Result<(), EngineError> {
        let contact = self.store().contact(scope, session.contact_id).await?;
        let mut addresses: BTreeSet<&str> = from.iter().map(String::as_str).collect();
        addresses.extend(session.known_as.as_deref());
        addresses.extend(contact.as_ref().map(suppressing::addresses).unwrap_or_default());
        let mut new = false;
        for address in addresses {
            new |= self.suppress(scope, address, None, "the contact asked to be left alone").await?;
        }
        let now = self.clock().now();
        if new {
            let follows = Follows { confirms: true, ..Follows::default() };
            let message = message_of(self, session, Role::Ai, CONFIRMATION.to_owned(), &follows, now);
            let steps = vec![reply_step(session, message.id, now)];
            let writes = HeardWrites { message, replied: None, identity: None, steps };
            self.store().hear(scope, now.timestamp_millis(), writes).await?;
        }
        self.end_session(scope, session, results_of(OUTCOME_OPTED_OUT)).await
    }

    /// Has a session end with these results, where it has not ended.
    pub(crate) async fn end_session(
        &self,
        scope: Scope,
        session: &session::Model,
        results: serde_json::Map<String, Value>,
    ) -> Result<(), EngineError> {
        if session.status == CLOSED {
            return Ok(());
        }
        let now_ms = self.clock().now_ms();
        let step = close_session_step_at(session, Value::Object(results), now_ms);
        self.store().schedule(scope, now_ms, vec![step]).await?;
        self.wake();
        Ok(())
    }
}

/// The names with the other ways in which a number is written: with a plus and without.
fn spellings(names: &[String]) -> Vec<String> {
    let mut all: Vec<String> = names.to_vec();
    for name in names {
        let digits = name.trim_start_matches('+');
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            all.extend([digits.to_owned(), format!("+{digits}")]);
        }
    }
    all.sort();
    all.dedup();
    all
}
