//! Calls: what is heard becomes messages and turns like any other, and what is said is waited for while the provider holds the line.

use std::time::Duration;

use serde_json::Value;
use stratagem_channels::{CallEnd, Heard, Heards, Speech};
use stratagem_domain::{
    agent::Role,
    communication::Delivery,
    session::{OUTCOME_ABANDONED, OUTCOME_MACHINE, OUTCOME_NO_RESPONSE, results_of},
};
use stratagem_store::{
    Scope,
    entities::{integration, message, session},
    heard::HeardWrites,
    sessions::CLOSED,
};

use crate::{
    Engine, EngineError,
    lines::Begun,
    talking::{Follows, is_begun},
};

/// How long an answer is waited for before the provider is told to ask again. Providers give up after 15 s.
pub(crate) const WAIT: Duration = Duration::from_secs(5);
/// How long the first words are waited for where a WebSocket can have them later: those of rules are there by then.
pub(crate) const WAIT_TO_CONNECT: Duration = Duration::from_millis(250);
/// How often the database is asked meanwhile: another server may be taking the turn.
const LOOK: Duration = Duration::from_millis(100);
/// What stands for silence in the conversation.
const SILENCE: &str = "[silence]";
/// What stands for the rest of a message that was interrupted.
const CUT: char = '…';
/// After so much silence in a row the call ends.
const MOST_SILENCE: usize = 3;

/// What is to be said into a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// This, and then listen.
    Say(String),
    /// The answer is on its way.
    Wait,
    /// This, where there is something, and hang up.
    HangUp(Option<String>),
}

impl Said {
    /// As the voice port has it.
    pub(crate) fn as_speech(&self) -> Speech<'_> {
        match self {
            Self::Say(text) => Speech::Say(text),
            Self::Wait => Speech::Wait,
            Self::HangUp(text) => Speech::HangUp(text.as_deref()),
        }
    }
}

/// What is to come of something that was heard.
pub(crate) enum Next {
    /// Nothing.
    Nothing,
    /// The agent's answer in this session.
    Answer(Box<session::Model>),
    /// The call is to end.
    HangUp,
}

/// What the agent said last.
pub(crate) struct Answer {
    /// All of it.
    pub(crate) said: Begun,
    /// The call is to end after it.
    pub(crate) ends: bool,
}

impl Engine {
    /// Takes in what was heard in a call, and says what to say next; where that is still to be made, it is waited for so long.
    pub(crate) async fn in_call(
        &self,
        of: &integration::Model,
        heard: Heard,
        wait: Duration,
    ) -> Result<Said, EngineError> {
        let session = match self.hear_call(of, heard).await? {
            Next::Nothing => return Ok(Said::Wait),
            Next::HangUp => return Ok(Said::HangUp(None)),
            Next::Answer(session) => session,
        };
        match tokio::time::timeout(wait, self.next_answer(Scope(of.tenant_id), &session)).await {
            Err(_) => Ok(Said::Wait),
            Ok(answer) => Ok(match answer? {
                Some(Answer { said, ends: true }) => Said::HangUp(Some(said.text)),
                Some(Answer { said, ends: false }) => Said::Say(said.text),
                None => Said::HangUp(None),
            }),
        }
    }

    /// The session that a call through this account is; none where there is none.
    pub(crate) async fn session_of_call(
        &self,
        of: &integration::Model,
        reference: &str,
    ) -> Result<Option<session::Model>, EngineError> {
        let (store, scope) = (self.store(), Scope(of.tenant_id));
        let communication = store.communication_named(scope, reference).await?;
        let session = match communication.as_ref().and_then(|row| row.session_id) {
            Some(id) => store.session(scope, id).await?,
            None => None,
        };
        Ok(session.filter(|session| session.integration_id == Some(of.id)))
    }

