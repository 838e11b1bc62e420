//! Telegram: a bot of the tenant's writes with contacts who have followed its link.
//!
//! A bot cannot write first. A contact follows `https://t.me/<bot>?start=<token>` ([`deep_link`]) and presses Start; the bot hears the
//! token ([`crate::Event::Linked`]), and from then on the chat is how the contact is known.

mod api;
mod provider;
mod settings;
mod updates;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stratagem_domain::channel::{ChannelKind, FieldError, IntegrationKind};

use self::api::{Bot, Fault};
pub use self::settings::deep_link;
use crate::settings::Fields;
use crate::split::split;
use crate::template::{self, Format, Templates};
use crate::{Ambiguity, Channel, Content, Draft, Integration, PrepareError, Prepared, SendOutcome, Traits, Web};

/// A message's longest text, in UTF-16 code units (Bot API, sendMessage).
const MAX_TEXT: usize = 4_096;

/// The adapter of [`ChannelKind::Telegram`], and what stands behind its integrations.
///
/// Stage settings, none required: `text`, a template of the opening message; without it a short greeting. `start_state`, where the
/// agent begins.
pub(crate) struct Telegram {
    web: Web,
    templates: Templates,
}

/// What [`Prepared::payload`] is, as JSON.
#[derive(Serialize, Deserialize)]
struct Message {
    chat_id: i64,
    /// None longer than [`MAX_TEXT`], and none blank, which Telegram refuses.
    parts: Vec<String>,
}

impl Telegram {
    pub(crate) fn new(web: Web) -> Self {
        Self { web, templates: Templates::new() }
    }

    fn opening(&self, draft: &Draft<'_>) -> Result<String, PrepareError> {
        let Some(source) = draft.settings.get("text").and_then(Value::as_str) else {
            let name = draft.scope["contact"]["name"].as_str().unwrap_or_default().trim();
            return Ok(if name.is_empty() { "Hello!".to_owned() } else { format!("Hello {name}!") });
        };
        let scope = template::scope(draft.scope);
        let rendered = self.templates.render("text", source, Format::Text, &scope);
        rendered.map_err(|reason| PrepareError::Template { reason })
    }
}

#[async_trait]
impl Channel for Telegram {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Telegram
    }

    fn traits(&self) -> Traits {
        Traits {
            one_way: false,
            needs_agent: true,
            integration: Some(IntegrationKind::Telegram),
            ambiguity: Ambiguity::AtMostOnce,
            sends: true,
            voice: false,
        }
    }

    fn check_settings(&self, settings: &Map<String, Value>) -> Result<(), Vec<FieldError>> {
        let mut fields = Fields::of_messages(settings, &["text", "start_state"]);
        fields.template("text", &self.templates);
        fields.text("start_state");
        fields.finish()
    }

    fn prepare(&self, draft: &Draft<'_>) -> Result<Prepared, PrepareError> {
        let misconfigured = |reason: String| PrepareError::Misconfigured { reason };
        let integration =
            draft.integration.ok_or_else(|| misconfigured("no Telegram bot is set for this stage".to_owned()))?;
        let bot = settings::read(&integration.settings).map_err(misconfigured)?;
        // A number with a plus is that of a phone.
        let chat = draft.known_as.filter(|known| !known.starts_with('+'));
        let chat_id = chat.and_then(|chat| chat.parse::<i64>().ok()).ok_or_else(|| {
            let link = format!("t.me/{}?start=…", bot.username);
            PrepareError::Unreachable {
                reason: format!("NOT_LINKED: the contact has not followed its link {link} yet"),
            }
        })?;
        let text = match draft.content {
            Content::Opening => self.opening(draft)?,
            Content::Reply { text, .. } => text.to_owned(),
        };
        let parts: Vec<String> =
            split(&text, MAX_TEXT).into_iter().filter(|part| !part.trim().is_empty()).map(str::to_owned).collect();
        if parts.is_empty() {
            return Err(PrepareError::Template { reason: "text: is empty".to_owned() });
        }
        let payload =
            serde_json::to_vec(&Message { chat_id, parts }).map_err(|error| misconfigured(error.to_string()))?;
        Ok(Prepared {
            address: chat_id.to_string(),
            sender: None,
            reference: draft.reference.to_owned(),
            text,
            payload: Bytes::from(payload),
        })
    }

    async fn send(&self, prepared: &Prepared, integration: Option<&Integration>) -> SendOutcome {
        let misconfigured = |reason: String| SendOutcome::Misconfigured { reason };
        let Some(integration) = integration else {
            return misconfigured("no Telegram bot is set for this stage".to_owned());
        };
        let Ok(message) = serde_json::from_slice::<Message>(&prepared.payload) else {
            return misconfigured("the prepared message cannot be read".to_owned());
        };
        let outcome = match Bot::new(&self.web, integration) {
            Ok(bot) => deliver(&bot, message).await,
            Err(reason) => misconfigured(reason),
        };
        tracing::debug!(
            reference = prepared.reference,
            integration = integration.id,
            outcome = outcome.as_str(),
            "send"
        );
        outcome
    }
}

/// Sends the parts in their order. The provider's id is the last one's, which is what people reply to.
async fn deliver(bot: &Bot<'_>, message: Message) -> SendOutcome {
    let (mut chat_id, of) = (message.chat_id, message.parts.len());
    let mut provider_id = None;
    for (number, part) in message.parts.iter().enumerate() {
        let mut sent = bot.send_message(chat_id, part).await;
        // Telegram says so once, when a group gets another id, and has not taken the message.
        if let Err(Fault::Moved(now)) = sent {
            chat_id = now;
            sent = bot.send_message(chat_id, part).await;
        }
        match sent {
            Ok(id) => provider_id = Some(id),
            Err(fault) if number == 0 => return fault.into(),
            // Sending it again would repeat what has arrived, and giving it up as refused would deny that.
            Err(fault) => {
                let reason = format!("{number} of {of} parts arrived, and then: {}", fault.reason());
                return SendOutcome::Unknown { reason };
            }
        }
    }
    SendOutcome::Sent { provider_id }
}

#[cfg(test)]
mod tests;
