//! The settings of an `imap` integration (API.md, "Integrations and agents").

use secrecy::SecretString;
use serde_json::{Map, Value};
use stratagem_domain::channel::FieldError;

use crate::Integration;
use crate::dial::Server;
use crate::mail::HOOK_TOKEN;
use crate::oauth::{self, Account};
use crate::settings::{Fields, one_line};

/// Every mail server has it (RFC 3501 section 5.1).
const INBOX: &str = "INBOX";

/// As they are used.
pub(super) struct ImapSettings {
    pub(super) server: Server,
    pub(super) mailbox: String,
    pub(super) login: Login,
}

/// How we say who we are.
pub(super) enum Login {
    /// By a password.
    Password { username: String, password: SecretString },
    /// By an access token.
    Token(Account),
}

impl ImapSettings {
    /// Reads them from an integration.
    ///
    /// # Errors
    /// What is wrong with them, in one line. What [`check`] let pass is never wrong.
    pub(super) fn of(integration: &Integration) -> Result<Self, String> {
        let (server, mailbox) = read(&integration.settings).map_err(one_line)?;
        if oauth::asked_for(&integration.settings) {
            return Ok(Self { server, mailbox, login: Login::Token(Account::of(integration)?) });
        }
        let (Some(username), Some(password)) = (integration.secret("username"), integration.secret("password")) else {
            return Err("username and password are required".to_owned());
        };
        let login = Login::Password { username: username.to_owned(), password: password.into() };
        Ok(Self { server, mailbox, login })
    }
}

/// Checks settings, and the names of the secrets beside them.
///
/// # Errors
/// Every fault.
pub(super) fn check(settings: &Map<String, Value>, secrets: &[&str]) -> Result<(), Vec<FieldError>> {
    let mut errors = read(settings).err().unwrap_or_default();
    if oauth::asked_for(settings) {
        errors.extend(oauth::check_secrets(secrets, &[HOOK_TOKEN]));
        return if errors.is_empty() { Ok(()) } else { Err(errors) };
    }
    for name in secrets.iter().filter(|name| !["username", "password", HOOK_TOKEN].contains(name)) {
        let known = "unknown secret; there are username, password and hook_token";
        errors.push(FieldError::new(format!("secrets.{name}"), known));
    }
    for name in ["username", "password"].into_iter().filter(|name| !secrets.contains(name)) {
        errors.push(FieldError::new(format!("secrets.{name}"), "is required"));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn read(settings: &Map<String, Value>) -> Result<(Server, String), Vec<FieldError>> {
    let mut fields = Fields::new(settings, &[&["host", "port", "tls", "mailbox"], &oauth::SETTINGS[..]].concat());
    let server = Server::read(&mut fields);
    oauth::check(&mut fields, settings);
    let mailbox = fields.text("mailbox").filter(|name| !name.is_empty()).unwrap_or(INBOX);
    if mailbox.len() > 255 || !mailbox.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        fields.wrong("mailbox", "must be ASCII; other names are written in the modified UTF-7 of IMAP");
    }
    let errors = fields.into_errors();
    match server {
        Some(server) if errors.is_empty() => Ok((server, mailbox.to_owned())),
        _ => Err(errors),
    }
}
