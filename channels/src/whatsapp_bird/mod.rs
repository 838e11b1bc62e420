//! WhatsApp through Bird (MessageBird), by its Channels API: template projects open a conversation, free text answers within 24 hours.

mod account;
mod answer;
mod receive;

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Map, Value, json};
use stratagem_domain::channel::{ChannelKind, FieldError, IntegrationKind};

pub(crate) use self::account::BirdAccount;
use crate::settings::Fields;
use crate::template::Templates;
use crate::whatsapp::{self, Recipient, Values};
use crate::{Ambiguity, Channel, Content, Draft, Integration, PrepareError, Prepared, SendOutcome, Traits, Web};

/// The adapter of [`ChannelKind::WhatsappBird`].
///
/// Settings: `project_id` and `version` of the template, and `start_state`; `locale`, else the project's own; `variables`, an object
/// of templates of ours.
///
/// A message goes to a phone number: the one that WhatsApp itself told, where it is known, else the contact's. Bird documents no way to
/// write to a user who shows no number.
pub(crate) struct WhatsappBird {
    web: Web,
    templates: Templates,
}

impl WhatsappBird {
    pub(crate) fn new(web: Web) -> Self {
        Self { web, templates: Templates::new() }
    }

    fn template(&self, draft: &Draft<'_>) -> Result<Value, PrepareError> {
        let setting = |name: &str| draft.settings.get(name).and_then(Value::as_str).unwrap_or_default();
        let mut template = json!({"projectId": setting("project_id"), "version": setting("version")});
        if !setting("locale").is_empty() {
            template["locale"] = json!(setting("locale"));
        }
        if let Some(Values::Named(variables)) = whatsapp::render_values(draft, "variables", &self.templates)? {
            template["variables"] = variables.into_iter().collect();
        }
        Ok(template)
    }
}

#[async_trait]
impl Channel for WhatsappBird {
    fn kind(&self) -> ChannelKind {
        ChannelKind::WhatsappBird
    }

    fn traits(&self) -> Traits {
        Traits {
            one_way: false,
            needs_agent: true,
            integration: Some(IntegrationKind::WhatsappBird),
            // Bird recognises no repetition; the status that carries our reference tells later what happened.
            ambiguity: Ambiguity::AtMostOnce,
            sends: true,
            voice: false,
        }
    }

    fn check_settings(&self, settings: &Map<String, Value>) -> Result<(), Vec<FieldError>> {
        let mut fields =
            Fields::of_messages(settings, &["project_id", "version", "locale", "start_state", "variables"]);
        for name in ["project_id", "version", "start_state"] {
            fields.required_text(name);
        }
        fields.text("locale");
        whatsapp::check_values(&mut fields, settings, "variables", false, &self.templates);
        fields.finish()
    }

    fn prepare(&self, draft: &Draft<'_>) -> Result<Prepared, PrepareError> {
        let misconfigured = |reason: String| PrepareError::Misconfigured { reason };
        let integration =
            draft.integration.ok_or_else(|| misconfigured("no WhatsApp channel is set for this stage".to_owned()))?;
        account::messages_url(integration).map_err(misconfigured)?;
        let phone = whatsapp::phone(draft);
        let known = draft.known_as.and_then(Recipient::parse).filter(|known| matches!(known, Recipient::Phone(_)));
        let to = known.map_or_else(|| phone.clone(), Ok)?;
        let mut message = json!({
            "receiver": {"contacts": [{"identifierKey": "phonenumber", "identifierValue": to.as_str()}]},
            // It comes back in every status, so that one is recognised even where the answer to the send was lost.
            "reference": draft.reference,
        });
        match draft.content {
            Content::Opening => message["template"] = self.template(draft)?,
            Content::Reply { text, thread } => {
                whatsapp::check_window(draft)?;
                message["body"] = json!({"type": "text", "text": {"text": whatsapp::check_text(text)?}});
                if let Some(id) = thread["message_id"].as_str() {
                    message["replyTo"] = json!({"id": id, "type": "message"});
                }
            }
        }
        Ok(Prepared {
            // The number that the tenant knows comes first: that is what suppressions are made of.
            address: phone.as_ref().unwrap_or(&to).as_str().to_owned(),
            sender: integration.setting("channel_id").map(str::to_owned),
            reference: draft.reference.to_owned(),
            text: whatsapp::shown(draft, "project_id", &message["template"]),
            payload: Bytes::from(message.to_string()),
        })
    }

    async fn send(&self, prepared: &Prepared, integration: Option<&Integration>) -> SendOutcome {
        let misconfigured = |reason: String| SendOutcome::Misconfigured { reason };
        let Some(integration) = integration else {
            return misconfigured("no WhatsApp channel is set for this stage".to_owned());
        };
        let (url, key) = match (account::messages_url(integration), account::access_key(integration)) {
            (Ok(url), Ok(key)) => (url, key),
            (Err(reason), _) | (_, Err(reason)) => return misconfigured(reason),
        };
        let body = prepared.payload.clone();
        let answer = self
            .web
            .call(&url, |client, url| {
                client.post(url).header(AUTHORIZATION, key).header(CONTENT_TYPE, "application/json").body(body)
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
