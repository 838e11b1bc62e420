//! The port that every channel stands behind: what the engine asks of it, and what it answers.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use stratagem_domain::channel::{ChannelKind, FieldError, IntegrationKind};

use crate::Kept;
use crate::settings::RESEND_UNCONFIRMED;

/// How many messages are under way at the same time through one integration. Most mail servers take 10 to 20 connections
/// from one client.
pub const CONNECTIONS: usize = 10;

/// A way to reach a contact.
///
/// A send has two halves, because only one of them touches the network: [`Channel::prepare`] renders everything that
/// can go wrong with a template or an address, and [`Channel::send`] does one attempt with what was prepared. The engine
/// commits `delivery = sending` between the two.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Which channel this is.
    fn kind(&self) -> ChannelKind;

    /// What the engine must know about it.
    fn traits(&self) -> Traits;

    /// Checks a stage's `settings` as they are stored: unknown fields, required ones, templates.
    ///
    /// # Errors
    /// Every fault that there is, with paths such as `settings.subject`.
    fn check_settings(&self, settings: &Map<String, Value>) -> Result<(), Vec<FieldError>>;

    /// Renders one message. Pure: the same draft gives the same bytes, so an attempt that is repeated is identical.
    ///
    /// # Errors
    /// [`PrepareError`] says whose fault it is: the contact's, the template's or the integration's.
    fn prepare(&self, draft: &Draft<'_>) -> Result<Prepared, PrepareError>;

    /// One attempt. Whatever happens is an outcome; a future that is dropped half-way leaves an unknown one.
    async fn send(&self, prepared: &Prepared, integration: Option<&Integration>) -> SendOutcome;

    /// Why no campaign with a stage of this channel can be activated in this version, in plain words; none where it can.
    fn unavailable(&self) -> Option<&'static str> {
        None
    }
}

/// What the engine must know about a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traits {
    /// The session ends as soon as the message is sent: nobody waits for an answer.
    pub one_way: bool,
    /// A stage of this channel needs an agent to talk.
    pub needs_agent: bool,
    /// The kind of integration that it sends through, where it needs one.
    pub integration: Option<IntegrationKind>,
    /// What is done about a send whose outcome is not known, where the tenant chose nothing else.
    pub ambiguity: Ambiguity,
    /// False for a channel that sends nothing.
    pub sends: bool,
    /// A conversation is a call: answers are spoken while it lasts ([`crate::Voice`]), never sent by [`Channel::send`].
    pub voice: bool,
}

/// What is done about a send whose outcome is not known: its answer was lost, or its process died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ambiguity {
    /// It is repeated: the provider recognises its reference, or nobody is reached twice by it.
    Idempotent,
    /// It is not repeated: it becomes `unknown`.
    AtMostOnce,
    /// It is repeated, and the contact may get it twice: only where the tenant chose so.
    AtLeastOnce,
}

impl Traits {
    /// What is done in a stage with these settings, which a tenant may have chosen: `resend_unconfirmed`.
    pub fn ambiguity_in(&self, settings: &Map<String, Value>) -> Ambiguity {
        match self.ambiguity {
            Ambiguity::AtMostOnce if settings.get(RESEND_UNCONFIRMED) == Some(&Value::Bool(true)) => {
                Ambiguity::AtLeastOnce
            }
            declared => declared,
        }
    }
}

/// What a message says.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// The stage's own message, from its settings.
    Opening,
    /// An answer within a conversation.
    Reply {
        /// As it is: no template.
        text: &'a str,
        /// [`crate::InboundMessage::thread`] of the message that it answers; null where there is none.
        thread: &'a Value,
    },
}

