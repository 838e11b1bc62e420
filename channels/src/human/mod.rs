//! A person of the tenant's sees to it: nothing is sent by itself, the contact comes to the inbox.

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Map, Value};
use stratagem_domain::channel::{ChannelKind, FieldError};

use crate::settings::Fields;
use crate::{Ambiguity, Channel, Content, Draft, Integration, PrepareError, Prepared, SendOutcome, Traits};

/// The adapter of [`ChannelKind::Human`]. Settings: none.
pub(crate) struct Human;

#[async_trait]
impl Channel for Human {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Human
    }

    fn traits(&self) -> Traits {
        Traits {
            one_way: false,
            needs_agent: false,
            integration: None,
            ambiguity: Ambiguity::Idempotent,
            sends: true,
            voice: false,
        }
    }

    fn check_settings(&self, settings: &Map<String, Value>) -> Result<(), Vec<FieldError>> {
        Fields::new(settings, &[]).finish()
    }

    /// Every contact can be seen to: how it is reached is the person's choice. What the person writes is kept in the conversation.
    fn prepare(&self, draft: &Draft<'_>) -> Result<Prepared, PrepareError> {
        let text = match draft.content {
            Content::Opening => String::new(),
            Content::Reply { text, .. } => text.to_owned(),
        };
        let reference = draft.reference.to_owned();
        Ok(Prepared { address: String::new(), sender: None, reference, text, payload: Bytes::new() })
    }

    async fn send(&self, _: &Prepared, _: Option<&Integration>) -> SendOutcome {
        SendOutcome::Sent { provider_id: None }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conformance::{Case, Mood, Peer, conform};

    struct Desk;

    #[async_trait]
    impl Peer for Desk {
        async fn integration(&mut self, _: Mood) -> Option<Integration> {
            None
        }
    }

    #[test]
    fn asks_for_nothing() {
        assert!(Human.check_settings(&Map::new()).is_ok());
        let unknown = Human.check_settings(json!({"queue": "a"}).as_object().unwrap()).unwrap_err();
        assert_eq!(unknown[0].field, "settings.queue");
    }

    #[tokio::test]
    async fn conforms() {
        let case = Case {
            channel: &Human,
            provider: &mut Desk,
            settings: json!({}),
            required: &[],
            template: None,
            strict: true,
            address: None,
            known_as: None,
        };
        conform(case).await;
    }
}