    /// Takes in what was heard in a call.
    pub(crate) async fn hear_call(&self, of: &integration::Model, heard: Heard) -> Result<Next, EngineError> {
        let scope = Scope(of.tenant_id);
        let Some(session) = self.session_of_call(of, &heard.reference).await? else { return Ok(Next::HangUp) };
        match heard.what {
            Heards::Ended(end) => {
                self.call_ended(scope, &session, end).await?;
                return Ok(Next::HangUp);
            }
            _ if session.status == CLOSED => return Ok(Next::HangUp),
            Heards::Ringing | Heards::Played(_) => return Ok(Next::Nothing),
            Heards::Machine => {
                // Kept at once: the call's end is told right after, and knows nothing of machines.
                let results = results_of(OUTCOME_MACHINE);
                self.store().keep_results(scope, session.id, Value::Object(results.clone())).await?;
                self.end_session(scope, &session, results).await?;
                return Ok(Next::HangUp);
            }
            Heards::Answered => self.answered(scope, of, &session).await?,
            Heards::Interrupted(spoken) => {
                self.interrupted(scope, &session, &spoken).await?;
                return Ok(if has_results(&session) { Next::HangUp } else { Next::Nothing });
            }
            Heards::Said(text) => self.said_in_call(scope, of, &session, heard.id, text).await?,
            Heards::Silence => self.said_in_call(scope, of, &session, heard.id, SILENCE.to_owned()).await?,
            // The first words are on their way since the call was answered.
            Heards::Waits | Heards::Connects => {}
        }
        // The agent has ended the conversation, and the contact says something into its last words.
        if has_results(&session) { Ok(Next::HangUp) } else { Ok(Next::Answer(Box::new(session))) }
    }

    async fn answered(
        &self,
        scope: Scope,
        of: &integration::Model,
        session: &session::Model,
    ) -> Result<(), EngineError> {
        let report = stratagem_channels::StatusReport {
            of: vec![session.communication_id.to_string()],
            delivery: Delivery::Delivered,
            code: None,
            reason: None,
            suppress: None,
            at: self.clock().now(),
        };
        self.take_in(of, stratagem_channels::Event::Status(report)).await?;
        let messages = self.store().messages(scope, session.id).await?;
        if messages.is_empty()
            && let Some(turn) = self.turn_of(session)
        {
            self.store().schedule(scope, self.clock().now_ms(), vec![turn]).await?;
            self.wake();
        }
        Ok(())
    }

    async fn said_in_call(
        &self,
        scope: Scope,
        of: &integration::Model,
        session: &session::Model,
        id: String,
        text: String,
    ) -> Result<(), EngineError> {
        let now = self.clock().now();
        let silent = text == SILENCE;
        let writes = HeardWrites {
            message: message::Model {
                id: self.random().id(now),
                tenant_id: scope.0,
                campaign_id: session.campaign_id,
                contact_id: session.contact_id,
                session_id: session.id,
                role: Role::Human.as_str().to_owned(),
                content: text.chars().take(4_000).collect(),
                at_ms: now.timestamp_millis(),
                integration_id: Some(of.id),
                provider_id: Some(id),
                step_id: None,
                delivery: None,
                error: None,
                thread: None,
                automatic: false,
            },
            replied: (!silent).then_some(session.communication_id),
            identity: None,
            steps: self.turn_of(session).filter(|_| !has_results(session)).into_iter().collect(),
        };
        if self.store().hear(scope, now.timestamp_millis(), writes).await? {
            self.wake();
        }
        Ok(())
    }

    /// The contact broke in: what was said last is cut to what of it was heard, so that the agent knows what it has not said, and so
    /// does whoever reads the conversation. What is still being made was not said yet.
    async fn interrupted(&self, scope: Scope, session: &session::Model, spoken: &str) -> Result<(), EngineError> {
        let messages = self.store().messages(scope, session.id).await?;
        let said = |message: &&message::Model| message.role != Role::Human.as_str() && !is_begun(message);
        let Some(last) = messages.iter().rev().find(said) else { return Ok(()) };
        match cut(&last.content, spoken) {
            Some(heard) => Ok(self.store().cut_message(scope, last.id, heard, self.clock().now_ms()).await?),
            None => Ok(()),
        }
    }

