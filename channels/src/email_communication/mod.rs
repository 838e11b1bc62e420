//! Two-way e-mail: a first message from templates, then whatever the agent answers, in one thread. What contacts write comes in through
//! an `imap` integration, or through the webhook `/email`.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value};
use stratagem_domain::channel::{ChannelKind, FieldError, IntegrationKind};

use crate::mail::Post;
use crate::settings::Fields;
use crate::smtp::Mailer;
use crate::{Ambiguity, Channel, Content, Draft, Integration, PrepareError, Prepared, SendOutcome, Traits};

/// The adapter of [`ChannelKind::EmailCommunication`].
///
/// Settings: `subject` and `body` as on [`ChannelKind::EmailNotification`], and `start_state`, the state that the agent begins in.
pub(crate) struct EmailCommunication {
    post: Post,
}

impl EmailCommunication {
    pub(crate) fn new(mailer: Arc<Mailer>) -> Self {
        Self { post: Post::new(mailer) }
    }
}

#[async_trait]
impl Channel for EmailCommunication {
    fn kind(&self) -> ChannelKind {
        ChannelKind::EmailCommunication
    }

    fn traits(&self) -> Traits {
        Traits {
            one_way: false,
            needs_agent: true,
            integration: Some(IntegrationKind::Smtp),
            ambiguity: Ambiguity::AtMostOnce,
            sends: true,
            voice: false,
        }
    }

    fn check_settings(&self, settings: &Map<String, Value>) -> Result<(), Vec<FieldError>> {
        let mut fields = Fields::of_messages(settings, &["subject", "body", "start_state"]);
        self.post.check(&mut fields);
        fields.text("start_state");
        fields.finish()
    }

    fn prepare(&self, draft: &Draft<'_>) -> Result<Prepared, PrepareError> {
        match draft.content {
            Content::Opening => self.post.opening(draft, true),
            Content::Reply { text, thread } => self.post.reply(draft, text, thread),
        }
    }

    async fn send(&self, prepared: &Prepared, integration: Option<&Integration>) -> SendOutcome {
        self.post.send(prepared, integration).await
    }
}

#[cfg(test)]
mod tests;
