//! What comes from outside: webhooks and fetched mail. Each event is stored once, however often a provider tells it, and what follows
//! from it follows as a step.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::Value;
use stratagem_channels::{
    Event, Heards, InboundMessage, Link, ReceiveError, Received, StatusReport, WebhookAnswer, WebhookCall,
};
use stratagem_domain::{
    agent::Role,
    channel::{ChannelKind, IntegrationKind},
    communication::{Delivery, Status},
    session::{OUTCOME_OPTED_OUT, results_of, results_of_send},
    step::{CALL_TURN, Sender, StepKind, TURN},
    stop_words::is_stop_word,
};
use stratagem_store::{
    Json, Scope,
    commit::CommunicationWrite,
    entities::{communication, identity, integration, message, session},
    heard::HeardWrites,
    sessions::{ACTIVE, CLOSED},
    steps::NewStep,
};
use uuid::Uuid;

use crate::{
    Engine, EngineError, Said, links,
    steps::{close_session_step_at, message_of, reply_step},
    suppressing,
    talking::Follows,
};

/// What a contact is told once that it will not be written to any more.
const CONFIRMATION: &str = "You will receive no further messages from us.";

/// Longest text that is kept of one message, in characters.
const MOST_TEXT: usize = 20_000;

/// Why a call to a webhook was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// There is no such webhook.
    #[error("there is no such webhook")]
    NotFound,
    /// It is not the provider's, or not as its interface describes.
    #[error(transparent)]
    Refused(#[from] ReceiveError),
    /// Our own failure: the provider should come again.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A call to a webhook, as it arrived.
pub struct Hook<'a> {
    /// Whose.
    pub integration_id: Uuid,
    /// What comes after `/hooks/{integration_id}`, without the query.
    pub path: &'a str,
    /// The query, without its question mark.
    pub query: Option<&'a str>,
    /// Method, header fields and body.
    pub request: &'a http::Request<Bytes>,
}

/// A call's WebSocket.
pub struct Relay {
    of: integration::Model,
    /// The call's.
    reference: String,
    /// Counts its frames.
    heard: u64,
}

impl Engine {
    /// Where an integration's webhooks are; empty without an integration.
    pub(crate) fn hook_url(&self, integration_id: Option<Uuid>) -> String {
        let base = self.0.parts.public_url.trim_end_matches('/');
        integration_id.map_or_else(String::new, |id| format!("{base}/hooks/{id}"))
    }

    /// The public URL that a call was made to.
    pub(crate) fn called_url(&self, hook: &Hook<'_>) -> String {
        let query = hook.query.map_or_else(String::new, |query| format!("?{query}"));
        format!("{}{}{query}", self.hook_url(Some(hook.integration_id)), hook.path)
    }

    /// Takes in what a provider tells, and says what to answer. Everything is stored when it returns.
    pub async fn receive(&self, hook: Hook<'_>) -> Result<WebhookAnswer, WebhookError> {
        let found = self.store().integration_of_hook(hook.integration_id).await.map_err(EngineError::from)?;
        let row = found.ok_or(WebhookError::NotFound)?;
        let integration = self.unseal(row.clone())?;
        let provider = self.channels().provider(integration.kind).cloned().ok_or(WebhookError::NotFound)?;
        let url = self.called_url(&hook);
        let now = self.real_now();
        let call = WebhookCall { request: hook.request, url: &url, path: hook.path, now };
        if let Some(voice) = provider.voice().filter(|_| hook.path.starts_with("/voice")) {
            let Some(heard) = voice.hear(&call, &integration)? else { return Ok(WebhookAnswer::ok()) };
            let speech = self.in_call(&row, heard).await?;
            return Ok(voice.speak(&call, &integration, speech.as_speech()));
        }
        let Received { events, answer } = provider.receive(&call, &integration)?;
        for event in events {
            self.take_in(&row, event).await?;
        }
        Ok(answer)
    }

    /// Verifies the handshake of a call's WebSocket.
    pub async fn open_relay(&self, hook: Hook<'_>) -> Result<Relay, WebhookError> {
        let found = self.store().integration_of_hook(hook.integration_id).await.map_err(EngineError::from)?;
        let row = found.ok_or(WebhookError::NotFound)?;
        let integration = self.unseal(row.clone())?;
        let provider = self.channels().provider(integration.kind).cloned().ok_or(WebhookError::NotFound)?;
        let voice = provider.voice().ok_or(WebhookError::NotFound)?;
        let (url, now) = (self.called_url(&hook), self.real_now());
        let call = WebhookCall { request: hook.request, url: &url, path: hook.path, now };
        let heard = voice.hear(&call, &integration)?.filter(|heard| heard.what == Heards::Connects);
        let reference = heard.ok_or(WebhookError::NotFound)?.reference;
        // A call may open another socket: what is heard there must not look like what was heard before.
        Ok(Relay { of: row, reference, heard: u64::try_from(now.timestamp_millis()).unwrap_or(0) })
    }

