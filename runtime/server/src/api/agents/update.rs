use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::{Agent, AgentFields, load};
use crate::{
    auth::CanAdminister,
    error::Problem,
    extract::{Body, Id},
};

/// Change an agent
///
/// Conversations follow the change from their next turn on. What waited for the agent goes on.
#[utoipa::path(patch, path = "/agents/{id}", tag = "agents", params(Id), request_body = AgentFields,
    responses((status = 200, body = Agent)))]
pub(crate) async fn update_agent(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    Id(id): Id,
    Body(fields): Body<AgentFields>,
) -> Result<Json<Agent>, Problem> {
    let mut row = load(&engine, scope, id).await?;
    fields.apply(&engine, scope, &mut row).await?;
    row.updated_at_ms = engine.clock().now_ms();
    engine.store().update_agent(scope, row.clone()).await?;
    engine.store().release_held_lanes(scope).await?;
    engine.wake();
    Ok(Json(row.into()))
}
