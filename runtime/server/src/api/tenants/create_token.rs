use axum::extract::State;
use stratagem_engine::Engine;
use stratagem_store::Scope;

use super::load;
use crate::{
    answer::Created,
    api::tokens::{FreshToken, NewToken, create::issue},
    auth::CanPlatform,
    error::Problem,
    extract::{Body, Id},
};

/// Make a token for a tenant
///
/// How a platform admin gives a new tenant its first token. The token is shown this once.
#[utoipa::path(post, path = "/tenants/{id}/tokens", tag = "access", params(Id), request_body = NewToken,
    responses((status = 201, body = FreshToken)))]
pub(crate) async fn create_tenant_token(
    State(engine): State<Engine>,
    _: CanPlatform,
    Id(id): Id,
    Body(new): Body<NewToken>,
) -> Result<Created<FreshToken>, Problem> {
    let tenant = load(&engine, id).await?;
    issue(&engine, Scope(tenant.id), new).await.map(Created)
}
