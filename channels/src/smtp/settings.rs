//! The settings of an `smtp` integration (API.md, "Integrations and agents").

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use serde_json::{Map, Value};
use stratagem_domain::channel::FieldError;

use crate::Integration;
use crate::settings::Fields;

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// Not at all. With a password it goes over the wire in the clear: for servers on the same machine or network.
    None,
    /// By `STARTTLS`. A server that does not offer it gets nothing.
    StartTls,
    /// From the first byte (port 465).
    Implicit,
}

/// As they are used.
#[derive(Clone)]
pub(crate) struct SmtpSettings {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) encryption: Encryption,
    /// Who mails come from, with a display name where there is one.
    pub(crate) from: Mailbox,
    pub(crate) credentials: Option<Credentials>,
}

impl SmtpSettings {
    /// Reads them from an integration.
    ///
    /// # Errors
    /// What is wrong with them, in one line. What [`check`] let pass is never wrong.
    pub(crate) fn of(integration: &Integration) -> Result<Self, String> {
        let (host, port, encryption, from) = read(&integration.settings).map_err(one_line)?;
        let credentials = match (integration.secret("username"), integration.secret("password")) {
            (Some(user), Some(password)) => Some(Credentials::new(user.to_owned(), password.to_owned())),
            (None, None) => None,
            _ => return Err("username and password belong together".to_owned()),
        };
        Ok(Self { host, port, encryption, from, credentials })
    }
}

/// Checks settings, and the names of the secrets beside them.
///
/// # Errors
/// Every fault.
pub(crate) fn check(settings: &Map<String, Value>, secrets: &[&str]) -> Result<(), Vec<FieldError>> {
    let mut errors = read(settings).err().unwrap_or_default();
    for name in secrets.iter().filter(|name| !["username", "password"].contains(name)) {
        errors.push(FieldError::new(format!("secrets.{name}"), "unknown secret; there are username and password"));
    }
    for (one, other) in [("username", "password"), ("password", "username")] {
        if secrets.contains(&one) && !secrets.contains(&other) {
            errors.push(FieldError::new(format!("secrets.{other}"), format!("is required with {one}")));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn read(settings: &Map<String, Value>) -> Result<(String, u16, Encryption, Mailbox), Vec<FieldError>> {
    let mut fields = Fields::new(settings, &["host", "port", "tls", "from", "reply_domain"]);
    let host = fields.required_text("host").filter(|host| {
        let fits = host.len() <= 253 && host.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:[]".contains(c));
        if !fits {
            fields.wrong("host", "is no host name or address");
        }
        fits
    });
    let port = fields.required("port").and_then(|value| {
        let port = value.as_u64().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
        if port.is_none() {
            fields.wrong("port", "must be a number from 1 to 65535");
        }
        port
    });
    let tls = fields.required_text("tls").and_then(|name| match name {
        "none" => Some(Encryption::None),
        "starttls" => Some(Encryption::StartTls),
        "tls" => Some(Encryption::Implicit),
        _ => {
            fields.wrong("tls", "must be `none`, `starttls` or `tls`");
            None
        }
    });
    let from = fields.required_text("from").and_then(|text| {
        let from = text.parse::<Mailbox>().ok();
        let from = from.filter(|from| from.email.to_string().is_ascii() && !text.contains(char::is_control));
        if from.is_none() {
            fields.wrong("from", "must be an e-mail address, or `Name <address>`");
        }
        from
    });
    if let Some(domain) = fields.text("reply_domain")
        && format!("replies@{domain}").parse::<lettre::Address>().is_err()
    {
        fields.wrong("reply_domain", "is no domain");
    }
    let errors = fields.into_errors();
    match (host, port, tls, from) {
        (Some(host), Some(port), Some(tls), Some(from)) if errors.is_empty() => Ok((host.to_owned(), port, tls, from)),
        _ => Err(errors),
    }
}

fn one_line(errors: Vec<FieldError>) -> String {
    errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect::<Vec<_>>().join("; ")
}
