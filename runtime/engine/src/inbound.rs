//! What comes from outside: webhooks and fetched mail. Each event is stored once, however often a provider tells it, and what follows
//! from it follows as a step.

mod messages;
mod statuses;

use std::time::Duration;

use bytes::Bytes;
use stratagem_channels::{Event, Heards, Link, ReceiveError, Received, WebhookAnswer, WebhookCall};
use stratagem_domain::session::{OUTCOME_OPTED_OUT, results_of};
use stratagem_store::{
    Scope,
    entities::{identity, integration},
};
use uuid::Uuid;

use crate::{
    Engine, EngineError,
    calls::{WAIT, WAIT_TO_CONNECT},
    links,
};

/// How often something is looked for that is being sent in this moment: for 1 s in all, since providers want quick answers.
const LOOKS: usize = 50;
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

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

/// Looks for what a send may be about to leave: a provider tells of a message, and a contact answers one, before we have noted that it
/// was sent.
#[derive(Default)]
struct Looks {
    taken: usize,
    last: bool,
}

impl Looks {
    /// After a look that found nothing: whether there is to be another, once it is time for it.
    async fn again(&mut self, engine: &Engine, scope: Scope) -> Result<bool, EngineError> {
        if self.last {
            return Ok(false);
        }
        self.taken += 1;
        if self.taken < LOOKS && engine.store().any_sending(scope).await? {
            tokio::time::sleep(PAUSE).await;
        } else {
            // For what was noted while the one before was taken.
            self.last = true;
        }
        Ok(true)
    }
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
            let connects = heard.what == Heards::Answered && voice.takes_parts(&integration);
            let wait = if connects { WAIT_TO_CONNECT } else { WAIT };
            let speech = self.in_call(&row, heard, wait).await?;
            return Ok(voice.speak(&call, &integration, speech.as_speech()));
        }
        let Received { events, answer } = provider.receive(&call, &integration)?;
        for event in events {
            self.take_in(&row, event).await?;
        }
        Ok(answer)
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
