use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value};
use stratagem_engine::Engine;
use stratagem_store::entities::stage;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Alternative, Stage, check};
use crate::{
    answer::Created,
    api::campaigns,
    auth::CanBuild,
    error::{Faults, Problem},
    extract::{Body, Id, name, text},
};

/// A stage to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStage {
    /// Unique within the campaign: strategies name stages by it.
    #[schema(example = "1. Email")]
    name: String,
    /// What it is for.
    #[serde(default)]
    description: String,
    /// `email_notification` or `none`; other channels come in later versions.
    #[schema(example = "email_notification")]
    channel: String,
    /// Who talks, on two-way channels. Not available in this version.
    agent_id: Option<Uuid>,
    /// What messages leave through; for `email_notification` an integration of kind `smtp`.
    integration_id: Option<Uuid>,
    /// For `email_notification`: `subject` and `body`, templates that see `contact`, `campaign`, `stage`, `communication`
    /// and `unsubscribe_url`.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"subject": "Hello {{ contact.name }}", "body": "Your balance is {{ contact.params.balance }}."}))]
    settings: Map<String, Value>,
    /// Not available in this version: has to be empty.
    #[serde(default)]
    alternatives: Vec<Alternative>,
    /// How long a session waits for an answer, in seconds.
    response_timeout_s: Option<i64>,
    /// How many communications one contact gets from it; beyond that they are `skipped`.
    #[serde(default = "ten")]
    #[schema(default = 10, minimum = 1, maximum = 1000)]
    max_communications: i32,
}

fn ten() -> i32 {
    10
}

/// Add a stage
///
/// It comes last in the campaign's order. Settings are checked by the channel, templates included.
#[utoipa::path(post, path = "/campaigns/{id}/stages", tag = "stages", params(Id), request_body = NewStage,
    responses((status = 201, body = Stage)))]
pub(crate) async fn create_stage(
    State(engine): State<Engine>,
    CanBuild(scope): CanBuild,
    Id(campaign_id): Id,
    Body(new): Body<NewStage>,
) -> Result<Created<Stage>, Problem> {
    campaigns::load(&engine, scope, campaign_id).await?;
    let mut faults = Faults::default();
    let now_ms = engine.clock().now_ms();
    let last = engine.store().stages(scope, campaign_id).await?.last().map(|stage| stage.position);
    let row = stage::Model {
        id: engine.random().id(engine.clock().now()),
        tenant_id: scope.0,
        campaign_id,
        position: last.map_or(0, |last| last + 1),
        name: faults.check("name", name(&new.name)).unwrap_or_default(),
        description: faults.check("description", text(new.description)).unwrap_or_default(),
        channel: new.channel,
        agent_id: new.agent_id,
        integration_id: new.integration_id,
        settings: Value::Object(new.settings).into(),
        alternatives: Value::Array(Vec::new()).into(),
        response_timeout_s: new.response_timeout_s,
        max_communications: new.max_communications,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    };
    check::check_alternatives(&new.alternatives, &mut faults);
    check::check(&engine, scope, &row, &mut faults).await?;
    faults.finish()?;
    engine.store().insert_stage(row.clone()).await?;
    Ok(Created(row.into()))
}
