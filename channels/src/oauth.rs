//! Mail accounts without a password (Google, Microsoft): an access token, got from the provider's token endpoint and shown to the mail
//! server by XOAUTH2. It is got with the account's refresh token (RFC 6749 section 6), or, where there is none, with the client's own
//! secret (section 4.4), which at Microsoft does not expire with the person who agreed.
//!
//! An answer may bring another refresh token, after which some providers do not know the one of before any more: it is kept in its
//! place before the access token is used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use stratagem_domain::channel::FieldError;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;
use url::Url;

use crate::settings::Fields;
use crate::{AddressPolicy, Integration, Kept, Web, WebAnswer, WebError};

/// The settings that come to those of a mail account.
pub(crate) const SETTINGS: [&str; 4] = ["auth", "token_url", "client_id", "scope"];

const REFRESH_TOKEN: &str = "refresh_token";
const PASSWORD: &str = "password";
const XOAUTH2: &str = "xoauth2";
/// How long the token endpoint's answer may take.
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// A token that is good for less is not used any more: a connection takes a while to be opened.
const RESERVE: Duration = Duration::from_secs(60);
/// How long a token is taken to be good whose answer does not say so (RFC 6749 section 5.1 only recommends it).
const USUAL: Duration = Duration::from_secs(300);
/// No token is kept for longer, whatever an answer says.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// An endpoint's words are cut here, in characters.
const MAX_REASON: usize = 300;

/// What a token is got for, and with.
#[derive(Clone)]
pub(crate) struct Account {
    /// The integration's id and version: another version has another token.
    key: (String, u64),
    /// Whose mailbox.
    pub(crate) username: String,
    token_url: Url,
    client_id: String,
    client_secret: Option<SecretString>,
    /// As it was when the account was read.
    refresh_token: Option<SecretString>,
    kept: Kept,
    scope: Option<String>,
}

/// Why there is no token. Texts hold no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// It may work in a while.
    Passing(String),
    /// It will not work until somebody changes a setting, or agrees anew.
    Misconfigured(String),
}

impl From<WebError> for TokenError {
    fn from(error: WebError) -> Self {
        match error {
            WebError::Refused(reason) => Self::Misconfigured(format!("settings.token_url: {reason}")),
            WebError::Unreachable(reason) | WebError::Lost(reason) => Self::Passing(reason),
        }
    }
}

/// Whether these settings ask for tokens.
pub(crate) fn asked_for(settings: &Map<String, Value>) -> bool {
    settings.get("auth").is_some_and(|auth| auth == XOAUTH2)
}

/// Checks [`SETTINGS`] among those of an account.
pub(crate) fn check(fields: &mut Fields<'_>, settings: &Map<String, Value>) {
    fields.one_of("auth", &[PASSWORD, XOAUTH2]);
    if asked_for(settings) {
        if fields.required_text("token_url").is_some() {
            fields.web_address("token_url", "");
        }
        fields.required_text("client_id");
        fields.text("scope");
        return;
    }
    for name in SETTINGS.into_iter().skip(1).filter(|name| settings.get(*name).is_some_and(|value| !value.is_null())) {
        fields.wrong(name, "is there for `\"auth\": \"xoauth2\"` only");
    }
}

/// Checks the names of the secrets of an account whose settings ask for tokens; `others` are those that it may have besides.
pub(crate) fn check_secrets(secrets: &[&str], others: &[&str]) -> Vec<FieldError> {
    let known = [&["username", REFRESH_TOKEN, "client_secret"], others].concat();
    let mut errors = crate::settings::check_secrets(secrets, &known, &["username"]);
    if ![REFRESH_TOKEN, "client_secret"].iter().any(|name| secrets.contains(name)) {
        errors.push(FieldError::new("secrets.refresh_token", "is required, or else client_secret alone"));
    }
    errors
}

impl Account {
    /// Reads it from an integration whose settings ask for tokens.
    ///
    /// # Errors
    /// What is wrong, in one line. What the checks let pass is never wrong.
    pub(crate) fn of(integration: &Integration) -> Result<Self, String> {
        let secret = |name: &str| integration.secret(name).map(SecretString::from);
        let text = |name: &str| integration.setting(name).map(str::to_owned);
        let url = text("token_url").and_then(|url| url.trim_end_matches('/').parse().ok());
        let account = Self {
            key: (integration.id.clone(), integration.version),
            username: integration.secret("username").ok_or("secrets.username is required")?.to_owned(),
            token_url: url.ok_or("settings.token_url is no address of a web server")?,
            client_id: text("client_id").ok_or("settings.client_id is required")?,
            client_secret: secret("client_secret"),
            refresh_token: secret(REFRESH_TOKEN),
            kept: integration.kept.clone(),
            scope: text("scope"),
        };
        if account.refresh_token.is_none() && account.client_secret.is_none() {
            return Err("secrets.refresh_token is required, or else client_secret alone".to_owned());
        }
        Ok(account)
    }

    /// The refresh token as it is now.
    async fn current(&self) -> Result<Option<SecretString>, TokenError> {
        match &self.kept.0 {
            Some(keeper) => keeper.read(REFRESH_TOKEN).await.map_err(TokenError::Passing),
            None => Ok(self.refresh_token.clone()),
        }
    }

