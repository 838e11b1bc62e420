//! One-way e-mail: a subject and a body from templates, sent through the tenant's mail server.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value};
use stratagem_domain::channel::{ChannelKind, FieldError, IntegrationKind};

use crate::mail::Post;
use crate::settings::Fields;
use crate::smtp::Mailer;
use crate::{Ambiguity, Channel, Content, Draft, Integration, PrepareError, Prepared, SendOutcome, Traits};

/// The adapter of [`ChannelKind::EmailNotification`].
///
/// Settings: `subject` and `body`, both templates. A body that contains an HTML tag is HTML, with the contact's values
/// escaped; any other is plain text, whose blank lines separate paragraphs. Either way the message has a text part and
/// an HTML part.
pub(crate) struct EmailNotification {
    post: Post,
}

impl EmailNotification {
    pub(crate) fn new(mailer: Arc<Mailer>) -> Self {
        Self { post: Post::new(mailer) }
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
        let mut fields = Fields::of_messages(settings, &["subject", "body"]);
        self.post.check(&mut fields);
        fields.finish()
    }

    fn prepare(&self, draft: &Draft<'_>) -> Result<Prepared, PrepareError> {
        match draft.content {
            Content::Opening => self.post.opening(draft, false),
            Content::Reply { .. } => {
                Err(PrepareError::Misconfigured { reason: "nobody answers on this channel".to_owned() })
            }
        }
    }

    async fn send(&self, prepared: &Prepared, integration: Option<&Integration>) -> SendOutcome {
        self.post.send(prepared, integration).await
    }
}

#[cfg(test)]
mod tests;
