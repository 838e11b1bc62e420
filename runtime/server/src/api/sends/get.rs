use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::Sends;
use crate::{auth::CanPlatform, error::Problem};

/// Whether messages leave
///
/// After a restore from a backup none does before it is released: nobody but a person can know what has left since the backup.
#[utoipa::path(get, path = "/sends", tag = "operations", responses((status = 200, body = Sends)))]
pub(crate) async fn get_sends(State(engine): State<Engine>, _: CanPlatform) -> Result<Json<Sends>, Problem> {
    Ok(Json(engine.store().sends_held().await?.into()))
}