    /// Keeps what came with an access token.
    async fn keep(&self, shown: Option<&SecretString>, given: &Given) -> Result<(), TokenError> {
        match (&self.kept.0, shown, &given.refresh_token) {
            (Some(keeper), Some(old), Some(new)) if !same(shown, Some(new)) => {
                keeper.exchange(REFRESH_TOKEN, old, new).await.map_err(TokenError::Passing)
            }
            _ => Ok(()),
        }
    }

    /// The request's form.
    fn form<'a>(&'a self, refresh_token: Option<&'a SecretString>) -> Vec<(&'static str, &'a str)> {
        let mut form = vec![("client_id", self.client_id.as_str())];
        match refresh_token {
            Some(token) => form.extend([("grant_type", REFRESH_TOKEN), (REFRESH_TOKEN, token.expose_secret())]),
            None => form.push(("grant_type", "client_credentials")),
        }
        form.extend(self.client_secret.as_ref().map(|secret| ("client_secret", secret.expose_secret())));
        form.extend(self.scope.as_ref().map(|scope| ("scope", scope.as_str())));
        form
    }
}

/// A token, and until when it is used.
struct Held {
    token: SecretString,
    until: Instant,
}

/// Held by whoever asks for the account's token, so that many connections that open at once ask for one.
type Place = Arc<Mutex<Option<Held>>>;

/// The access tokens of all accounts, in memory alone.
pub(crate) struct Tokens {
    web: Web,
    places: StdMutex<HashMap<String, (u64, Place)>>,
}

impl Tokens {
    pub(crate) fn new(policy: AddressPolicy) -> Self {
        Self { web: Web::new(policy, TIME_LIMIT), places: StdMutex::default() }
    }

    /// The account's access token.
    ///
    /// # Errors
    /// Whether the account is at fault or just the moment.
    pub(crate) async fn of(&self, account: &Account) -> Result<SecretString, TokenError> {
        let held = self.place(account).lock_owned().await;
        if let Some(held) = held.as_ref().filter(|held| Instant::now() < held.until) {
            return Ok(held.token.clone());
        }
        // Whoever asks may go away; what the provider gives is kept all the same.
        let renewed = tokio::spawn(renew(self.web.clone(), account.clone(), held)).await;
        renewed.unwrap_or_else(|_| Err(TokenError::Passing("the server is stopping".to_owned())))
    }

    /// Forgets the account's token, which a server did not take: the next attempt gets another.
    pub(crate) async fn forget(&self, account: &Account) {
        *self.place(account).lock().await = None;
    }

    fn place(&self, account: &Account) -> Place {
        let (id, version) = &account.key;
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, place) = places.entry(id.clone()).or_default();
        if known != version {
            (*known, *place) = (*version, Place::default());
        }
        place.clone()
    }
}

async fn renew(
    web: Web,
    account: Account,
    mut held: OwnedMutexGuard<Option<Held>>,
) -> Result<SecretString, TokenError> {
    let mut shown = account.current().await?;
    let mut given = ask(&web, &account, shown.as_ref()).await;
    if let Err(TokenError::Misconfigured(_)) = &given {
        // Another server may have been given another one meanwhile.
        let now = account.current().await?;
        if !same(now.as_ref(), shown.as_ref()) {
            given = ask(&web, &account, now.as_ref()).await;
            shown = now;
        }
    }
    let given = given?;
    account.keep(shown.as_ref(), &given).await?;
    *held = Some(Held { token: given.token.clone(), until: Instant::now() + given.lasts.saturating_sub(RESERVE) });
    Ok(given.token)
}

fn same(one: Option<&SecretString>, other: Option<&SecretString>) -> bool {
    one.map(ExposeSecret::expose_secret) == other.map(ExposeSecret::expose_secret)
}

async fn ask(web: &Web, account: &Account, refresh_token: Option<&SecretString>) -> Result<Given, TokenError> {
    let form = account.form(refresh_token);
    read(&web.call(&account.token_url, |client, url| client.post(url).form(&form)).await?)
}

/// What a token endpoint gives.
struct Given {
    token: SecretString,
    lasts: Duration,
    refresh_token: Option<SecretString>,
}

/// RFC 6749, sections 5.1 and 5.2.
fn read(answer: &WebAnswer) -> Result<Given, TokenError> {
    let body = answer.json();
    let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty());
    if answer.is_success() {
        // What a header or a command cannot hold is no token.
        let token = text("access_token").filter(|token| token.bytes().all(|byte| byte.is_ascii_graphic()));
        let token = token.ok_or_else(|| TokenError::Passing("the token endpoint gave no access token".to_owned()))?;
        let lasts = body["expires_in"].as_u64().or_else(|| body["expires_in"].as_str()?.parse().ok());
        return Ok(Given {
            token: token.into(),
            lasts: lasts.map_or(USUAL, Duration::from_secs).min(LONGEST),
            refresh_token: text(REFRESH_TOKEN).map(Into::into),
        });
    }
    let said = [text("error"), text("error_description")].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let said: String = said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_REASON).collect();
    let reason = match said.as_str() {
        "" => format!("the token endpoint answered with HTTP status {}", answer.status),
        said => format!("the token endpoint gives no access token: {said}"),
    };
    let passing = answer.status == 429
        || answer.status >= 500
        || matches!(text("error"), Some("temporarily_unavailable" | "server_error" | "slow_down"));
    Err(if passing { TokenError::Passing(reason) } else { TokenError::Misconfigured(reason) })
}

#[cfg(test)]
mod tests;
