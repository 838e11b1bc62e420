//! The channels and integrations that there are, by name.

use serde::{Deserialize, Serialize};

/// A way to reach a contact. Stages name one; an adapter in `channels/` stands behind each that can send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// One-way e-mail.
    EmailNotification,
    /// Two-way e-mail, held by an agent.
    EmailCommunication,
    /// WhatsApp through Meta's Cloud API.
    WhatsappMeta,
    /// WhatsApp through Bird (MessageBird).
    WhatsappBird,
    /// Telegram bot.
    Telegram,
    /// Phone call over SIP.
    Sip,
    /// Phone call through Twilio.
    Twilio,
    /// A person of the tenant's handles it.
    Human,
    /// Ends the sequence: nothing is sent.
    None,
}

impl ChannelKind {
    /// Every channel, in the order of the specification.
    pub const ALL: [Self; 9] = [
        Self::EmailNotification,
        Self::EmailCommunication,
        Self::WhatsappMeta,
        Self::WhatsappBird,
        Self::Telegram,
        Self::Sip,
        Self::Twilio,
        Self::Human,
        Self::None,
    ];

    /// Its name in the API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EmailNotification => "email_notification",
            Self::EmailCommunication => "email_communication",
            Self::WhatsappMeta => "whatsapp_meta",
            Self::WhatsappBird => "whatsapp_bird",
            Self::Telegram => "telegram",
            Self::Sip => "sip",
            Self::Twilio => "twilio",
            Self::Human => "human",
            Self::None => "none",
        }
    }

    /// The channel of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == name)
    }

    /// Channels whose conversations are calls: they hold a seat of their agent as long as they last.
    pub const CALLS: [Self; 2] = [Self::Sip, Self::Twilio];
}

impl std::fmt::Display for ChannelKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An account at a provider, or a server of the tenant's, that channels and agents send and receive through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationKind {
    /// A mail server to send through.
    Smtp,
    /// A mailbox to read replies from.
    Imap,
    /// Meta's WhatsApp Cloud API.
    WhatsappMeta,
    /// Bird's WhatsApp channel.
    WhatsappBird,
    /// A Telegram bot.
    Telegram,
    /// A Twilio account.
    Twilio,
    /// A SIP trunk.
    Sip,
    /// An OpenAI-compatible model endpoint.
    Llm,
}

impl IntegrationKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Smtp,
        Self::Imap,
        Self::WhatsappMeta,
        Self::WhatsappBird,
        Self::Telegram,
        Self::Twilio,
        Self::Sip,
        Self::Llm,
    ];

    /// Its name in the API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Imap => "imap",
            Self::WhatsappMeta => "whatsapp_meta",
            Self::WhatsappBird => "whatsapp_bird",
            Self::Telegram => "telegram",
            Self::Twilio => "twilio",
            Self::Sip => "sip",
            Self::Llm => "llm",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == name)
    }
}

impl std::fmt::Display for IntegrationKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that is wrong with a setting, a column or a request's field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Path of the field, e.g. `settings.subject`.
    pub field: String,
    /// What is wrong, in plain words.
    pub message: String,
}

impl FieldError {
    /// An error at `field`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}
