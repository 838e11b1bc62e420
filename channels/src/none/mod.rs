//! No communication: a stage that sends nothing and ends the sequence, or leaves the contact for something else.

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Map, Value};
use stratagem_domain::channel::{ChannelKind, FieldError};

use crate::settings::Fields;
use crate::{Ambiguity, Channel, Draft, Integration, PrepareError, Prepared, SendOutcome, Traits};

/// The adapter of [`ChannelKind::None`]. Setting: `start_state`, the state that the session is closed in.
pub(crate) struct NoCommunication;

#[async_trait]
impl Channel for NoCommunication {
    fn kind(&self) -> ChannelKind {
        ChannelKind::None
    }

    fn traits(&self) -> Traits {
        Traits {
            one_way: true,
            needs_agent: false,
            integration: None,
            ambiguity: Ambiguity::Idempotent,
            sends: false,
            voice: false,
        }
    }

    fn check_settings(&self, settings: &Map<String, Value>) -> Result<(), Vec<FieldError>> {
        let mut fields = Fields::new(settings, &["start_state"]);
        fields.required_text("start_state");
        fields.finish()
    }

    /// Every contact can be left alone.
    fn prepare(&self, draft: &Draft<'_>) -> Result<Prepared, PrepareError> {
        Ok(Prepared {
            address: String::new(),
            sender: None,
            reference: draft.reference.to_owned(),
            text: String::new(),
            payload: Bytes::new(),
        })
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

    struct Nobody;

    #[async_trait]
    impl Peer for Nobody {
        async fn integration(&mut self, _: Mood) -> Option<Integration> {
            None
        }
    }

    #[tokio::test]
    async fn conforms() {
        let case = Case {
            channel: &NoCommunication,
            provider: &mut Nobody,
            settings: json!({"start_state": "closed"}),
            required: &["start_state"],
            template: None,
            strict: true,
            address: None,
            known_as: None,
        };
        conform(case).await;
    }
}