    /// Takes in a frame of a call's WebSocket, and gives the frame that answers it.
    pub async fn relay(&self, relay: &mut Relay, frame: &str) -> Result<Option<String>, WebhookError> {
        let kind = IntegrationKind::parse(&relay.of.kind).ok_or(WebhookError::NotFound)?;
        let provider = self.channels().provider(kind).cloned().ok_or(WebhookError::NotFound)?;
        let voice = provider.voice().ok_or(WebhookError::NotFound)?;
        relay.heard += 1;
        let heard = voice.hear_frame(frame, &relay.reference, relay.heard, self.real_now());
        let Some(mut heard) = heard.map_err(ReceiveError::Malformed)? else { return Ok(None) };
        loop {
            match self.in_call(&relay.of, heard.clone()).await? {
                Said::Wait => heard.what = Heards::Waits,
                said => return Ok(voice.speak_frame(said.as_speech())),
            }
        }
    }

    /// Takes in one event.
    pub(crate) async fn take_in(&self, of: &integration::Model, event: Event) -> Result<(), EngineError> {
        let scope = Scope(of.tenant_id);
        match event {
            Event::Message(message) => self.take_message(scope, of, message).await,
            Event::Status(report) => self.take_status(scope, of, report).await,
            Event::Linked(link) => self.take_link(scope, of, link).await,
            Event::Blocked { address, reason } => {
                self.suppress(scope, &address, None, &reason).await?;
                let session = self.store().session_with(scope, of.id, &[address]).await?;
                match session {
                    Some(session) => self.end_session(scope, &session, results_of(OUTCOME_OPTED_OUT)).await,
                    None => Ok(()),
                }
            }
        }
    }

    async fn take_message(
        &self,
        scope: Scope,
        of: &integration::Model,
        heard: InboundMessage,
    ) -> Result<(), EngineError> {
        let addresses = spellings(&heard.from);
        let Some(session) = self.conversation(scope, of, &heard.answers, &addresses).await? else {
            tracing::info!(integration = %of.id, "a message from somebody with whom there is no conversation");
            return Ok(());
        };
        let now = self.clock().now();
        let stops = !heard.automatic && is_stop_word(&heard.text, &[]);
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

    async fn take_status(
        &self,
        scope: Scope,
        of: &integration::Model,
        report: StatusReport,
    ) -> Result<(), EngineError> {
        let text = report
            .reason
            .as_ref()
            .map(|reason| report.code.as_ref().map_or_else(|| reason.clone(), |code| format!("{code}: {reason}")));
        if let Some(address) = &report.suppress {
            let reason = text.clone().unwrap_or_else(|| "the provider refused it for good".to_owned());
            self.suppress(scope, address, None, &reason).await?;
        }
        for name in &report.of {
            if let Some(row) = self.store().communication_named(scope, name).await? {
                return self.communication_status(scope, row, report.delivery, text).await;
            }
            if let Some(row) = self.store().message_named(scope, of.id, name).await? {
                return Ok(self.store().message_report(scope, row.id, report.delivery, text).await?);
            }
        }
        tracing::debug!(integration = %of.id, "a status of nothing that we know");
        Ok(())
    }

    async fn communication_status(
        &self,
        scope: Scope,
        mut row: communication::Model,
        next: Delivery,
        reason: Option<String>,
    ) -> Result<(), EngineError> {
        // It may change at the same time, a few times at most: its states are few and go one way.
        for _ in 0..8 {
            let (Some(status), Some(delivery)) = (Status::parse(&row.status), Delivery::parse(&row.delivery)) else {
                return Ok(());
            };
            if !delivery.may_become(next) {
                return Ok(());
            }
            // What the sending step has not settled yet is its to write; the provider was faster.
            if delivery == Delivery::Sending {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            let failed = next == Delivery::Failed;
            let session = match row.session_id.filter(|_| failed) {
                Some(id) => self.store().session(scope, id).await?.filter(|session| session.status == ACTIVE),
                None => None,
            };
            let now_ms = self.clock().now_ms();
            let results = Value::Object(results_of_send(next));
            let steps: Vec<NewStep> =
                session.iter().map(|session| close_session_step_at(session, results.clone(), now_ms)).collect();
            let write = CommunicationWrite {
                id: row.id,
                expected: Some((status, delivery)),
                status: if failed { (!status.is_final()).then_some(Status::Failed) } else { next.shows(status) },
                delivery: Some(next),
                reason: reason.clone(),
                ..Default::default()
            };
            if self.store().report(scope, now_ms, write, steps).await? {
                self.wake();
                return Ok(());
            }
            let Some(fresh) = self.store().communication(scope, row.id).await? else { return Ok(()) };
            row = fresh;
        }
        Ok(())
    }

    async fn take_link(&self, scope: Scope, of: &integration::Model, link: Link) -> Result<(), EngineError> {
        let Some(contact_id) = links::contact_of(self, of.id, &link.token) else {
            tracing::info!(integration = %of.id, "a link that is not one of ours was followed");
            return Ok(());
        };
        if self.store().contact(scope, contact_id).await?.is_none() {
            return Ok(());
        }
        let now = self.clock().now();
        let row = identity::Model {
            id: self.random().id(now),
            tenant_id: scope.0,
            integration_id: of.id,
            contact_id,
            address: link.address,
            heard_at_ms: Some(now.timestamp_millis()),
            updated_at_ms: now.timestamp_millis(),
        };
        Ok(self.store().remember_identity(row).await?)
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
