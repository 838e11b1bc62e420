use std::collections::BTreeMap;

use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Map, Value};
use stratagem_domain::rate::Rate;
use stratagem_engine::Engine;
use stratagem_store::Scope;
use utoipa::ToSchema;

use super::{Tenant, hosts, limits, load, stop_words};
use crate::{
    api::rates,
    auth::CanPlatform,
    error::{Faults, Problem},
    extract::{Body, Id, name, present, time_zone},
};

/// What changes; absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantChange {
    /// New name.
    name: Option<String>,
    /// New default zone, for campaigns that are made from now on.
    time_zone: Option<String>,
    /// New limits, in place of all that were set.
    #[schema(value_type = Option<Object>)]
    limits: Option<Map<String, Value>>,
    /// New list of hosts, in place of the old one.
    http_allow: Option<Vec<String>>,
    /// New limit of all that it sends; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Object>)]
    send_rate: Option<Option<Rate>>,
    /// New limits by channel, in place of all that were set.
    #[schema(value_type = Option<Object>)]
    channel_rates: Option<BTreeMap<String, Rate>>,
    /// New words by which contacts ask to be left alone, in place of all that were set.
    stop_words: Option<Vec<String>>,
}

/// Change a tenant
#[utoipa::path(patch, path = "/tenants/{id}", tag = "access", params(Id), request_body = TenantChange,
    responses((status = 200, body = Tenant)))]
pub(crate) async fn update_tenant(
    State(engine): State<Engine>,
    _: CanPlatform,
    Id(id): Id,
    Body(change): Body<TenantChange>,
) -> Result<Json<Tenant>, Problem> {
    let mut row = load(&engine, id).await?;
    let mut faults = Faults::default();
    if let Some(new) = change.name {
        row.name = faults.check("name", name(&new)).unwrap_or_default();
    }
    if let Some(new) = change.time_zone {
        row.time_zone = faults.check("time_zone", time_zone(new)).unwrap_or_default();
    }
    if let Some(new) = change.limits {
        row.limits = faults.check("limits", limits(new)).unwrap_or_default().into();
    }
    if let Some(new) = change.http_allow {
        row.http_allow = faults.check("http_allow", hosts(new)).unwrap_or_default().into();
    }
    if let Some(new) = change.send_rate {
        row.send_rate = rates::stored("send_rate", new, &mut faults);
    }
    if let Some(new) = change.channel_rates {
        row.channel_rates = rates::of_channels(new, &mut faults);
    }
    if let Some(new) = change.stop_words {
        row.stop_words = faults.check("stop_words", stop_words(new)).map(Into::into);
    }
    faults.finish()?;
    engine.store().update_tenant(row.clone()).await?;
    engine.store().release_held_lanes(Scope(id)).await?;
    engine.wake();
    Ok(Json(row.into()))
}
