//! WhatsApp through Meta's Cloud API: approved templates open a conversation, free text answers within 24 hours.

mod account;
mod answer;
mod message;
mod receive;

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Map, Value};
use stratagem_domain::channel::{ChannelKind, FieldError, IntegrationKind};

pub(crate) use self::account::MetaAccount;
use crate::settings::Fields;
use crate::template::Templates;
use crate::whatsapp::{self, Recipient};
use crate::{Ambiguity, Channel, Content, Draft, Integration, PrepareError, Prepared, SendOutcome, Traits, Web};

/// What a template's header may be.
const HEADERS: [&str; 4] = ["text", "image", "video", "document"];

/// The adapter of [`ChannelKind::WhatsappMeta`].
///
/// Settings: `template_name` and `start_state`; `language` of the approved translation, else the integration's `default_language`;
/// `parameters` of its body, templates of ours in a list for `{{1}}`, `{{2}}`… or in an object for named ones; `header`, an object with
/// one of `text`, `image`, `video` and `document` (the last three are links); `buttons`, an object from a button's index to the end of
/// its URL.
///
/// A message goes to the name that WhatsApp itself gave the contact, where it is known; else to the contact's phone number.
pub(crate) struct WhatsappMeta {
    web: Web,
    templates: Templates,
}

impl WhatsappMeta {
    pub(crate) fn new(web: Web) -> Self {
        Self { web, templates: Templates::new() }
    }
}

#[async_trait]
impl Channel for WhatsappMeta {
    fn kind(&self) -> ChannelKind {
        ChannelKind::WhatsappMeta
    }

    fn traits(&self) -> Traits {
        Traits {
            one_way: false,
            needs_agent: true,
            integration: Some(IntegrationKind::WhatsappMeta),
            // Meta recognises no repetition; the status that carries our reference tells later what happened.
            ambiguity: Ambiguity::AtMostOnce,
            sends: true,
            voice: false,
        }
    }

    fn check_settings(&self, settings: &Map<String, Value>) -> Result<(), Vec<FieldError>> {
        let known = ["template_name", "language", "start_state", "parameters", "header", "buttons"];
        let mut fields = Fields::of_messages(settings, &known);
        if let Some(name) = fields.required_text("template_name")
            && !(name.len() <= 512 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
        {
            fields.wrong("template_name", "must be letters, digits and `_` only, as Meta's template manager shows it");
        }
        fields.required_text("start_state");
        account::check_language(&mut fields, "language");
        whatsapp::check_values(&mut fields, settings, "parameters", true, &self.templates);
        for name in ["header", "buttons"] {
            whatsapp::check_values(&mut fields, settings, name, false, &self.templates);
        }
        let keys = |name: &str| settings.get(name).and_then(Value::as_object).map(|object| object.keys());
        if keys("header").is_some_and(|mut keys| keys.len() != 1 || !keys.all(|key| HEADERS.contains(&key.as_str()))) {
            fields.wrong("header", format!("must have one of {}", HEADERS.join(", ")));
        }
        let is_index = |key: &String| matches!(key.as_bytes(), [b'0'..=b'9']);
        if keys("buttons").is_some_and(|mut keys| !keys.all(is_index)) {
            fields.wrong("buttons", "must be an object from a button's index, `0` to `9`, to the end of its URL");
        }
        fields.finish()
    }

    fn prepare(&self, draft: &Draft<'_>) -> Result<Prepared, PrepareError> {
        let misconfigured = |reason: String| PrepareError::Misconfigured { reason };
        let integration =
            draft.integration.ok_or_else(|| misconfigured("no WhatsApp number is set for this stage".to_owned()))?;
        account::messages_url(integration).map_err(misconfigured)?;
        let phone = whatsapp::phone(draft);
        let to = draft.known_as.and_then(Recipient::parse).map_or_else(|| phone.clone(), Ok)?;
        let content = match draft.content {
            Content::Opening => message::template(draft, integration, &self.templates)?,
            Content::Reply { text, thread } => {
                whatsapp::check_window(draft)?;
                message::text(whatsapp::check_text(text)?, thread)
            }
        };
        // The number that the tenant knows comes first: that is what suppressions are made of.
        let address = phone.as_ref().unwrap_or(&to).as_str().to_owned();
        let text = whatsapp::shown(draft, "template_name", &Value::Object(content.clone()));
        let payload = message::envelope(&to, draft.reference, content);
        Ok(Prepared {
            address,
            sender: integration.setting("phone_number_id").map(str::to_owned),
            reference: draft.reference.to_owned(),
            text,
            payload: Bytes::from(payload.to_string()),
        })
    }

    async fn send(&self, prepared: &Prepared, integration: Option<&Integration>) -> SendOutcome {
        let misconfigured = |reason: String| SendOutcome::Misconfigured { reason };
        let Some(integration) = integration else {
            return misconfigured("no WhatsApp number is set for this stage".to_owned());
        };
        let (url, token) = match (account::messages_url(integration), integration.secret("access_token")) {
            (Ok(url), Some(token)) => (url, token),
            (Err(reason), _) => return misconfigured(reason),
            (Ok(_), None) => return misconfigured("the secret access_token is missing".to_owned()),
        };
        let body = prepared.payload.clone();
        let answer = self
            .web
            .call(&url, |client, url| {
                client.post(url).bearer_auth(token).header(CONTENT_TYPE, "application/json").body(body)
            })
            .await;
        let outcome = match answer {
            Ok(answer) => answer::outcome(&answer),
            Err(error) => error.into(),
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

#[cfg(test)]
mod tests;
