use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::Sends;
use crate::{auth::CanPlatform, error::Problem};

/// Release what is held
///
/// Everything that is due leaves now, for all tenants, as far as their campaigns, sending hours and limits let it.
#[utoipa::path(post, path = "/sends/release", tag = "operations", responses((status = 200, body = Sends)))]
pub(crate) async fn release_sends(State(engine): State<Engine>, _: CanPlatform) -> Result<Json<Sends>, Problem> {
    if engine.store().release_sends().await? {
        tracing::info!("sends were released");
        engine.wake();
    }
    Ok(Json(None.into()))
}
