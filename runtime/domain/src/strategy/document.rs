//! The values of `wit/types.wit` in the JSON form that the Python runtime takes and gives, field by field in snake case.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A contact, in and out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactDoc {
    /// Read-only.
    pub id: String,
    /// Read-only.
    pub object_id: String,
    /// Read-only.
    pub external_id: String,
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number, E.164 where it can be dialled.
    pub phone: Option<String>,
    /// IANA name, where the contact has its own. Read-only.
    pub time_zone: Option<String>,
    /// Any text.
    pub current_stage: Option<String>,
    /// Imported with the contact.
    pub params: Map<String, Value>,
    /// Collected during the campaign.
    pub results: Map<String, Value>,
    /// The strategy's own notes.
    pub internal_data: Map<String, Value>,
    /// Open ones and the last 100 others, oldest first.
    pub communications: Vec<CommunicationDoc>,
    /// How many there are in all. Read-only.
    pub communications_total: u32,
}

/// A communication, in and out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommunicationDoc {
    /// None for one that the strategy has just made.
    pub id: Option<String>,
    /// The strategy's name for it.
    pub name: String,
    /// Name of the stage that it goes through.
    pub stage_name: String,
    /// ISO 8601; without an offset local time in the run's zone.
    pub start_date: String,
    /// State of the agent's workflow to begin with.
    pub start_state: Option<String>,
    /// Whatever else the strategy attached.
    pub params: Map<String, Value>,
    /// A [`crate::communication::Status`] by name.
    pub status: String,
    /// Read-only.
    pub channel: Option<String>,
    /// A [`crate::communication::Delivery`] by name. Read-only.
    pub delivery: String,
    /// True for the one whose session the run is about. Read-only.
    pub flagged: bool,
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageDoc {
    /// `HUMAN`, `AI` or `OPERATOR`.
    pub role: String,
    /// Its text.
    pub content: String,
    /// ISO 8601 local time.
    pub at: String,
}

/// A stage, as strategies see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageDoc {
    /// Unique within the campaign.
    pub name: String,
    /// Channel by name.
    pub channel: String,
}

/// The campaign, as strategies see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CampaignDoc {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    /// In the campaign's order.
    pub stages: Vec<StageDoc>,
}

/// The session that a run is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionDoc {
    /// Its id.
    pub id: String,
    /// Channel by name.
    pub channel: String,
    /// Name of the agent, where there was one.
    pub agent: Option<String>,
    /// Oldest first.
    pub messages: Vec<MessageDoc>,
}

/// What a run may know beside the contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContextDoc {
    /// ISO 8601 local time in `time_zone`.
    pub now: String,
    /// IANA name of the run's zone.
    pub time_zone: String,
    /// The contact's campaign.
    pub campaign: CampaignDoc,
    /// Present for aggregation and answer analysis.
    pub session: Option<SessionDoc>,
}

/// The input of the Python runtime's `call`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HookInput {
    /// The contact to decide about.
    pub contact: ContactDoc,
    /// For data load: the stored contact, where there is one.
    #[serde(default)]
    pub existing_contact: Option<ContactDoc>,
    /// For aggregation: what the session collected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_results: Option<Map<String, Value>>,
    /// For answer analysis: the agent's answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageDoc>,
    /// Clock, campaign and session.
    pub context: ContextDoc,
}
