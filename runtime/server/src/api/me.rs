use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{auth::Caller, error::Problem};

/// Who the token is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    /// The token's tenant; null for a platform admin.
    tenant_id: Option<Uuid>,
    /// Its name.
    tenant_name: Option<String>,
    /// The token's role.
    #[schema(example = "admin")]
    role: &'static str,
}

/// Who am I
///
/// The token's tenant and role.
#[utoipa::path(get, path = "/me", tag = "access", responses((status = 200, body = Me)))]
pub(crate) async fn me(caller: Caller) -> Result<Json<Me>, Problem> {
    let (tenant_id, tenant_name) = caller.tenant.map(|tenant| (tenant.id, tenant.name)).unzip();
    Ok(Json(Me { tenant_id, tenant_name, role: caller.role.as_str() }))
}
