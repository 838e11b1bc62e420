use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::{Tenant, load};
use crate::{auth::CanPlatform, error::Problem, extract::Id};

/// A tenant
#[utoipa::path(get, path = "/tenants/{id}", tag = "access", params(Id), responses((status = 200, body = Tenant)))]
pub(crate) async fn get_tenant(
    State(engine): State<Engine>,
    _: CanPlatform,
    Id(id): Id,
) -> Result<Json<Tenant>, Problem> {
    Ok(Json(load(&engine, id).await?.into()))
}