/// Everything that one message is made of.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// What it says.
    pub content: Content<'a>,
    /// The contact's own name at the provider (a chat, a WhatsApp user), as an earlier message told it; none where the contact has not
    /// been heard of through this integration.
    pub known_as: Option<&'a str>,
    /// When the contact was last heard through this integration.
    pub heard_at: Option<DateTime<Utc>>,
    /// Where the integration's webhooks are, `https://…/hooks/{integration_id}`; empty without an integration.
    pub hook_url: &'a str,
    /// The stage's (or alternative's) settings.
    pub settings: &'a Map<String, Value>,
    /// What templates see: an object with `contact`, `campaign`, `stage`, `communication`, `unsubscribe_url`, and
    /// `telegram_url` where a template asks for it and there is a bot.
    pub scope: &'a Value,
    /// The integration that it will go through, where the channel needs one.
    pub integration: Option<&'a Integration>,
    /// Our own unique name for this send, `[a-z0-9-]+`. It travels in the message, so that answers find their way back.
    pub reference: &'a str,
    /// The moment that the message is dated with.
    pub now: DateTime<Utc>,
}

/// A message that is ready to go.
#[derive(Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Where it goes, e.g. an e-mail address, as suppressions are looked up by.
    pub address: String,
    /// Who it comes from, where the channel has such a thing; for e-mail the envelope's sender.
    pub sender: Option<String>,
    /// [`Draft::reference`].
    pub reference: String,
    /// What the contact reads, for the conversation's record.
    pub text: String,
    /// The message in the provider's own form. Nobody but the channel looks inside.
    pub payload: Bytes,
}

/// Shows no address and no content, so that it may be logged.
impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared")
            .field("reference", &self.reference)
            .field("payload_bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}

/// Why a message could not be prepared. Repeating the attempt does not help until somebody changes something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    /// The contact has no address of this kind, or none that can exist: another alternative may reach it.
    #[error("{reason}")]
    Unreachable {
        /// In plain words.
        reason: String,
    },
    /// The stage's template does not fit this contact.
    #[error("{reason}")]
    Template {
        /// Names the variable and the line where it can.
        reason: String,
    },
    /// The integration is missing or cannot be used.
    #[error("{reason}")]
    Misconfigured {
        /// In plain words.
        reason: String,
    },
}

/// What came of one attempt. Reasons are for the communication's record; they may quote the contact's address, so they
/// do not belong in logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The provider took it.
    Sent {
        /// The provider's name for it, which statuses and answers refer to.
        provider_id: Option<String>,
    },
    /// This contact will not get this message, however often it is tried.
    Rejected {
        /// The provider's code.
        code: Option<String>,
        /// In the provider's words.
        reason: String,
        /// The channels on which nothing should be sent to the address any more, all where the list is empty; none where another
        /// message may reach it.
        suppresses: Option<&'static [ChannelKind]>,
    },
    /// It was surely not taken: too much went to this contact in a short time. It may be tried again, after pauses that grow fast
    /// from a few seconds on.
    TooSoon {
        /// In plain words.
        reason: String,
    },
    /// It was surely not taken, and may be tried again.
    Retry {
        /// Not before this long, where the provider says so.
        after: Option<Duration>,
        /// In plain words.
        reason: String,
    },
    /// The integration is at fault, so every other message through it would fail too: its lane should wait.
    Misconfigured {
        /// In plain words.
        reason: String,
    },
    /// It may or may not have been taken.
    Unknown {
        /// In plain words.
        reason: String,
    },
}

/// An account at a provider, with its secrets in the clear: made for a send, never stored or shown.
#[derive(Debug, Clone)]
pub struct Integration {
    /// Its id.
    pub id: String,
    /// Raised on every change of settings or secrets: connections are kept per version.
    pub version: u64,
    /// What kind of account.
    pub kind: IntegrationKind,
    /// As stored, checked by [`crate::Registry::check_integration`].
    pub settings: Map<String, Value>,
    /// By name, e.g. `password`.
    pub secrets: HashMap<String, SecretString>,
    /// Where they come from.
    pub kept: Kept,
}

impl SendOutcome {
    /// Its name in logs and metrics.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Rejected { .. } => "rejected",
            Self::Retry { .. } | Self::TooSoon { .. } => "retry",
            Self::Misconfigured { .. } => "misconfigured",
            Self::Unknown { .. } => "unknown",
        }
    }
}

impl Integration {
    /// A text setting, or none where it is absent or empty.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A secret in the clear, or none where it is absent or empty.
    pub fn secret(&self, name: &str) -> Option<&str> {
        self.secrets.get(name).map(ExposeSecret::expose_secret).filter(|text| !text.is_empty())
    }
}
