use axum::extract::State;
use serde_json::{Map, Value};
use stratagem_domain::agent::{AgentKind, AgentStatus};
use stratagem_engine::Engine;
use stratagem_store::entities::agent;

use super::{Agent, AgentFields};
use crate::{answer::Created, auth::CanAdminister, error::Problem, extract::Body};

/// Make an agent
///
/// `name` and `kind` are required. Rules, states and the schema are checked before anything is stored.
#[utoipa::path(post, path = "/agents", tag = "agents", request_body = AgentFields,
    responses((status = 201, body = Agent)))]
pub(crate) async fn create_agent(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    Body(fields): Body<AgentFields>,
) -> Result<Created<Agent>, Problem> {
    if fields.name.is_none() {
        return Err(Problem::field("name", "is required"));
    }
    let kind = fields.kind.as_deref().and_then(AgentKind::parse);
    let kind = kind.ok_or_else(|| Problem::field("kind", "is required, and is llm or scripted"))?;
    let now_ms = engine.clock().now_ms();
    let mut row = agent::Model {
        id: engine.random().id(engine.clock().now()),
        tenant_id: scope.0,
        name: String::new(),
        kind: kind.as_str().to_owned(),
        llm_integration_id: None,
        integrations: Value::Object(Map::new()).into(),
        instructions: String::new(),
        rules: String::new(),
        states: Value::Array(Vec::new()).into(),
        result_schema: None,
        max_concurrent: 1,
        status: AgentStatus::Active.as_str().to_owned(),
        status_reason: None,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    };
    fields.apply(&engine, scope, &mut row).await?;
    engine.store().insert_agent(row.clone()).await?;
    Ok(Created(row.into()))
}
