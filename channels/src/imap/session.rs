//! Opening a mailbox: resolve, check the address, dial that address, encrypt, log in, select.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use async_imap::error::{Error, Result as ImapResult};
use async_imap::types::Mailbox;
use async_imap::{Authenticator, Client, Session};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use super::settings::{ImapSettings, Login};
use super::wire::Wire;
use super::{Limits, Mailboxes};
use crate::PollError;
use crate::dial::{self, Encryption, NotDialled};
use crate::oauth::TokenError;

/// A farewell that takes longer is not waited for.
const FAREWELL: Duration = Duration::from_secs(2);
/// Texts of a server are cut here, in characters.
const MAX_REASON: usize = 300;

/// A mailbox that is open for reading.
pub(super) struct Opened {
    pub(super) session: Session<Wire>,
    pub(super) mailbox: Mailbox,
    /// The server tells of new mails by itself.
    pub(super) idles: bool,
}

impl Opened {
    /// Says LOGOUT, and does not insist.
    pub(super) async fn leave(mut self, limits: &Limits) {
        let _ = timeout(FAREWELL.min(limits.command), self.session.logout()).await;
    }
}

impl Mailboxes {
    /// Logs in and opens the mailbox.
    ///
    /// # Errors
    /// Whether the settings are at fault or just the moment.
    pub(super) async fn open(&self, settings: &ImapSettings) -> Result<Opened, PollError> {
        let limit = self.limits.command;
        let client = self.client(settings).await?;
        let mut session = self.log_in(client, &settings.login).await?;
        let capabilities = within(limit, session.capabilities()).await?;
        let idles = capabilities.has_str("IDLE");
        // Not SELECT, which would take the marks of what is new from those who read the same mailbox.
        let mailbox = match timeout(limit, session.examine(&settings.mailbox)).await {
            Ok(Ok(mailbox)) => mailbox,
            Ok(Err(error)) => return Err(refused("mailbox", &error)),
            Err(_) => return Err(late()),
        };
        Ok(Opened { session, mailbox, idles })
    }

    async fn log_in(&self, client: Client<Wire>, login: &Login) -> Result<Session<Wire>, PollError> {
        let limit = self.limits.command;
        let shown = match login {
            Login::Password { username, password } => {
                timeout(limit, client.login(username, password.expose_secret())).await
            }
            Login::Token(account) => {
                let token = self.tokens.of(account).await?;
                let bearer =
                    Bearer(Some(format!("user={}\x01auth=Bearer {}\x01\x01", account.username, token.expose_secret())));
                timeout(limit, client.authenticate("XOAUTH2", bearer)).await
            }
        };
        match shown {
            Ok(Ok(session)) => Ok(session),
            Ok(Err((error, _))) => {
                if let Login::Token(account) = login {
                    self.tokens.forget(account).await;
                }
                Err(refused("login", &error))
            }
            Err(_) => Err(late()),
        }
    }

    /// A client whose greeting was heard, encrypted as asked.
    async fn client(&self, settings: &ImapSettings) -> Result<Client<Wire>, PollError> {
        let server = &settings.server;
        let addresses = dial::addresses(&self.policy, &server.host, server.port, self.limits.connect).await?;
        let mut last = PollError::Passing(format!("{} has no address", server.host));
        for address in addresses {
            match self.greeted(address, settings).await {
                Ok(client) => return Ok(client),
                Err(error @ PollError::Passing(_)) => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    async fn greeted(&self, address: SocketAddr, settings: &ImapSettings) -> Result<Client<Wire>, PollError> {
        let limit = self.limits.command;
        let encryption = settings.server.encryption;
        let mut wire = Wire::clear(dial::connect(address, self.limits.connect).await?);
        if encryption == Encryption::Implicit {
            wire = self.encrypted(wire, settings).await?;
        }
        let mut client = Client::new(wire);
        let greeting = timeout(limit, client.read_response()).await.map_err(|_| late())?;
        if greeting.map_err(|error| passing(&error.into()))?.is_none() {
            return Err(PollError::Passing("the server hung up".to_owned()));
        }
        if encryption == Encryption::StartTls {
            match timeout(limit, client.run_command_and_check_ok("STARTTLS", None)).await {
                Ok(Ok(())) => {}
                Ok(Err(Error::No(_) | Error::Bad(_))) => {
                    return Err(PollError::Misconfigured("the server does not offer STARTTLS".to_owned()));
                }
                Ok(Err(error)) => return Err(passing(&error)),
                Err(_) => return Err(late()),
            }
            // What came before the handshake is thrown away with the client.
            client = Client::new(self.encrypted(client.into_inner(), settings).await?);
        }
        Ok(client)
    }

    async fn encrypted(&self, wire: Wire, settings: &ImapSettings) -> Result<Wire, PollError> {
        match timeout(self.limits.connect, wire.encrypt(&settings.server.host, &self.roots)).await {
            Ok(Ok(wire)) => Ok(wire),
            Ok(Err(error)) if is_tls(&error) => {
                Err(PollError::Misconfigured(format!("TLS: {}", tidy(&error.to_string()))))
            }
            Ok(Err(error)) => Err(passing(&error.into())),
            Err(_) => Err(late()),
        }
    }
}

/// Says it once. A server that does not take it asks once more, and wants an empty answer before it says no.
struct Bearer(Option<String>);

impl Authenticator for Bearer {
    type Response = String;

    fn process(&mut self, _: &[u8]) -> String {
        self.0.take().unwrap_or_default()
    }
}

/// Waits for a step of the conversation, but not too long.
pub(super) async fn within<T>(limit: Duration, step: impl Future<Output = ImapResult<T>>) -> Result<T, PollError> {
    match timeout(limit, step).await {
        Ok(result) => result.map_err(|error| passing(&error)),
        Err(_) => Err(late()),
    }
}

/// The server says no to what the settings hold. Some answers only mean this moment (RFC 5530).
fn refused(what: &str, error: &Error) -> PollError {
    let Error::No(reason) = error else { return passing(error) };
    let reason = tidy(reason);
    let upper = reason.to_ascii_uppercase();
    if ["UNAVAILABLE", "INUSE", "SERVERBUG", "LIMIT", "TOO MANY"].iter().any(|word| upper.contains(word)) {
        return PollError::Passing(reason);
    }
    PollError::Misconfigured(format!("{what}: {reason}"))
}

pub(super) fn passing(error: &Error) -> PollError {
    PollError::Passing(match error {
        // Its text would repeat what the server sent.
        Error::Parse(_) => "the server's answer is no IMAP".to_owned(),
        other => tidy(&other.to_string()),
    })
}

fn late() -> PollError {
    PollError::Passing("the server took too long to answer".to_owned())
}

fn is_tls(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<rustls::Error>() || inner.is::<rustls::pki_types::InvalidDnsNameError>())
}

/// Server's texts end up in records and consoles: no control characters, and not too long.
fn tidy(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_REASON).collect()
}

impl From<TokenError> for PollError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Misconfigured(reason) => Self::Misconfigured(reason),
            TokenError::Passing(reason) => Self::Passing(reason),
        }
    }
}

impl From<NotDialled> for PollError {
    fn from(error: NotDialled) -> Self {
        match error {
            NotDialled::Refused(reason) => Self::Misconfigured(reason),
            NotDialled::Failed(_) | NotDialled::TimedOut => Self::Passing(error.to_string()),
        }
    }
}
