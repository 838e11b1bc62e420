//! One-way e-mail: a subject and a body from templates, sent through the tenant's mail server.

mod body;
mod html_text;
mod message;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use lettre::Address;
use serde_json::{Map, Value};
use stratagem_domain::channel::{ChannelKind, FieldError, IntegrationKind};

use crate::settings::Fields;
use crate::smtp::{Mail, Mailer, SmtpSettings};
use crate::template::{self, Format, Templates};
use crate::{Ambiguity, Channel, Content, Draft, Integration, PrepareError, Prepared, SendOutcome, Traits};

/// The adapter of [`ChannelKind::EmailNotification`].
///
/// Settings: `subject` and `body`, both templates. A body that contains an HTML tag is HTML, with the contact's values
/// escaped; any other is plain text, whose blank lines separate paragraphs. Either way the message has a text part and
/// an HTML part.
pub(crate) struct EmailNotification {
    mailer: Arc<Mailer>,
    templates: Templates,
}

impl EmailNotification {
    pub(crate) fn new(mailer: Arc<Mailer>) -> Self {
        Self { mailer, templates: Templates::new() }
    }
}

#[async_trait]
impl Channel for EmailNotification {
    fn kind(&self) -> ChannelKind {
        ChannelKind::EmailNotification
    }

    fn traits(&self) -> Traits {
        Traits {
            one_way: true,
            needs_agent: false,
            integration: Some(IntegrationKind::Smtp),
            ambiguity: Ambiguity::AtMostOnce,
            sends: true,
            voice: false,
        }
    }

    fn check_settings(&self, settings: &Map<String, Value>) -> Result<(), Vec<FieldError>> {
        let names = ["subject", "body"];
        let mut fields = Fields::new(settings, &names);
        for name in names {
            let Some(source) = fields.required_text(name) else { continue };
            for reason in self.templates.check(source).err().into_iter().flatten() {
                fields.wrong(name, reason);
            }
        }
        fields.finish()
    }

    fn prepare(&self, draft: &Draft<'_>) -> Result<Prepared, PrepareError> {
        let misconfigured = |reason| PrepareError::Misconfigured { reason };
        if matches!(draft.content, Content::Reply { .. }) {
            return Err(misconfigured("nobody answers on this channel".to_owned()));
        }
        let integration =
            draft.integration.ok_or_else(|| misconfigured("no mail server is set for this stage".to_owned()))?;
        let server = SmtpSettings::of(integration).map_err(misconfigured)?;
        let to = address(draft.scope)?;

        let invalid = |reason| PrepareError::Template { reason };
        let setting = |name: &str| draft.settings.get(name).and_then(Value::as_str).unwrap_or_default();
        let scope = template::scope(draft.scope);
        let subject = self.templates.render("subject", setting("subject"), Format::Text, &scope).map_err(invalid)?;
        let body = body::render(&self.templates, setting("body"), &scope).map_err(invalid)?;

        let text = body.text.clone();
        let message = message::Parts {
            from: server.from.clone(),
            to: to.clone(),
            name: draft.scope["contact"]["name"].as_str().unwrap_or_default(),
            subject: &subject,
            body,
            reference: draft.reference,
            unsubscribe_url: draft.scope["unsubscribe_url"].as_str().unwrap_or_default(),
            now: draft.now,
        };
        let payload = message.build().map_err(invalid)?;
        Ok(Prepared {
            address: to.to_string(),
            sender: Some(server.from.email.to_string()),
            reference: draft.reference.to_owned(),
            text,
            payload: Bytes::from(payload),
        })
    }

    async fn send(&self, prepared: &Prepared, integration: Option<&Integration>) -> SendOutcome {
        let misconfigured = |reason: &str| SendOutcome::Misconfigured { reason: reason.to_owned() };
        let Some(integration) = integration else { return misconfigured("no mail server is set for this stage") };
        let from = prepared.sender.as_deref().and_then(|sender| sender.parse::<Address>().ok());
        let (Some(from), Ok(to)) = (from, prepared.address.parse::<Address>()) else {
            return misconfigured("the prepared message has no envelope");
        };
        let provider_id = message::id(&prepared.reference, from.domain());
        let outcome = self.mailer.send(&Mail { from, to, message: &prepared.payload }, integration).await;
        tracing::debug!(
            reference = prepared.reference,
            integration = integration.id,
            outcome = outcome.as_str(),
            "send"
        );
        match outcome {
            SendOutcome::Sent { .. } => SendOutcome::Sent { provider_id: Some(provider_id) },
            other => other,
        }
    }
}

/// The contact's address, as far as it can be one. Addresses beyond ASCII are left out in this version: they need a
/// server with SMTPUTF8 (RFC 6531), which is known only once it is connected.
fn address(scope: &Value) -> Result<Address, PrepareError> {
    let unreachable = |reason: &str| PrepareError::Unreachable { reason: reason.to_owned() };
    let text = scope["contact"]["email"].as_str().map(str::trim).unwrap_or_default();
    if text.is_empty() {
        return Err(unreachable("the contact has no e-mail address"));
    }
    if !text.is_ascii() {
        return Err(unreachable("e-mail addresses with other than ASCII characters cannot be used"));
    }
    let address = text.parse::<Address>().map_err(|_| unreachable("the contact's e-mail address is not valid"))?;
    // RFC 5321 section 4.5.3.1: longer ones are refused by servers, if not by their parsers.
    if address.user().len() > 64 || text.len() > 254 || text.chars().any(char::is_control) {
        return Err(unreachable("the contact's e-mail address is not valid"));
    }
    Ok(address)
}

#[cfg(test)]
mod tests;
