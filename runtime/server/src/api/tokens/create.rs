use axum::extract::State;
use secrecy::ExposeSecret;
use stratagem_domain::access::Role;
use stratagem_engine::Engine;
use stratagem_store::Scope;

use super::{FreshToken, NewToken};
use crate::{
    answer::Created,
    auth::CanAdminister,
    error::{Faults, Problem},
    extract::{Body, name},
    time::rfc3339,
    tokens,
};

/// Make a token
///
/// For the caller's own tenant. The token is shown this once.
#[utoipa::path(post, path = "/tokens", tag = "access", request_body = NewToken, responses((status = 201, body = FreshToken)))]
pub(crate) async fn create_token(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    Body(new): Body<NewToken>,
) -> Result<Created<FreshToken>, Problem> {
    issue(&engine, scope, new).await.map(Created)
}

/// Makes a token for the tenant.
pub(crate) async fn issue(engine: &Engine, scope: Scope, new: NewToken) -> Result<FreshToken, Problem> {
    let mut faults = Faults::default();
    let name = faults.check("name", name(&new.name));
    let role = faults.check("role", tenant_role(&new.role));
    faults.finish()?;
    let named = (name.unwrap_or_default(), role.unwrap_or(Role::Viewer));

    let token = tokens::generate(engine.random());
    let row = tokens::row(engine.random(), engine.clock(), Some(scope.0), named, &token);
    let fresh = FreshToken {
        id: row.id,
        name: row.name.clone(),
        role: row.role.clone(),
        token: token.expose_secret().to_owned(),
        created_at: rfc3339(row.created_at_ms),
    };
    engine.store().insert_token(row).await?;
    Ok(fresh)
}

/// A platform admin belongs to no tenant.
fn tenant_role(name: &str) -> Result<Role, String> {
    Role::parse(name)
        .filter(|role| *role != Role::PlatformAdmin)
        .ok_or_else(|| "must be `admin`, `developer`, `operator` or `viewer`".to_owned())
}
