//! Sending: what the channels by e-mail share.

use std::sync::Arc;

use bytes::Bytes;
use lettre::Address;
use serde_json::Value;

use super::address;
use super::body::{self, Body};
use super::message::{self, Occasion};
use super::thread::{Thread, answer_subject};
use crate::settings::Fields;
use crate::smtp::{Mail, Mailer, SmtpSettings};
use crate::template::{self, Format, Templates};
use crate::{Draft, Integration, PrepareError, Prepared, SendOutcome};

/// Renders and sends mails through the tenant's mail server.
pub(crate) struct Post {
    mailer: Arc<Mailer>,
    templates: Templates,
}

impl Post {
    pub(crate) fn new(mailer: Arc<Mailer>) -> Self {
        Self { mailer, templates: Templates::new() }
    }

    /// Checks `subject` and `body`, both templates.
    pub(crate) fn check(&self, fields: &mut Fields<'_>) {
        for name in ["subject", "body"] {
            let Some(source) = fields.required_text(name) else { continue };
            for reason in self.templates.check(source).err().into_iter().flatten() {
                fields.wrong(name, reason);
            }
        }
    }

    /// The stage's own message. Where answers are expected, they go to an address that names it.
    ///
    /// # Errors
    /// See [`PrepareError`].
    pub(crate) fn opening(&self, draft: &Draft<'_>, answers: bool) -> Result<Prepared, PrepareError> {
        let server = server(draft)?;
        let to = address::contact(draft.scope)?;
        let subject = self.subject(draft)?;
        let body =
            body::render(&self.templates, setting(draft, "body"), &template::scope(draft.scope)).map_err(invalid)?;
        let answered = answers || server.reply_domain.is_some();
        let reply_to = answered.then(|| address::reply_to(&server, draft.reference)).flatten();
        let unsubscribe_url = draft.scope["unsubscribe_url"].as_str().unwrap_or_default();
        prepared(draft, server, to, subject, body, reply_to, Occasion::Opening { unsubscribe_url })
    }

    /// An answer within a conversation. It goes to the contact's own address, whoever wrote: somebody whom the mail was passed
    /// on to does not get what the contact is told.
    ///
    /// # Errors
    /// See [`PrepareError`].
    pub(crate) fn reply(&self, draft: &Draft<'_>, text: &str, thread: &Value) -> Result<Prepared, PrepareError> {
        let server = server(draft)?;
        let to = address::contact(draft.scope)?;
        let body = body::of_text(text);
        if body.text.trim().is_empty() {
            return Err(invalid("the answer is empty".to_owned()));
        }
        let thread = Thread::of(thread);
        let subject = match &thread.subject {
            Some(subject) => answer_subject(subject),
            None => answer_subject(&self.subject(draft)?),
        };
        let reply_to = address::reply_to(&server, draft.reference);
        prepared(draft, server, to, subject, body, reply_to, Occasion::Answer(&thread))
    }

    fn subject(&self, draft: &Draft<'_>) -> Result<String, PrepareError> {
        let scope = template::scope(draft.scope);
        self.templates.render("subject", setting(draft, "subject"), Format::Text, &scope).map_err(invalid)
    }

    /// One attempt.
    pub(crate) async fn send(&self, prepared: &Prepared, integration: Option<&Integration>) -> SendOutcome {
        let misconfigured = |reason: &str| SendOutcome::Misconfigured { reason: reason.to_owned() };
        let Some(integration) = integration else { return misconfigured("no mail server is set for this stage") };
        let from = prepared.sender.as_deref().and_then(|sender| sender.parse::<Address>().ok());
        let (Some(from), Ok(to)) = (from, prepared.address.parse::<Address>()) else {
            return misconfigured("the prepared message has no envelope");
        };
        let outcome = self.mailer.send(&Mail { from, to, message: &prepared.payload }, integration).await;
        tracing::debug!(
            reference = prepared.reference,
            integration = integration.id,
            outcome = outcome.as_str(),
            "send"
        );
        match outcome {
            SendOutcome::Sent { .. } => SendOutcome::Sent { provider_id: message::id(&prepared.payload) },
            other => other,
        }
    }
}

fn server(draft: &Draft<'_>) -> Result<SmtpSettings, PrepareError> {
    let misconfigured = |reason| PrepareError::Misconfigured { reason };
    let integration =
        draft.integration.ok_or_else(|| misconfigured("no mail server is set for this stage".to_owned()))?;
    SmtpSettings::of(integration).map_err(misconfigured)
}

fn setting<'a>(draft: &Draft<'a>, name: &str) -> &'a str {
    draft.settings.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn invalid(reason: String) -> PrepareError {
    PrepareError::Template { reason }
}

fn prepared(
    draft: &Draft<'_>,
    server: SmtpSettings,
    to: Address,
    subject: String,
    body: Body,
    reply_to: Option<Address>,
    occasion: Occasion<'_>,
) -> Result<Prepared, PrepareError> {
    let text = body.text.clone();
    let envelope = address::bounces_to(&server, draft.reference);
    let message = message::Parts {
        from: server.from,
        to: to.clone(),
        name: draft.scope["contact"]["name"].as_str().unwrap_or_default(),
        subject: &subject,
        body,
        reference: draft.reference,
        reply_to,
        occasion,
        now: draft.now,
    };
    let payload = message.build().map_err(invalid)?;
    Ok(Prepared {
        address: to.to_string(),
        sender: Some(envelope.to_string()),
        reference: draft.reference.to_owned(),
        text,
        payload: Bytes::from(payload),
    })
}
