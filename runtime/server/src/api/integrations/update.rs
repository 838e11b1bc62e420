use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Map, Value};
use stratagem_engine::Engine;
use utoipa::ToSchema;

use super::{Integration, check, kind, load, set_secrets};
use crate::{
    auth::CanAdminister,
    error::Problem,
    extract::{Body, Id, name},
};

/// What changes; absent fields stay as they are. The kind cannot change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntegrationChange {
    /// New name.
    name: Option<String>,
    /// New settings, in place of all old ones.
    #[schema(value_type = Option<Object>)]
    settings: Option<Map<String, Value>>,
    /// Secrets to set; null removes one, those that are absent stay.
    #[serde(default)]
    #[schema(value_type = Object)]
    secrets: Map<String, Value>,
}

/// Change an integration
///
/// Connections that are open under the old settings are left behind.
#[utoipa::path(patch, path = "/integrations/{id}", tag = "integrations", params(Id), request_body = IntegrationChange,
    responses((status = 200, body = Integration)))]
pub(crate) async fn update_integration(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    Id(id): Id,
    Body(change): Body<IntegrationChange>,
) -> Result<Json<Integration>, Problem> {
    let mut row = load(&engine, scope, id).await?;
    if let Some(new) = change.name {
        row.name = name(&new).map_err(|message| Problem::field("name", message))?;
    }
    if let Some(settings) = change.settings {
        row.settings = Value::Object(settings);
    }
    set_secrets(&engine, &mut row, change.secrets)?;
    check(kind(&row.kind).map_err(Problem::internal)?, &row)?;
    row.updated_at_ms = engine.clock().now_ms();
    engine.store().update_integration(scope, row.clone()).await?;
    // What waited for it may go now.
    engine.wake();
    Ok(Json(row.into()))
}
