use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value};
use stratagem_domain::{campaign::CampaignStatus, rate::Rate};
use stratagem_engine::Engine;
use stratagem_store::entities::campaign;
use utoipa::ToSchema;

use super::{Campaign, sending_hours};
use crate::{
    answer::Created,
    api::rates,
    auth::{Caller, CanBuild},
    error::{Faults, Problem},
    extract::{Body, name, text, time_zone},
};

/// A campaign to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCampaign {
    /// Its name.
    name: String,
    /// What it is for.
    #[serde(default)]
    description: String,
    /// IANA name; the tenant's where it is absent.
    time_zone: Option<String>,
    /// When messages may leave: weekday (`mon` to `sun`) to list of `HH:MM-HH:MM`, each in order and without overlaps, in the
    /// contact's zone, else the campaign's. A day that is absent or empty is closed, `24:00` ends a day; at least one minute of the
    /// week must be open. Absent or null: at any time. Asked at the moment of sending; what is due while they are closed waits until
    /// they open, with the reason in `waiting_for`.
    #[schema(value_type = Option<Object>, example = json!({"mon": ["09:00-12:00", "13:00-18:00"]}))]
    sending_hours: Option<Map<String, Value>>,
    /// Limit of all its sends: `sends` in `per_s` seconds, and at most `burst` at once; without it there is no limit.
    #[schema(value_type = Option<Object>, example = json!({"sends": 10, "per_s": 60, "burst": 2}))]
    send_rate: Option<Rate>,
    /// `draft`, where it is there at all.
    status: Option<String>,
}

/// Make a campaign
///
/// It begins as a draft: give it stages and strategies, import contacts, then activate it.
#[utoipa::path(post, path = "/campaigns", tag = "campaigns", request_body = NewCampaign,
    responses((status = 201, body = Campaign)))]
pub(crate) async fn create_campaign(
    State(engine): State<Engine>,
    CanBuild(scope): CanBuild,
    caller: Caller,
    Body(new): Body<NewCampaign>,
) -> Result<Created<Campaign>, Problem> {
    let tenants_zone = caller.tenant.map(|tenant| tenant.time_zone).unwrap_or_default();
    let mut faults = Faults::default();
    let name = faults.check("name", name(&new.name));
    let description = faults.check("description", text(new.description));
    let time_zone = faults.check("time_zone", time_zone(new.time_zone.unwrap_or(tenants_zone)));
    let sending_hours = new.sending_hours.and_then(|hours| sending_hours(hours, &mut faults));
    let send_rate = rates::stored("send_rate", new.send_rate, &mut faults);
    if new.status.is_some_and(|status| status != CampaignStatus::Draft.as_str()) {
        faults.add("status", "a new campaign is a `draft`; activate it with POST /campaigns/{id}/activate");
    }
    faults.finish()?;
    let now_ms = engine.clock().now_ms();
    let row = campaign::Model {
        id: engine.random().id(engine.clock().now()),
        tenant_id: scope.0,
        name: name.unwrap_or_default(),
        description: description.unwrap_or_default(),
        time_zone: time_zone.unwrap_or_default(),
        sending_hours: sending_hours.map(Into::into),
        send_rate,
        status: CampaignStatus::Draft.as_str().to_owned(),
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    };
    engine.store().insert_campaign(row.clone()).await?;
    Ok(Created(row.into()))
}
