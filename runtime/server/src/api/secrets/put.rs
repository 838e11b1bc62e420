use axum::{
    Json,
    extract::{Path, State},
};
use secrecy::SecretString;
use serde::Deserialize;
use stratagem_engine::{Engine, SECRET_FIELD, is_secret_name};
use stratagem_store::entities::secret;
use utoipa::ToSchema;

use super::Secret;
use crate::{
    api::tenants::hosts,
    auth::CanAdminister,
    error::{Faults, Problem},
    extract::Body,
};

/// Shorter ones would be found in every answer, and be taken out of it.
const SHORTEST: usize = 8;
const LONGEST: usize = 8 << 10;

/// A secret's value and where it may go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretValue {
    /// 8 to 8,192 bytes. It cannot be read back.
    value: String,
    /// Hosts that it may be sent to, e.g. `crm.example.com` or `*.example.com`; the tenant's `http_allow` must have them, too.
    #[schema(example = json!(["crm.example.com"]))]
    hosts: Vec<String>,
}

/// Set a secret
///
/// `{{secret:NAME}}` in a header or the body of a strategy's request stands for it. The host fills it in, for these hosts alone,
/// and takes it out of answers; no strategy, log or record ever has it.
#[utoipa::path(put, path = "/secrets/{name}", tag = "strategies", params(("name" = String, Path, description = "1 to 64 of \
    `A-Z a-z 0-9 _ . -`.")), request_body = SecretValue, responses((status = 200, body = Secret)))]
pub(crate) async fn put_secret(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    Path(name): Path<String>,
    Body(given): Body<SecretValue>,
) -> Result<Json<Secret>, Problem> {
    let mut faults = Faults::default();
    if !is_secret_name(&name) {
        faults.add("name", "must be 1 to 64 of A-Z a-z 0-9 _ . -");
    }
    let length = given.value.len();
    if !(SHORTEST..=LONGEST).contains(&length) {
        faults.add("value", format!("must have {SHORTEST} to {LONGEST} bytes"));
    } else if given.value.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        faults.add("value", "must not hold control characters");
    }
    if given.hosts.is_empty() {
        faults.add("hosts", "names no host: a secret belongs to at least one");
    }
    let hosts = faults.check("hosts", hosts(given.hosts)).unwrap_or_default();
    faults.finish()?;
    let now_ms = engine.clock().now_ms();
    let old = engine.store().secret(scope, &name).await?;
    let id = old.as_ref().map_or_else(|| engine.random().id(engine.clock().now()), |old| old.id);
    let row = secret::Model {
        id,
        tenant_id: scope.0,
        name,
        sealed: engine.vault().seal(scope.0, id, SECRET_FIELD, &SecretString::from(given.value)),
        hosts: hosts.into(),
        created_at_ms: old.map_or(now_ms, |old| old.created_at_ms),
        updated_at_ms: now_ms,
    };
    engine.store().put_secret(scope, row.clone()).await?;
    Ok(Json(row.into()))
}
