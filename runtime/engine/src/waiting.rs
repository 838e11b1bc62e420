//! Why is this waiting?

use std::collections::HashMap;

use stratagem_domain::{campaign::CampaignStatus, communication::Status};
use stratagem_store::{Scope, entities::communication};
use uuid::Uuid;

use crate::{Engine, EngineError};

impl Engine {
    /// What those of a contact's communications wait for that are due and planned, beside what is noted on them: their campaign, a
    /// hold of all sends, or a rate limit.
    pub async fn waits(
        &self,
        scope: Scope,
        contact_id: Uuid,
        communications: &[communication::Model],
    ) -> Result<HashMap<Uuid, String>, EngineError> {
        let now_ms = self.clock().now_ms();
        let due = |row: &&communication::Model| {
            row.status == Status::Planned.as_str() && row.start_at_ms <= now_ms && row.waiting_for.is_none()
        };
        let due: Vec<_> = communications.iter().filter(due).collect();
        let Some(first) = due.first() else { return Ok(HashMap::new()) };
        let campaign = self.store().campaign(scope, first.campaign_id).await?;
        let status = campaign.and_then(|campaign| CampaignStatus::parse(&campaign.status));
        if let Some(status) = status.filter(|status| !status.runs()) {
            let reason = format!("the campaign, which is `{}`", status.as_str());
            return Ok(due.into_iter().map(|row| (row.id, reason.clone())).collect());
        }
        if let Some(reason) = self.store().sends_held().await? {
            return Ok(due.into_iter().map(|row| (row.id, reason.clone())).collect());
        }
        let real_now_ms = self.real_ms();
        let held = self.store().held_deliveries(scope, contact_id).await?;
        Ok(held
            .into_iter()
            .filter(|held| held.until_ms > real_now_ms)
            .map(|held| (held.communication_id, held.reason))
            .collect())
    }
}
