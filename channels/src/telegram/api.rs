//! Calling the Bot API: one request, and what its answer means.

use std::time::Duration;

use serde_json::{Value, json};

use super::settings::method_url;
use crate::{Integration, PollError, SendOutcome, Web, WebAnswer, WebError};

/// A bot that can be called.
pub(super) struct Bot<'a> {
    web: &'a Web,
    integration: &'a Integration,
}

/// Why a method did not do what it was called for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The chat is another one now.
    Moved(i64),
    /// Not for this chat.
    Rejected { code: String, reason: String },
    /// Not now.
    Retry { after: Option<Duration>, reason: String },
    /// Not with this bot.
    Misconfigured(String),
    /// Nobody knows.
    Unknown(String),
}

impl<'a> Bot<'a> {
    /// # Errors
    /// What is wrong with the settings, in one line.
    pub(super) fn new(web: &'a Web, integration: &'a Integration) -> Result<Self, String> {
        method_url(integration, "getMe")?;
        Ok(Self { web, integration })
    }

    /// Sends a text as it is: markup that does not fit together would be refused. Gives the id that answers refer to.
    pub(super) async fn send_message(&self, chat_id: i64, text: &str) -> Result<String, Fault> {
        let sent = self.call("sendMessage", &json!({"chat_id": chat_id, "text": text})).await?;
        let id = sent["message_id"].as_i64();
        id.map(|id| message_name(chat_id, id)).ok_or_else(|| Fault::Unknown("Telegram named no message".to_owned()))
    }

    /// Calls a method and gives its result.
    pub(super) async fn call(&self, method: &str, parameters: &Value) -> Result<Value, Fault> {
        let url = method_url(self.integration, method).map_err(Fault::Misconfigured)?;
        let answer = self.web.call(&url, |client, url| client.post(url).json(parameters)).await?;
        understand(&answer)
    }
}

/// How a message is named: Telegram counts them anew in each chat.
pub(super) fn message_name(chat_id: i64, message_id: i64) -> String {
    format!("{chat_id}:{message_id}")
}

/// Bot API, "Making requests": `ok` says whether it was done, and `error_code` and `parameters` what to do else.
fn understand(answer: &WebAnswer) -> Result<Value, Fault> {
    let mut body = answer.json();
    match body["ok"].as_bool() {
        Some(true) => return Ok(body["result"].take()),
        Some(false) => {}
        None => return Err(no_telegram(answer.status)),
    }
    let code = body["error_code"].as_u64().unwrap_or_else(|| answer.status.into());
    let words: String = body["description"].as_str().unwrap_or("no description").chars().take(300).collect();
    let reason = format!("Telegram answered {code}: {words}");
    if let Some(now) = body["parameters"]["migrate_to_chat_id"].as_i64() {
        return Err(Fault::Moved(now));
    }
    let asked = body["parameters"]["retry_after"].as_u64().map(Duration::from_secs);
    Err(match code {
        429 => Fault::Retry { after: asked.or_else(|| answer.retry_after()), reason },
        // It says itself that nothing was done.
        500.. => Fault::Retry { after: asked, reason },
        401 | 404 => Fault::Misconfigured(format!("{reason} (is secrets.bot_token right?)")),
        409 => Fault::Misconfigured(format!(
            "{reason}: messages can be fetched by one program only, and not while the bot has a webhook; use mode `webhook` or call \
             deleteWebhook"
        )),
        _ => Fault::Rejected { code: code.to_string(), reason },
    })
}

/// Something else stands where Telegram should be, or before it.
fn no_telegram(status: u16) -> Fault {
    let reason = format!("the answer is not Telegram's: HTTP {status}");
    match status {
        429 => Fault::Retry { after: None, reason },
        300..=499 => Fault::Misconfigured(reason),
        _ => Fault::Unknown(reason),
    }
}

impl Fault {
    /// In plain words.
    pub(super) fn reason(self) -> String {
        match self {
            Self::Moved(_) => "Telegram says that the chat has another id".to_owned(),
            Self::Rejected { reason, .. }
            | Self::Retry { reason, .. }
            | Self::Misconfigured(reason)
            | Self::Unknown(reason) => reason,
        }
    }
}

impl From<WebError> for Fault {
    fn from(error: WebError) -> Self {
        let reason = error.to_string();
        match error {
            WebError::Refused(_) => Self::Misconfigured(reason),
            WebError::Unreachable(_) => Self::Retry { after: None, reason },
            WebError::Lost(_) => Self::Unknown(reason),
        }
    }
}

impl From<Fault> for SendOutcome {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Moved(_) => {
                Self::Rejected { code: Some("400".to_owned()), reason: fault.reason(), suppresses: None }
            }
            Fault::Rejected { code, reason } => Self::Rejected { code: Some(code), reason, suppresses: None },
            Fault::Retry { after, reason } => Self::Retry { after, reason },
            Fault::Misconfigured(reason) => Self::Misconfigured { reason },
            Fault::Unknown(reason) => Self::Unknown { reason },
        }
    }
}

impl From<Fault> for PollError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Misconfigured(reason) => Self::Misconfigured(reason),
            other => Self::Passing(other.reason()),
        }
    }
}
