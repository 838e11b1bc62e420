//! Who calls, and what they may do.
//!
//! A handler says what it needs by its argument's type: `CanRead(scope): CanRead`. The scope is the token's tenant, so a
//! handler cannot reach another one's rows.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use stratagem_domain::access::{Permission, Role};
use stratagem_engine::Engine;
use stratagem_store::{Scope, entities::tenant};

use crate::{
    error::{Kind, Problem},
    tokens,
};

/// The holder of a valid token.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) role: Role,
    /// Which token.
    pub(crate) token_id: String,
    /// None for platform admins.
    pub(crate) tenant: Option<tenant::Model>,
}

impl Caller {
    fn scope_for(&self, permission: Permission) -> Result<Scope, Problem> {
        match &self.tenant {
            Some(tenant) if self.role.may(permission) => Ok(Scope(tenant.id)),
            _ => Err(self.refused()),
        }
    }

    fn refused(&self) -> Problem {
        Problem::new(Kind::Forbidden, format!("The token's role is `{}`, which may not do this.", self.role.as_str()))
    }
}

/// Looks the request's token up.
pub(crate) async fn authenticate(engine: &Engine, headers: &HeaderMap) -> Result<Caller, Problem> {
    let unauthorized = |detail: &str| Problem::new(Kind::Unauthorized, detail);
    let token = bearer(headers).ok_or_else(|| unauthorized("Send `Authorization: Bearer <token>`."))?;
    let found = engine.store().token_by_hash(&tokens::hash(token)).await?;
    let (row, tenant) = found.ok_or_else(|| unauthorized("The token is not known."))?;
    let role =
        Role::parse(&row.role).ok_or_else(|| Problem::internal(format!("token {} has an unknown role", row.id)))?;
    if row.tenant_id.is_some() && tenant.is_none() {
        return Err(unauthorized("The token's tenant is gone."));
    }
    Ok(Caller { role, token_id: row.id.to_string(), tenant })
}

/// The request's token, where it has one.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

impl FromRequestParts<Engine> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        if let Some(caller) = parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        let caller = authenticate(engine, &parts.headers).await?;
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

macro_rules! permission {
    ($name:ident, $permission:ident, $doc:literal) => {
        #[doc = $doc]
        pub(crate) struct $name(pub(crate) Scope);

        impl FromRequestParts<Engine> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
                let caller = Caller::from_request_parts(parts, engine).await?;
                caller.scope_for(Permission::$permission).map(Self)
            }
        }
    };
}

permission!(CanRead, Read, "May read anything of the tenant.");
permission!(CanOperate, Operate, "May change contacts, import, pause and resume.");
permission!(CanBuild, Build, "May change campaigns, stages and strategies.");
permission!(CanAdminister, Administer, "May change tokens and integrations.");

/// May make tenants. Platform admins belong to no tenant, so there is no scope.
pub(crate) struct CanPlatform;

impl FromRequestParts<Engine> for CanPlatform {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, engine).await?;
        if caller.role.may(Permission::Platform) { Ok(Self) } else { Err(caller.refused()) }
    }
}
