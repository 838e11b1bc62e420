//! The port that every kind of account stands behind: how it is checked, tried, and listened to.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use stratagem_domain::{
    channel::{ChannelKind, FieldError, IntegrationKind},
    communication::Delivery,
    rate::Rate,
};

use crate::{Integration, Voice};

/// A kind of account at a provider, or of a server of the tenant's.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Which kind.
    fn kind(&self) -> IntegrationKind;

    /// Checks settings, and the names of all secrets that the integration will have, before it is stored.
    ///
    /// # Errors
    /// Every fault, with paths such as `settings.port` or `secrets.password`.
    fn check(&self, settings: &Map<String, Value>, secrets: &[&str]) -> Result<(), Vec<FieldError>>;

    /// The limits that the provider is known to have, which hold where the tenant gives none.
    fn rates(&self, _settings: &Map<String, Value>) -> Rates {
        Rates::default()
    }

    /// Tries it without sending anything.
    ///
    /// # Errors
    /// Why it does not work, for the tenant to read.
    async fn probe(&self, integration: &Integration) -> Result<(), String>;

    /// Verifies a call to the integration's webhook and says what it tells. Pure: no clock, no network.
    ///
    /// # Errors
    /// [`ReceiveError`]: nothing of it counts.
    fn receive(&self, _call: &WebhookCall<'_>, _integration: &Integration) -> Result<Received, ReceiveError> {
        Err(ReceiveError::NotFound)
    }

    /// Whether messages have to be fetched from it.
    fn polls(&self, _integration: &Integration) -> bool {
        false
    }

    /// Fetches what is new since `cursor`, and waits up to `wait` for it where there is nothing.
    ///
    /// # Errors
    /// [`PollError`]; the cursor stays where it was.
    async fn poll(
        &self,
        _integration: &Integration,
        _cursor: Option<&str>,
        _wait: Duration,
    ) -> Result<Polled, PollError> {
        Err(PollError::Misconfigured("this kind of integration has nothing to fetch".to_owned()))
    }

    /// How calls are spoken through it, where there are calls.
    fn voice(&self) -> Option<&dyn Voice> {
        None
    }
}

/// Limits of an account.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rates {
    /// Of all that is sent through it.
    pub send: Option<Rate>,
    /// Of what it sends to one contact.
    pub pair: Option<Rate>,
}

/// A call to `/hooks/{integration_id}…`, as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct WebhookCall<'a> {
    /// Method, header fields and the raw body.
    pub request: &'a http::Request<Bytes>,
    /// The public URL that the provider was given, query included: signatures are made over it.
    pub url: &'a str,
    /// What comes after `/hooks/{integration_id}`, without the query: empty, or begins with `/`.
    pub path: &'a str,
    /// The present moment, in real time.
    pub now: DateTime<Utc>,
}

/// What a call told, and what to answer once that is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// In the provider's order; empty for a challenge, or for what does not concern us.
    pub events: Vec<Event>,
    /// The answer.
    pub answer: WebhookAnswer,
}

/// An answer to a provider's call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// HTTP status.
    pub status: u16,
    /// MIME type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Bytes,
}

impl WebhookAnswer {
    /// 200 with nothing more to say.
    pub fn ok() -> Self {
        Self::text("")
    }

    /// 200 with a plain text.
    pub fn text(body: impl Into<Bytes>) -> Self {
        Self { status: 200, content_type: "text/plain; charset=utf-8", body: body.into() }
    }
}

/// Why a call does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiveError {
    /// The signature, token or time is not the provider's. Says nothing about what was expected.
    #[error("{0}")]
    Forged(&'static str),
    /// Signed rightly, but not what the provider's interface describes.
    #[error("{0}")]
    Malformed(String),
    /// There is nothing at this path.
    #[error("there is no such webhook")]
    NotFound,
}

/// One thing that a provider tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Somebody wrote.
    Message(InboundMessage),
    /// What became of something that was sent.
    Status(StatusReport),
    /// Somebody followed the link that was made for a contact.
    Linked(Link),
    /// Somebody does not want to be written to any more.
    Blocked {
        /// Whom, as [`InboundMessage::from`] names them.
        address: String,
        /// In plain words.
        reason: String,
    },
}

/// Something that a contact wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundMessage {
    /// The provider's name for it, unique for the integration: a second one with the same is dropped.
    pub id: String,
    /// The names that the writer may be known by, the most lasting first: a chat, a WhatsApp user, a number, an address.
    pub from: Vec<String>,
    /// What it answers: references ([`crate::Draft::reference`]) or the provider's ids of earlier messages, the surest first.
    pub answers: Vec<String>,
    /// The text, without quotes of earlier mails. What is no text (a picture, a place) is named in brackets.
    pub text: String,
    /// What an answer to it needs, for [`crate::Content::Reply`].
    pub thread: Value,
    /// When it was written, as the provider tells.
    pub at: DateTime<Utc>,
    /// A machine wrote it (an out-of-office note, a list): it is kept, and nobody answers.
    pub automatic: bool,
}

/// What became of something that was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusReport {
    /// References or provider's ids, any of which names the message.
    pub of: Vec<String>,
    /// Where it stands now.
    pub delivery: Delivery,
    /// The provider's code, where it failed.
    pub code: Option<String>,
    /// In plain words, where there is more to say.
    pub reason: Option<String>,
    /// Whom nothing should be sent to any more: the address does not exist, or has opted out.
    pub suppress: Option<Suppress>,
    /// When, as the provider tells.
    pub at: DateTime<Utc>,
}

/// An address that nothing should be sent to any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppress {
    /// The address, as [`InboundMessage::from`] names it.
    pub address: String,
    /// The channels that this holds for; all where there are none.
    pub channels: &'static [ChannelKind],
}

/// That a contact can be reached through the integration from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The provider's name for the event: a second one with the same is dropped.
    pub id: String,
    /// What was in the link.
    pub token: String,
    /// How the contact is known at the provider.
    pub address: String,
    /// When, as the provider tells.
    pub at: DateTime<Utc>,
}

/// What was fetched.
#[derive(Debug, Clone, PartialEq)]
pub struct Polled {
    /// In the order in which they came.
    pub events: Vec<Event>,
    /// Where to go on.
    pub cursor: String,
}

/// Why nothing could be fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PollError {
    /// It may work in a while.
    #[error("{0}")]
    Passing(String),
    /// It will not work until somebody changes a setting.
    #[error("{0}")]
    Misconfigured(String),
}
