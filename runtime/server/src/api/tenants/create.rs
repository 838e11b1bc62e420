use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value};
use stratagem_engine::Engine;
use stratagem_store::entities::tenant;
use utoipa::ToSchema;

use super::{Tenant, hosts, limits};
use crate::{
    answer::Created,
    auth::CanPlatform,
    error::{Faults, Problem},
    extract::{Body, name, time_zone},
};

/// A tenant to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTenant {
    /// Its name.
    name: String,
    /// IANA name; the default for its campaigns.
    #[serde(default = "utc")]
    #[schema(default = "UTC", example = "Europe/Berlin")]
    time_zone: String,
    /// Limits of strategy runs that differ from the defaults.
    #[serde(default)]
    #[schema(value_type = Object)]
    limits: Map<String, Value>,
    /// Hosts that strategies may call.
    #[serde(default)]
    http_allow: Vec<String>,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// Make a tenant
///
/// It has no tokens yet: `POST /tenants/{id}/tokens` makes its first one.
#[utoipa::path(post, path = "/tenants", tag = "access", request_body = NewTenant, responses((status = 201, body = Tenant)))]
pub(crate) async fn create_tenant(
    State(engine): State<Engine>,
    _: CanPlatform,
    Body(new): Body<NewTenant>,
) -> Result<Created<Tenant>, Problem> {
    let mut faults = Faults::default();
    let name = faults.check("name", name(&new.name));
    let time_zone = faults.check("time_zone", time_zone(new.time_zone));
    let limits = faults.check("limits", limits(new.limits));
    let http_allow = faults.check("http_allow", hosts(new.http_allow));
    faults.finish()?;
    let row = tenant::Model {
        id: engine.random().id(engine.clock().now()),
        name: name.unwrap_or_default(),
        time_zone: time_zone.unwrap_or_default(),
        limits: limits.unwrap_or_default(),
        http_allow: http_allow.unwrap_or_default(),
        created_at_ms: engine.clock().now_ms(),
    };
    engine.store().insert_tenant(row.clone()).await?;
    Ok(Created(row.into()))
}
