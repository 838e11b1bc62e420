//! The settings of an `smtp` integration (API.md, "Integrations and agents").

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use serde_json::{Map, Value};
use stratagem_domain::channel::FieldError;

use crate::Integration;
use crate::dial::{Encryption, Server};
use crate::mail::HOOK_TOKEN;
use crate::oauth::{self, Account};
use crate::settings::{Fields, one_line};

/// As they are used.
#[derive(Clone)]
pub(crate) struct SmtpSettings {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) encryption: Encryption,
    /// Who mails come from, with a display name where there is one.
    pub(crate) from: Mailbox,
    /// Where answers and bounces go, instead of to `from`'s domain.
    pub(crate) reply_domain: Option<String>,
    pub(crate) login: Option<Login>,
}

/// How we say who we are.
#[derive(Clone)]
pub(crate) enum Login {
    /// By a password.
    Password(Credentials),
    /// By an access token.
    Token(Account),
}

impl SmtpSettings {
    /// Reads them from an integration.
    ///
    /// # Errors
    /// What is wrong with them, in one line. What [`check`] let pass is never wrong.
    pub(crate) fn of(integration: &Integration) -> Result<Self, String> {
        let (Server { host, port, encryption }, from, reply_domain) = read(&integration.settings).map_err(one_line)?;
        let login = match (integration.secret("username"), integration.secret("password")) {
            _ if oauth::asked_for(&integration.settings) => Some(Login::Token(Account::of(integration)?)),
            (Some(user), Some(password)) => {
                Some(Login::Password(Credentials::new(user.to_owned(), password.to_owned())))
            }
            (None, None) => None,
            _ => return Err("username and password belong together".to_owned()),
        };
        Ok(Self { host, port, encryption, from, reply_domain, login })
    }
}

/// Checks settings, and the names of the secrets beside them.
///
/// # Errors
/// Every fault.
pub(crate) fn check(settings: &Map<String, Value>, secrets: &[&str]) -> Result<(), Vec<FieldError>> {
    let mut errors = read(settings).err().unwrap_or_default();
    if oauth::asked_for(settings) {
        errors.extend(oauth::check_secrets(secrets, &[HOOK_TOKEN]));
        return if errors.is_empty() { Ok(()) } else { Err(errors) };
    }
    for name in secrets.iter().filter(|name| !["username", "password", HOOK_TOKEN].contains(name)) {
        let known = "unknown secret; there are username, password and hook_token";
        errors.push(FieldError::new(format!("secrets.{name}"), known));
    }
    for (one, other) in [("username", "password"), ("password", "username")] {
        if secrets.contains(&one) && !secrets.contains(&other) {
            errors.push(FieldError::new(format!("secrets.{other}"), format!("is required with {one}")));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn read(settings: &Map<String, Value>) -> Result<(Server, Mailbox, Option<String>), Vec<FieldError>> {
    let known = [&["host", "port", "tls", "from", "reply_domain"], &oauth::SETTINGS[..]].concat();
    let mut fields = Fields::new(settings, &known);
    let server = Server::read(&mut fields);
    oauth::check(&mut fields, settings);
    let from = fields.required_text("from").and_then(|text| {
        let from = text.parse::<Mailbox>().ok();
        let from = from.filter(|from| from.email.to_string().is_ascii() && !text.contains(char::is_control));
        if from.is_none() {
            fields.wrong("from", "must be an e-mail address, or `Name <address>`");
        }
        from
    });
    let reply_domain = fields.text("reply_domain").filter(|domain| !domain.is_empty());
    if let Some(domain) = reply_domain
        && !(domain.is_ascii() && format!("replies@{domain}").parse::<lettre::Address>().is_ok())
    {
        fields.wrong("reply_domain", "is no domain");
    }
    let errors = fields.into_errors();
    match (server, from) {
        (Some(server), Some(from)) if errors.is_empty() => Ok((server, from, reply_domain.map(str::to_owned))),
        _ => Err(errors),
    }
}
