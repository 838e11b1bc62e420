use std::sync::Arc;

use super::*;
use crate::conformance::{Case, Mood, Peer, conform, draft, scope};

struct Teller<'a>(&'a Memory);

#[async_trait]
impl Peer for Teller<'_> {
    async fn integration(&mut self, mood: Mood) -> Option<Integration> {
        let reason = format!("{mood:?}");
        self.0.state().answers.clear();
        match mood {
            Mood::Takes => {}
            Mood::RefusesContact => self.0.answer(SendOutcome::Rejected { code: None, reason, suppresses: None }),
            Mood::RefusesSender => self.0.answer(SendOutcome::Misconfigured { reason }),
            Mood::Busy | Mood::Absent => self.0.answer(SendOutcome::Retry { after: None, reason }),
            Mood::Silent => self.0.answer(SendOutcome::Unknown { reason }),
        }
        None
    }
}

#[tokio::test]
async fn conforms_under_every_kind() {
    for kind in ChannelKind::ALL {
        let channel = Memory::new(kind);
        let case = Case {
            channel: &channel,
            provider: &mut Teller(&channel),
            settings: json!({"subject": "Dear {{ contact.name }}", "weight": 7}),
            required: &[],
            template: Some("subject"),
            strict: false,
            address: Some((channel.address_field(), vec![])),
            known_as: None,
        };
        conform(case).await;
        assert_eq!(channel.kind(), kind);
        assert!(!channel.sent().is_empty());
    }
}

#[tokio::test]
async fn holds_sends_until_they_are_released() {
    let channel = Arc::new(Memory::new(ChannelKind::EmailNotification));
    channel.hold();
    let settings = Map::new();
    let scope = scope();
    let draft = Draft { reference: "r-1", ..draft(&settings, &scope, None) };
    let prepared = channel.prepare(&draft).unwrap();
    let sending = tokio::spawn({
        let (channel, prepared) = (Arc::clone(&channel), prepared.clone());
        async move { channel.send(&prepared, None).await }
    });
    channel.begun(1).await;
    assert_eq!(channel.sent(), [prepared]);
    assert!(!sending.is_finished());
    channel.release();
    assert_eq!(sending.await.unwrap(), SendOutcome::Sent { provider_id: Some("memory-r-1".to_owned()) });
}
