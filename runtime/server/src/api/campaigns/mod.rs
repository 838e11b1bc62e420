//! Campaigns and their life.

pub(crate) mod activate;
pub(crate) mod archive;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod pause;
pub(crate) mod resume;
pub(crate) mod summary;
pub(crate) mod update;

use serde::Serialize;
use serde_json::{Map, Value};
use stratagem_domain::{campaign::CampaignStatus, sending_hours::SendingHours};
use stratagem_engine::Engine;
use stratagem_store::{Scope, entities::campaign};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::{Faults, Problem},
    time::rfc3339,
};

/// A campaign.
#[derive(Serialize, ToSchema)]
pub(crate) struct Campaign {
    /// Its id.
    id: Uuid,
    /// Its name.
    name: String,
    /// What it is for.
    description: String,
    /// IANA name; local times of its contacts are in it where they have no zone of their own.
    time_zone: String,
    /// When messages may leave: weekday to list of `HH:MM-HH:MM`, in the contact's zone, else the campaign's; null: at any time.
    #[schema(value_type = Option<Object>, example = json!({"mon": ["09:00-12:00", "13:00-18:00"]}))]
    sending_hours: Option<Value>,
    /// Limit of all its sends; null where there is none.
    #[schema(value_type = Option<Object>, example = json!({"sends": 10, "per_s": 60}))]
    send_rate: Option<Value>,
    /// `draft`, `active`, `paused`, `completed` or `archived`.
    #[schema(example = "draft")]
    status: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last changed.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<campaign::Model> for Campaign {
    fn from(row: campaign::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            time_zone: row.time_zone,
            sending_hours: row.sending_hours.map(Into::into),
            send_rate: row.send_rate.map(Into::into),
            status: row.status,
            created_at: rfc3339(row.created_at_ms),
            updated_at: rfc3339(row.updated_at_ms),
        }
    }
}

/// Sending hours as they are stored, if they can be read.
fn sending_hours(hours: Map<String, Value>, faults: &mut Faults) -> Option<Value> {
    let read = SendingHours::read(&hours).map(|_| ());
    let good = read.is_ok();
    faults.extend(read);
    good.then_some(Value::Object(hours))
}

/// The tenant's campaign, or 404.
pub(crate) async fn load(engine: &Engine, scope: Scope, id: Uuid) -> Result<campaign::Model, Problem> {
    engine.store().campaign(scope, id).await?.ok_or_else(|| Problem::not_found("campaign"))
}

/// Moves a campaign from one of `from` to `to`; 409 where it is in none of them. One that is there already stays.
async fn change_status(
    engine: &Engine,
    scope: Scope,
    id: Uuid,
    from: &[CampaignStatus],
    to: CampaignStatus,
) -> Result<Campaign, Problem> {
    let moved = engine.store().set_campaign_status(scope, id, from, to, engine.clock().now_ms()).await?;
    let row = load(engine, scope, id).await?;
    if !moved && row.status != to.as_str() {
        let from: Vec<&str> = from.iter().map(|status| status.as_str()).collect();
        let detail = format!(
            "The campaign is `{}`; only one that is {} becomes `{}`.",
            row.status,
            from.join(" or "),
            to.as_str()
        );
        return Err(Problem::conflict(detail));
    }
    engine.wake();
    Ok(row.into())
}

/// 422 with everything that is missing before the campaign can run.
async fn check_complete(engine: &Engine, scope: Scope, row: &campaign::Model) -> Result<(), Problem> {
    let missing = engine.missing_for_activation(scope, row).await?;
    if missing.is_empty() {
        return Ok(());
    }
    let listed: Vec<String> = missing.iter().map(|fault| format!("{}: {}", fault.field, fault.message)).collect();
    let detail = format!("The campaign cannot run yet. {}", listed.join("; "));
    Err(Problem::invalid(missing).saying(detail))
}