    /// What the agent says to what was heard last, as soon as all of it is there; none where nothing more will come. May be dropped at
    /// any time.
    pub(crate) async fn next_answer(
        &self,
        scope: Scope,
        session: &session::Model,
    ) -> Result<Option<Answer>, EngineError> {
        loop {
            let spoken = self.spoken().notified();
            // Before the messages: where it is over, its last words are among them.
            let fresh = self.store().session(scope, session.id).await?;
            let messages = self.store().messages(scope, session.id).await?;
            let silent = messages.iter().rev().filter(|message| message.role == Role::Human.as_str());
            if silent.take_while(|message| message.content == SILENCE).count() >= MOST_SILENCE {
                return Ok(None);
            }
            let last = messages.last().filter(|message| message.role != Role::Human.as_str());
            // One that is still being made is waited for.
            if let Some(last) = last.filter(|message| !is_begun(message)) {
                let said = Begun { id: last.id, text: last.content.clone() };
                return Ok(Some(Answer { said, ends: Follows::of(last).end.is_some() }));
            }
            let over = |fresh: &session::Model| fresh.status == CLOSED || fresh.desk.is_some() || has_results(fresh);
            if fresh.as_ref().is_none_or(over) {
                return Ok(None);
            }
            let _ = tokio::time::timeout(LOOK, spoken).await;
        }
    }

    async fn call_ended(&self, scope: Scope, session: &session::Model, end: CallEnd) -> Result<(), EngineError> {
        if session.status == CLOSED || session.desk.is_some() {
            return Ok(());
        }
        let mut results = match end.outcome {
            Some(outcome) => results_of(outcome),
            None if has_results(session) => serde_json::Map::new(),
            None => {
                let messages = self.store().messages(scope, session.id).await?;
                let spoke = messages.iter().any(|m| m.role == Role::Human.as_str() && m.content != SILENCE);
                results_of(if spoke { OUTCOME_ABANDONED } else { OUTCOME_NO_RESPONSE })
            }
        };
        if let Some(seconds) = end.seconds {
            results.insert("CallSeconds".to_owned(), Value::from(seconds));
        }
        if let Some(code) = end.code {
            results.insert("ProviderCode".to_owned(), Value::from(code));
        }
        self.end_session(scope, session, results).await
    }
}

/// A text up to where it had been spoken; none where all of it was. Providers tell what was spoken with other signs and capitals than
/// it was written with, so letters and digits alone count.
pub(crate) fn cut(text: &str, spoken: &str) -> Option<String> {
    let mut heard = spoken.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).peekable();
    let mut end = 0;
    for (at, letter) in text.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
        let mut letters = letter.to_lowercase();
        if heard.peek().is_none() || !letters.all(|letter| heard.next() == Some(letter)) {
            return Some(format!("{}{CUT}", &text[..end]));
        }
        end = at + letter.len_utf8();
    }
    None
}

fn has_results(session: &session::Model) -> bool {
    session.results.as_object().is_some_and(|results| !results.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_where_the_contact_broke_in() {
        let text = "Hello Ann, will you pay 89.50 by Friday?";
        for (spoken, heard) in [
            ("hello ann will", Some("Hello Ann, will…")),
            ("Hello Ann, will you pay 89", Some("Hello Ann, will you pay 89…")),
            ("Hello Ann, wi", Some("Hello Ann, wi…")),
            ("", Some("…")),
            // What it was not is not believed beyond where it differs.
            ("Hello Bob, will you", Some("Hello…")),
            ("Hello Ann, will you pay 89.50 by Friday", None),
            ("Hello Ann, will you pay 89.50 by Friday? And more", None),
        ] {
            assert_eq!(cut(text, spoken).as_deref(), heard, "{spoken}");
        }
        assert_eq!(cut("Über straße", "über stra").as_deref(), Some("Über stra…"));
        assert_eq!(cut("", "x"), None);
    }
}
