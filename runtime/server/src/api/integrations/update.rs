use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Map, Value};
use stratagem_domain::rate::Rate;
use stratagem_engine::Engine;
use stratagem_store::entities::integration;
use utoipa::ToSchema;

use super::{Integration, check, kind, load, set_secrets};
use crate::{
    api::rates,
    auth::CanAdminister,
    error::{Faults, Problem},
    extract::{Body, Id, name, present},
};

/// What changes; absent fields stay as they are. The kind cannot change.
#[derive(Clone, Deserialize, ToSchema)]
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
    /// New limit of all that is sent through it; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Object>)]
    send_rate: Option<Option<Rate>>,
    /// New limit of what one contact gets through it; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Object>)]
    pair_rate: Option<Option<Rate>>,
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
    let row = loop {
        let before = load(&engine, scope, id).await?;
        let row = changed(&engine, before.clone(), change.clone())?;
        // Another call came first, or a mail account was given another token: what is there now is what changes.
        if engine.store().update_integration(&before, row.clone()).await? {
            break row;
        }
    };
    // What waited for it, or for its limits, may go now.
    engine.store().release_held_lanes(scope).await?;
    engine.wake();
    Ok(Json(row.into()))
}

fn changed(
    engine: &Engine,
    mut row: integration::Model,
    change: IntegrationChange,
) -> Result<integration::Model, Problem> {
    if let Some(new) = change.name {
        row.name = name(&new).map_err(|message| Problem::field("name", message))?;
    }
    if let Some(settings) = change.settings {
        row.settings = Value::Object(settings).into();
    }
    let mut faults = Faults::default();
    if let Some(new) = change.send_rate {
        row.send_rate = rates::stored("send_rate", new, &mut faults);
    }
    if let Some(new) = change.pair_rate {
        row.pair_rate = rates::stored("pair_rate", new, &mut faults);
    }
    faults.finish()?;
    set_secrets(engine, &mut row, change.secrets)?;
    check(engine, kind(&row.kind).map_err(Problem::internal)?, &row)?;
    row.updated_at_ms = engine.clock().now_ms();
    Ok(row)
}
