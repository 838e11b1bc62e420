use std::collections::BTreeMap;

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value};
use stratagem_domain::rate::Rate;
use stratagem_engine::Engine;
use stratagem_store::entities::tenant;
use utoipa::ToSchema;

use super::{Tenant, hosts, limits, stop_words};
use crate::{
    answer::Created,
    api::rates,
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
    /// Limit of all that it sends: `sends` in `per_s` seconds, and at most `burst` at once; without it there is no limit.
    #[schema(value_type = Option<Object>, example = json!({"sends": 10, "per_s": 60, "burst": 2}))]
    send_rate: Option<Rate>,
    /// Limits by channel, e.g. of `email_notification`.
    #[serde(default)]
    #[schema(value_type = Object)]
    channel_rates: BTreeMap<String, Rate>,
    /// Its own words by which contacts ask to be left alone, beside the usual ones of eight languages.
    #[serde(default)]
    stop_words: Vec<String>,
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
    let send_rate = rates::stored("send_rate", new.send_rate, &mut faults);
    let channel_rates = rates::of_channels(new.channel_rates, &mut faults);
    let stop_words = faults.check("stop_words", stop_words(new.stop_words));
    faults.finish()?;
    let row = tenant::Model {
        id: engine.random().id(engine.clock().now()),
        name: name.unwrap_or_default(),
        time_zone: time_zone.unwrap_or_default(),
        limits: limits.unwrap_or_default().into(),
        http_allow: http_allow.unwrap_or_default().into(),
        send_rate,
        channel_rates,
        stop_words: stop_words.map(Into::into),
        created_at_ms: engine.clock().now_ms(),
    };
    engine.store().insert_tenant(row.clone()).await?;
    Ok(Created(row.into()))
}
