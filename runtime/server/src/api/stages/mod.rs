//! The steps of a campaign's sequence.

mod check;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod order;
pub(crate) mod update;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stratagem_engine::Engine;
use stratagem_store::{Scope, entities::stage};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{error::Problem, time::rfc3339};

/// A stage.
#[derive(Serialize, ToSchema)]
pub(crate) struct Stage {
    /// Its id.
    id: Uuid,
    /// Its campaign.
    campaign_id: Uuid,
    /// From 0, in the campaign's order.
    position: i32,
    /// Unique within the campaign: strategies name stages by it.
    name: String,
    /// What it is for.
    description: String,
    /// How contacts are reached.
    #[schema(example = "email_notification")]
    channel: String,
    /// Who talks, on two-way channels.
    agent_id: Option<Uuid>,
    /// What messages leave through.
    integration_id: Option<Uuid>,
    /// What the channel needs.
    #[schema(value_type = Object)]
    settings: Value,
    /// Weighted alternatives to the channel.
    #[schema(value_type = Vec<Alternative>)]
    alternatives: Value,
    /// How long a session waits for an answer, in seconds; null for the default.
    response_timeout_s: Option<i64>,
    /// How many communications one contact gets from it.
    max_communications: i32,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last changed.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<stage::Model> for Stage {
    fn from(row: stage::Model) -> Self {
        Self {
            id: row.id,
            campaign_id: row.campaign_id,
            position: row.position,
            name: row.name,
            description: row.description,
            channel: row.channel,
            agent_id: row.agent_id,
            integration_id: row.integration_id,
            settings: row.settings.into(),
            alternatives: row.alternatives.into(),
            response_timeout_s: row.response_timeout_s,
            max_communications: row.max_communications,
            created_at: rfc3339(row.created_at_ms),
            updated_at: rfc3339(row.updated_at_ms),
        }
    }
}

/// Another way to reach some of a stage's contacts: chosen by contact, always the same one. A contact that it cannot reach gets the
/// next one.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Alternative {
    /// Its name in summaries; unique within the stage.
    label: String,
    /// Its share of contacts in percent; the stage itself takes the rest.
    #[schema(minimum = 0, maximum = 100)]
    weight: f64,
    /// How contacts are reached.
    channel: String,
    /// Who talks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent_id: Option<Uuid>,
    /// What messages leave through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    integration_id: Option<Uuid>,
    /// What the channel needs.
    #[serde(default)]
    #[schema(value_type = Object)]
    settings: Map<String, Value>,
}

/// As they are stored.
fn stored(alternatives: &[Alternative]) -> Value {
    serde_json::to_value(alternatives).unwrap_or_default()
}

/// The tenant's stage, or 404.
async fn load(engine: &Engine, scope: Scope, id: Uuid) -> Result<stage::Model, Problem> {
    engine.store().stage(scope, id).await?.ok_or_else(|| Problem::not_found("stage"))
}
