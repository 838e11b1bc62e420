//! What became of something that was sent.

use serde_json::Value;
use stratagem_channels::{StatusReport, Suppress};
use stratagem_domain::{
    channel::ChannelKind,
    communication::{Delivery, Status},
    session::results_of_send,
};
use stratagem_store::{
    Scope,
    commit::CommunicationWrite,
    entities::{communication, integration},
    sessions::ACTIVE,
    steps::NewStep,
};

use super::{Looks, PAUSE};
use crate::{Engine, EngineError, steps::close_session_step_at};

/// How often a communication is looked at that is being sent or changed in this moment: for 5 s in all.
const LOOKS: usize = 250;

impl Engine {
    pub(super) async fn take_status(
        &self,
        scope: Scope,
        of: &integration::Model,
        report: StatusReport,
    ) -> Result<(), EngineError> {
        let text = report
            .reason
            .as_ref()
            .map(|reason| report.code.as_ref().map_or_else(|| reason.clone(), |code| format!("{code}: {reason}")));
        if let Some(Suppress { address, channels }) = &report.suppress {
            let reason = text.clone().unwrap_or_else(|| "the provider refused it for good".to_owned());
            self.suppress_on(scope, address, channels, &reason).await?;
        }
        let mut looks = Looks::default();
        while !self.take_status_of(scope, of, &report, &text).await? {
            if !looks.again(self, scope).await? {
                tracing::debug!(integration = %of.id, "a status of nothing that we know");
                break;
            }
        }
        Ok(())
    }

    /// Takes a status in; false where nothing has a name that it is of.
    async fn take_status_of(
        &self,
        scope: Scope,
        of: &integration::Model,
        report: &StatusReport,
        text: &Option<String>,
    ) -> Result<bool, EngineError> {
        for name in &report.of {
            if let Some(row) = self.store().communication_named(scope, name).await? {
                if let Some(Suppress { channels, .. }) = &report.suppress {
                    self.suppress_whom(scope, &row, channels, text.as_deref().unwrap_or_default()).await?;
                }
                self.communication_status(scope, row, report.delivery, text.clone()).await?;
                return Ok(true);
            }
            if let Some(row) = self.store().message_named(scope, of.id, name).await? {
                let now_ms = self.clock().now_ms();
                self.store().message_report(scope, row.id, report.delivery, text.clone(), now_ms).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Suppresses the address that a communication went to: providers may name the contact in another way.
    async fn suppress_whom(
        &self,
        scope: Scope,
        of: &communication::Model,
        channels: &[ChannelKind],
        reason: &str,
    ) -> Result<(), EngineError> {
        let session = match of.session_id {
            Some(id) => self.store().session(scope, id).await?,
            None => None,
        };
        if let Some(address) = session.and_then(|session| session.known_as) {
            self.suppress_on(scope, &address, channels, reason).await?;
        }
        Ok(())
    }

    async fn communication_status(
        &self,
        scope: Scope,
        mut row: communication::Model,
        next: Delivery,
        reason: Option<String>,
    ) -> Result<(), EngineError> {
        for _ in 0..LOOKS {
            let (Some(status), Some(delivery)) = (Status::parse(&row.status), Delivery::parse(&row.delivery)) else {
                return Ok(());
            };
            if !delivery.may_become(next) {
                return Ok(());
            }
            if delivery == Delivery::Sending {
                // The provider was faster than the step that sends: that one settles it first, and opens the session.
                tokio::time::sleep(PAUSE).await;
                let Some(fresh) = self.store().communication(scope, row.id).await? else { return Ok(()) };
                row = fresh;
                continue;
            }
            let failed = next == Delivery::Failed;
            let session = match row.session_id.filter(|_| failed) {
                Some(id) => self.store().session(scope, id).await?.filter(|session| session.status == ACTIVE),
                None => None,
            };
            let now_ms = self.clock().now_ms();
            let results = Value::Object(results_of_send(next));
            let steps: Vec<NewStep> =
                session.iter().map(|session| close_session_step_at(session, results.clone(), now_ms)).collect();
            let write = CommunicationWrite {
                id: row.id,
                expected: Some((status, delivery)),
                status: if failed { (!status.is_final()).then_some(Status::Failed) } else { next.shows(status) },
                delivery: Some(next),
                reason: reason.clone(),
                ..Default::default()
            };
            if self.store().report(scope, now_ms, write, steps).await? {
                self.wake();
                return Ok(());
            }
            let Some(fresh) = self.store().communication(scope, row.id).await? else { return Ok(()) };
            row = fresh;
        }
        // Refused, it is told again.
        Err(EngineError::Internal(format!("communication {} is still being sent", row.id)))
    }
}
