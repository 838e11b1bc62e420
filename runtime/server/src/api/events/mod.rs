//! What happens, as it happens.

pub(crate) mod listen;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratagem_store::entities::event;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{error::Problem, time::rfc3339};

/// What an event is about, and how that stands now. Ids alone: whatever else is wanted is read by them.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct EventData {
    /// When, on the campaign's clock.
    #[serde(default)]
    #[schema(format = DateTime)]
    at: String,
    /// Of the campaign, communication, import, message, run, session or step that the event is named after.
    id: String,
    /// Its campaign.
    campaign_id: Uuid,
    /// Its contact, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_id: Option<Uuid>,
    /// Its status; of a run `ok` or the kind of error. A message has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// The provider's side of a communication, or of a message of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<String>,
    /// `OutcomeStatus` of a session that has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
    /// `queued` or `claimed` where a person has to see to a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    desk: Option<String>,
    /// A message's session.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<Uuid>,
    /// Who wrote a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    /// Type of the strategy that ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    hook: Option<String>,
    /// What a step would have done.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// Rows of an import that were read so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<i64>,
}

impl EventData {
    fn of(row: event::Model) -> Result<Self, Problem> {
        let data: Self = serde_json::from_value(Value::from(row.data)).map_err(Problem::internal)?;
        Ok(Self { at: rfc3339(row.at_ms), ..data })
    }
}
