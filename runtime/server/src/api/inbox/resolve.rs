use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Map, Value};
use stratagem_engine::Engine;
use utoipa::ToSchema;

use super::held;
use crate::{
    api::sessions::{Session, show},
    auth::{Caller, CanOperate},
    error::Problem,
    extract::{Body, Id},
};

/// What came of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resolution {
    /// What the aggregation strategy is given; `OutcomeStatus` says how it ended. Where the session has an agent, its schema holds.
    #[schema(value_type = Object, example = json!({"OutcomeStatus": "PROMISE"}))]
    results: Map<String, Value>,
}

/// Resolve a session
///
/// It has to be claimed. The session ends with these results.
#[utoipa::path(post, path = "/inbox/{id}/resolve", tag = "conversations", params(Id), request_body = Resolution,
    responses((status = 200, body = Session)))]
pub(crate) async fn resolve_session(
    State(engine): State<Engine>,
    CanOperate(scope): CanOperate,
    caller: Caller,
    Id(id): Id,
    Body(resolution): Body<Resolution>,
) -> Result<Json<Session>, Problem> {
    let row = held(&engine, scope, id, &caller.token_id).await?;
    engine.resolve(scope, &row, resolution.results).await?;
    Ok(Json(show(&engine, scope, row).await?))
}
