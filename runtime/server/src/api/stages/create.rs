use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value};
use stratagem_engine::Engine;
use stratagem_store::entities::stage;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Alternative, Stage, check, stored};
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
    /// `email_notification`, `email_communication`, `whatsapp_meta`, `whatsapp_bird`, `telegram`, `sip`, `twilio`, `human` or `none`.
    #[schema(example = "email_notification")]
    channel: String,
    /// Who talks, on two-way channels.
    agent_id: Option<Uuid>,
    /// What messages leave through; without it, the agent's integration of the channel's kind.
    integration_id: Option<Uuid>,
    /// What the channel needs: `email_notification` and `email_communication` {subject, body}; `whatsapp_meta` {template_name, language?,
    /// start_state}; `whatsapp_bird` {project_id, version, locale?, start_state}; `telegram` {}; `sip` {}; `twilio` {start_state}; `human`
    /// {}; `none` {start_state}. Templates see `contact`, `campaign`, `stage`, `communication`, `unsubscribe_url` and
    /// `telegram_url`, by which the contact makes itself known to the bot of the campaign's first Telegram stage, else to the tenant's only bot.
    /// What sends messages takes `resend_unconfirmed` too: true has one sent again of which nobody knows whether it left.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"subject": "Hello {{ contact.name }}", "body": "Your balance is {{ contact.params.balance }}."}))]
    settings: Map<String, Value>,
    /// Weighted alternatives, for some of the contacts.
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
        alternatives: stored(&new.alternatives).into(),
        response_timeout_s: new.response_timeout_s,
        max_communications: new.max_communications,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    };
    check::check(&engine, scope, &row, &new.alternatives, &mut faults).await?;
    faults.finish()?;
    engine.store().insert_stage(row.clone()).await?;
    Ok(Created(row.into()))
}
