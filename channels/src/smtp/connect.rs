//! Opening a connection: resolve, check the address, dial that address, encrypt, greet, authenticate.

use std::net::SocketAddr;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;
use tokio::time::timeout;

use super::Limits;
use super::fault::{Failure, Fault, Phase};
use super::settings::{Login, SmtpSettings};
use crate::AddressPolicy;
use crate::dial::{self, Encryption, NotDialled};
use crate::oauth::{Account, TokenError, Tokens};

/// A farewell that takes longer is not waited for.
const FAREWELL: Duration = Duration::from_secs(2);

/// What opens connections.
pub(super) struct Dialler {
    pub(super) policy: AddressPolicy,
    pub(super) limits: Limits,
    /// Access tokens of accounts without a password.
    pub(super) tokens: Tokens,
    /// Trusted beside the system's.
    pub(super) roots: Vec<Certificate>,
}

impl Dialler {
    /// What TLS needs. Reads the system's certificates, so it is made once per pool.
    ///
    /// # Errors
    /// The certificates cannot be used.
    pub(super) fn tls(&self, settings: &SmtpSettings) -> Result<Option<TlsParameters>, Failure> {
        if settings.encryption == Encryption::None {
            return Ok(None);
        }
        let host = settings.host.trim_start_matches('[').trim_end_matches(']');
        let builder = TlsParameters::builder(host.to_owned());
        let builder = self.roots.iter().cloned().fold(builder, |builder, root| builder.add_root_certificate(root));
        builder.build().map(Some).map_err(|error| Failure::new(Phase::Connect, error))
    }

    /// A connection that is ready for `MAIL FROM`.
    ///
    /// # Errors
    /// All of them are of [`Phase::Connect`].
    pub(super) async fn open(
        &self,
        settings: &SmtpSettings,
        tls: Option<&TlsParameters>,
    ) -> Result<AsyncSmtpConnection, Failure> {
        self.establish(settings, tls).await.map_err(|fault| Failure::new(Phase::Connect, fault))
    }

    async fn establish(
        &self,
        settings: &SmtpSettings,
        tls: Option<&TlsParameters>,
    ) -> Result<AsyncSmtpConnection, Fault> {
        let addresses = dial::addresses(&self.policy, &settings.host, settings.port, self.limits.connect).await?;
        let mut last = Fault::Broken(format!("{} has no address", settings.host));
        for address in addresses {
            match self.greet(address, settings.encryption, tls).await {
                Ok(mut connection) => {
                    self.authenticate(&mut connection, settings).await?;
                    return Ok(connection);
                }
                Err(fault @ (Fault::Broken(_) | Fault::TimedOut)) => last = fault,
                Err(fault) => return Err(fault),
            }
        }
        Err(last)
    }

    /// Connects to exactly `address`, encrypts as asked, and says EHLO.
    async fn greet(
        &self,
        address: SocketAddr,
        encryption: Encryption,
        tls: Option<&TlsParameters>,
    ) -> Result<AsyncSmtpConnection, Fault> {
        let hello = ClientId::default();
        if encryption == Encryption::Implicit {
            // lettre offers no way to wrap a stream of ours from the first byte on; given an address it dials that one.
            let greeted =
                AsyncSmtpConnection::connect_tokio1(address, Some(self.limits.connect), &hello, tls.cloned(), None);
            return within(self.limits.connect + self.limits.command, greeted).await;
        }
        let stream = dial::connect(address, self.limits.connect).await?;
        let greeted = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello);
        let mut connection = within(self.limits.command, greeted).await?;
        if let Some(tls) = tls {
            if !connection.can_starttls() {
                return Err(Fault::Unusable("the server does not offer STARTTLS".to_owned()));
            }
            within(self.limits.command, connection.starttls(tls.clone(), &hello)).await?;
        }
        Ok(connection)
    }

    async fn authenticate(&self, connection: &mut AsyncSmtpConnection, settings: &SmtpSettings) -> Result<(), Fault> {
        match &settings.login {
            None => Ok(()),
            Some(Login::Password(credentials)) => {
                let mechanisms = [Mechanism::Plain, Mechanism::Login];
                within(self.limits.command, connection.auth(&mechanisms, credentials)).await.map(drop)
            }
            Some(Login::Token(account)) => self.show_token(connection, account).await,
        }
    }

    async fn show_token(&self, connection: &mut AsyncSmtpConnection, account: &Account) -> Result<(), Fault> {
        if !connection.server_info().supports_auth_mechanism(Mechanism::Xoauth2) {
            return Err(Fault::Unusable("the server does not offer XOAUTH2".to_owned()));
        }
        let token = self.tokens.of(account).await?;
        let credentials = Credentials::new(account.username.clone(), token.expose_secret().to_owned());
        let shown = within(self.limits.command, connection.auth(&[Mechanism::Xoauth2], &credentials)).await;
        match shown {
            Ok(_) => Ok(()),
            Err(fault @ (Fault::Broken(_) | Fault::TimedOut | Fault::Reply { code: 400..=499, .. })) => Err(fault),
            // Some servers refuse it by a question, to which there is no answer.
            Err(_) => {
                self.tokens.forget(account).await;
                Err(Fault::Unusable("the server does not take the access token".to_owned()))
            }
        }
    }
}

impl From<TokenError> for Fault {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Misconfigured(reason) => Self::Unusable(reason),
            TokenError::Passing(reason) => Self::Broken(reason),
        }
    }
}

impl From<NotDialled> for Fault {
    fn from(error: NotDialled) -> Self {
        match error {
            NotDialled::Refused(reason) => Self::Unusable(reason),
            NotDialled::Failed(reason) => Self::Broken(reason),
            NotDialled::TimedOut => Self::TimedOut,
        }
    }
}

/// Waits for a step of the conversation, but not too long.
pub(super) async fn within<T>(
    limit: Duration,
    step: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Result<T, Fault> {
    match timeout(limit, step).await {
        Ok(result) => result.map_err(Fault::from),
        Err(_) => Err(Fault::TimedOut),
    }
}

/// Says QUIT, and does not insist.
pub(super) async fn leave(connection: &mut AsyncSmtpConnection) {
    let _ = timeout(FAREWELL, connection.quit()).await;
}
