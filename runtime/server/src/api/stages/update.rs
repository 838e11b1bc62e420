use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Map, Value};
use stratagem_engine::Engine;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Alternative, Stage, check, load, stored};
use crate::{
    auth::CanBuild,
    error::{Faults, Problem},
    extract::{Body, Id, name, present, text},
};

/// What changes; absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StageChange {
    /// New name. What is planned for the stage follows it; strategies have to name it so from then on.
    name: Option<String>,
    /// New description.
    description: Option<String>,
    /// New channel; its settings have to be given with it.
    channel: Option<String>,
    /// New agent; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    agent_id: Option<Option<Uuid>>,
    /// New integration; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    integration_id: Option<Option<Uuid>>,
    /// New settings, in place of all old ones.
    #[schema(value_type = Option<Object>)]
    settings: Option<Map<String, Value>>,
    /// New alternatives, in place of all old ones.
    alternatives: Option<Vec<Alternative>>,
    /// New time to wait for an answer; null for the default.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    response_timeout_s: Option<Option<i64>>,
    /// New bound on what one contact gets from it.
    max_communications: Option<i32>,
}

/// Change a stage
///
/// What is sent from now on follows the change, what was planned before it included.
#[utoipa::path(patch, path = "/stages/{id}", tag = "stages", params(Id), request_body = StageChange,
    responses((status = 200, body = Stage)))]
pub(crate) async fn update_stage(
    State(engine): State<Engine>,
    CanBuild(scope): CanBuild,
    Id(id): Id,
    Body(change): Body<StageChange>,
) -> Result<Json<Stage>, Problem> {
    let mut row = load(&engine, scope, id).await?;
    let old_name = row.name.clone();
    let mut faults = Faults::default();
    if let Some(new) = change.name {
        row.name = faults.check("name", name(&new)).unwrap_or_default();
    }
    if let Some(new) = change.description {
        row.description = faults.check("description", text(new)).unwrap_or_default();
    }
    row.channel = change.channel.unwrap_or(row.channel);
    row.agent_id = change.agent_id.unwrap_or(row.agent_id);
    row.integration_id = change.integration_id.unwrap_or(row.integration_id);
    row.settings = change.settings.map_or(row.settings, |settings| Value::Object(settings).into());
    row.response_timeout_s = change.response_timeout_s.unwrap_or(row.response_timeout_s);
    row.max_communications = change.max_communications.unwrap_or(row.max_communications);
    row.updated_at_ms = engine.clock().now_ms();
    if let Some(new) = &change.alternatives {
        row.alternatives = stored(new).into();
    }
    let alternatives = serde_json::from_value::<Vec<Alternative>>(row.alternatives.0.clone());
    let alternatives = alternatives.map_err(Problem::internal)?;
    check::check(&engine, scope, &row, &alternatives, &mut faults).await?;
    faults.finish()?;
    engine.store().update_stage(scope, &old_name, row.clone()).await?;
    engine.wake();
    Ok(Json(row.into()))
}
