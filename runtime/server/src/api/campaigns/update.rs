use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Map, Value};
use stratagem_domain::rate::Rate;
use stratagem_engine::Engine;
use utoipa::ToSchema;

use super::{Campaign, load, sending_hours};
use crate::{
    api::rates,
    auth::CanBuild,
    error::{Faults, Problem},
    extract::{Body, Id, name, present, text, time_zone},
    request_id::RequestId,
};

/// What changes; absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CampaignChange {
    /// New name.
    name: Option<String>,
    /// New description.
    description: Option<String>,
    /// New zone, an IANA name.
    time_zone: Option<String>,
    /// New sending hours; null removes them. What waits for the old ones is asked again at once.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Object>)]
    sending_hours: Option<Option<Map<String, Value>>>,
    /// New limit of all its sends, in place of the old one; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Object>)]
    send_rate: Option<Option<Rate>>,
    /// Refused: a status changes through `/activate`, `/pause`, `/resume` and `/archive`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    status: Option<Option<Value>>,
}

/// Change a campaign
#[utoipa::path(patch, path = "/campaigns/{id}", tag = "campaigns", params(Id), request_body = CampaignChange,
    responses((status = 200, body = Campaign)))]
pub(crate) async fn update_campaign(
    State(engine): State<Engine>,
    CanBuild(scope): CanBuild,
    Id(id): Id,
    RequestId(trace): RequestId,
    Body(change): Body<CampaignChange>,
) -> Result<Json<Campaign>, Problem> {
    let mut row = load(&engine, scope, id).await?;
    let before = (row.sending_hours.clone(), row.time_zone.clone());
    let mut faults = Faults::default();
    if let Some(new) = change.name {
        row.name = faults.check("name", name(&new)).unwrap_or_default();
    }
    if let Some(new) = change.description {
        row.description = faults.check("description", text(new)).unwrap_or_default();
    }
    if let Some(new) = change.time_zone {
        row.time_zone = faults.check("time_zone", time_zone(new)).unwrap_or_default();
    }
    if let Some(new) = change.sending_hours {
        row.sending_hours = new.and_then(|hours| sending_hours(hours, &mut faults)).map(Into::into);
    }
    let limited = change.send_rate.is_some();
    if let Some(new) = change.send_rate {
        row.send_rate = rates::stored("send_rate", new, &mut faults);
    }
    if change.status.is_some() {
        faults.add("status", "changes through POST /campaigns/{id}/activate, /pause, /resume or /archive");
    }
    faults.finish()?;
    row.updated_at_ms = engine.clock().now_ms();
    // Of what the hours were, and in which zone: without any, nothing waits for them.
    let changed = before.0.is_some() && before != (row.sending_hours.clone(), row.time_zone.clone());
    engine.store().update_campaign(scope, row.clone(), changed, Some(trace)).await?;
    if limited {
        engine.store().release_held_lanes(scope).await?;
    }
    engine.wake();
    Ok(Json(row.into()))
}
