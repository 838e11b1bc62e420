//! Reading a tenant's mailbox: what is new is fetched, and nothing in the mailbox is changed. Each poll has a connection of its own; when
//! there is nothing new, it stays and lets the server tell (IDLE, RFC 2177).

mod cursor;
mod fetch;
mod guard;
mod session;
mod settings;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use rustls::pki_types::CertificateDer;
use serde_json::{Map, Value};
use stratagem_domain::channel::{FieldError, IntegrationKind};

use crate::oauth::Tokens;
use crate::{AddressPolicy, Integration, PollError, Polled, Provider, ReceiveError, Received, WebhookCall, mail};
use settings::ImapSettings;

/// How long each step may take.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// To resolve the host, to connect to each of its addresses, and to encrypt.
    pub(crate) connect: Duration,
    /// For each command.
    pub(crate) command: Duration,
    /// For a batch of mails.
    pub(crate) transfer: Duration,
    /// A server that tells nothing is asked this often: a connection that died says nothing either.
    pub(crate) silence: Duration,
    /// As `silence`, of a server without IDLE.
    pub(crate) interval: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            command: Duration::from_secs(30),
            transfer: Duration::from_secs(120),
            silence: Duration::from_secs(60),
            interval: Duration::from_secs(20),
        }
    }
}

/// The provider of [`IntegrationKind::Imap`].
pub(crate) struct Mailboxes {
    policy: AddressPolicy,
    limits: Limits,
    /// Access tokens of accounts without a password.
    tokens: Tokens,
    /// Trusted beside the system's.
    roots: Vec<CertificateDer<'static>>,
}

impl Mailboxes {
    pub(crate) fn new(policy: AddressPolicy, limits: Limits) -> Self {
        Self::with_roots(policy, limits, Vec::new())
    }

    /// Trusts `roots` beside the system's certificates.
    pub(crate) fn with_roots(policy: AddressPolicy, limits: Limits, roots: Vec<CertificateDer<'static>>) -> Self {
        Self { tokens: Tokens::new(policy.clone()), policy, limits, roots }
    }
}

#[async_trait]
impl Provider for Mailboxes {
    fn kind(&self) -> IntegrationKind {
        IntegrationKind::Imap
    }

    fn check(&self, settings: &Map<String, Value>, secrets: &[&str]) -> Result<(), Vec<FieldError>> {
        settings::check(settings, secrets)
    }

    /// Connects, logs in, opens the mailbox and leaves.
    async fn probe(&self, integration: &Integration) -> Result<(), String> {
        let settings = ImapSettings::of(integration)?;
        let opened = self.open(&settings).await.map_err(|error| error.to_string())?;
        opened.leave(&self.limits).await;
        Ok(())
    }

    fn receive(&self, call: &WebhookCall<'_>, integration: &Integration) -> Result<Received, ReceiveError> {
        mail::receive(call, integration)
    }

    fn polls(&self, _: &Integration) -> bool {
        true
    }

    async fn poll(&self, integration: &Integration, cursor: Option<&str>, wait: Duration) -> Result<Polled, PollError> {
        let settings = ImapSettings::of(integration).map_err(PollError::Misconfigured)?;
        let opened = self.open(&settings).await?;
        fetch::poll(opened, cursor, wait, &self.limits, &integration.id).await
    }
}

#[cfg(test)]
mod peer;
#[cfg(test)]
pub(crate) use peer::Dovecot;
#[cfg(test)]
mod tests;
