use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::{Campaign, load};
use crate::{auth::CanRead, error::Problem, extract::Id};

/// A campaign
#[utoipa::path(get, path = "/campaigns/{id}", tag = "campaigns", params(Id), responses((status = 200, body = Campaign)))]
pub(crate) async fn get_campaign(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
) -> Result<Json<Campaign>, Problem> {
    Ok(Json(load(&engine, scope, id).await?.into()))
}
