use axum::{Json, extract::State};
use stratagem_engine::{CLAIM_MS, Engine};

use crate::{
    api::sessions::{Session, load, show},
    auth::{Caller, CanOperate},
    error::Problem,
    extract::Id,
};

/// Take a session from the inbox
///
/// For half an hour; claiming it again lengthens that. One that somebody else has is 409. A claim that runs out puts it back.
#[utoipa::path(post, path = "/inbox/{id}/claim", tag = "conversations", params(Id), responses((status = 200, body = Session)))]
pub(crate) async fn claim_session(
    State(engine): State<Engine>,
    CanOperate(scope): CanOperate,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Session>, Problem> {
    load(&engine, scope, id).await?;
    let now_ms = engine.clock().now_ms();
    let until_ms = now_ms.saturating_add(CLAIM_MS);
    if !engine.store().claim_session(scope, id, &caller.token_id, now_ms, until_ms).await? {
        return Err(Problem::conflict("The session is not in the inbox, or somebody else has it."));
    }
    let row = load(&engine, scope, id).await?;
    Ok(Json(show(&engine, scope, row).await?))
}
