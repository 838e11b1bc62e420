//! Sending through a tenant's mail server, by hand rather than through lettre's transport, because the transport hides
//! what matters: whether an attempt failed before or after the final dot of the message (ENGINE.md, "Ambiguous sends").

mod connect;
mod deliver;
mod fault;
mod pool;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lettre::Address;
use lettre::transport::smtp::client::Certificate;
use serde_json::{Map, Value};
use stratagem_domain::channel::{FieldError, IntegrationKind};

use crate::oauth::Tokens;
use crate::{
    AddressPolicy, CONNECTIONS, Integration, Provider, ReceiveError, Received, SendOutcome, WebhookCall, mail,
};
use connect::Dialler;
use fault::{Failure, Phase};
use pool::{Pool, Pools};
pub(crate) use settings::SmtpSettings;
use settings::check;

/// How long each phase may take, and how many connections are kept.
///
/// RFC 5321 section 4.5.3.2 allows minutes everywhere; a server that drains before a restart cannot wait for those. Only
/// the answer to the final dot gets a long time, because giving up on it leaves an unknown outcome.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// To resolve the host, and again to connect to each of its addresses.
    pub(crate) connect: Duration,
    /// For the greeting with EHLO, and for each later command.
    pub(crate) command: Duration,
    /// For the message and the answer to its final dot.
    pub(crate) message: Duration,
    /// To wait for one of an integration's connections.
    pub(crate) queue: Duration,
    /// Connections per integration.
    pub(crate) connections: usize,
    /// A connection without work is closed after this long.
    pub(crate) idle: Duration,
    /// A connection that rested longer is asked whether it is still alive.
    pub(crate) fresh: Duration,
    /// Messages per connection; servers often allow 100.
    pub(crate) messages: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            command: Duration::from_secs(30),
            message: Duration::from_secs(120),
            queue: Duration::from_secs(30),
            connections: CONNECTIONS,
            idle: Duration::from_secs(60),
            fresh: Duration::from_secs(2),
            messages: 100,
        }
    }
}

/// A message and its envelope. All of it is ASCII.
pub(crate) struct Mail<'a> {
    pub(crate) from: Address,
    pub(crate) to: Address,
    /// Complete, as RFC 5322 has it.
    pub(crate) message: &'a [u8],
}

/// Sends mails through integrations, over connections that it keeps for a while.
pub(crate) struct Mailer {
    dialler: Arc<Dialler>,
    pools: Pools,
}

impl Mailer {
    pub(crate) fn new(policy: AddressPolicy, limits: Limits) -> Self {
        Self::with_roots(policy, limits, Vec::new())
    }

    /// Trusts `roots` beside the system's certificates.
    pub(crate) fn with_roots(policy: AddressPolicy, limits: Limits, roots: Vec<Certificate>) -> Self {
        let tokens = Tokens::new(policy.clone());
        let dialler = Arc::new(Dialler { policy, limits, tokens, roots });
        Self { pools: Pools::new(Arc::clone(&dialler)), dialler }
    }

    /// One attempt.
    pub(crate) async fn send(&self, mail: &Mail<'_>, integration: &Integration) -> SendOutcome {
        let pool = match self.pools.of(integration) {
            Ok(pool) => pool,
            Err(reason) => return SendOutcome::Misconfigured { reason },
        };
        match self.attempt(mail, &pool).await {
            Ok(()) => SendOutcome::Sent { provider_id: None },
            Err(failure) => failure.outcome(),
        }
    }

    async fn attempt(&self, mail: &Mail<'_>, pool: &Arc<Pool>) -> Result<(), Failure> {
        let mut connection = pool.take().await?;
        let mut result = deliver::deliver(&mut connection, mail, &self.dialler.limits).await;
        // The server closed a resting connection just as it was taken up again: nothing was sent, and it says nothing
        // about the message, so it does not count as an attempt.
        if connection.reused && result.as_ref().is_err_and(Failure::is_stale) {
            connection.renew().await?;
            result = deliver::deliver(&mut connection, mail, &self.dialler.limits).await;
        }
        match &result {
            Ok(()) => connection.give_back(false),
            Err(failure) if failure.breaks_connection() => drop(connection),
            Err(failure) => connection.give_back(failure.phase < Phase::Answer),
        }
        result
    }
}

#[async_trait]
impl Provider for Mailer {
    fn kind(&self) -> IntegrationKind {
        IntegrationKind::Smtp
    }

    fn check(&self, settings: &Map<String, Value>, secrets: &[&str]) -> Result<(), Vec<FieldError>> {
        check(settings, secrets)
    }

    /// What a mail server passes on, where it is told to call instead of keeping a mailbox.
    fn receive(&self, call: &WebhookCall<'_>, integration: &Integration) -> Result<Received, ReceiveError> {
        mail::receive(call, integration)
    }

    /// Connects, greets, authenticates and leaves.
    async fn probe(&self, integration: &Integration) -> Result<(), String> {
        let settings = SmtpSettings::of(integration)?;
        let tls = self.dialler.tls(&settings).map_err(|failure| failure.to_string())?;
        let mut connection = self.dialler.open(&settings, tls.as_ref()).await.map_err(|failure| failure.to_string())?;
        connect::leave(&mut connection).await;
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod peers;
#[cfg(test)]
mod tests;
