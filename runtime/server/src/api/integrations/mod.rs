//! Accounts at providers, and servers of the tenant's. Secrets come in, are sealed, and never leave again.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod probe;
pub(crate) mod update;

use serde::Serialize;
use serde_json::{Map, Value};
use stratagem_domain::channel::IntegrationKind;
use stratagem_engine::Engine;
use stratagem_store::{Scope, entities::integration};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{error::Problem, time::rfc3339};

/// An account at a provider, or a server of the tenant's.
#[derive(Serialize, ToSchema)]
pub(crate) struct Integration {
    /// Its id.
    id: Uuid,
    /// Its name.
    name: String,
    /// `smtp`, `imap`, `whatsapp_meta`, `whatsapp_bird`, `telegram`, `twilio`, `sip` or `llm`.
    #[schema(example = "smtp")]
    kind: String,
    /// What it needs to know, by kind.
    #[schema(value_type = Object)]
    settings: Value,
    /// Names of the secrets that are set. Their values are never read back.
    #[schema(example = json!(["password", "username"]))]
    secrets: Vec<String>,
    /// Limit of all that is sent through it; null where there is none.
    #[schema(value_type = Option<Object>, example = json!({"sends": 10, "per_s": 60}))]
    send_rate: Option<Value>,
    /// Limit of what one contact gets through it; null where there is none.
    #[schema(value_type = Option<Object>, example = json!({"sends": 10, "per_s": 60}))]
    pair_rate: Option<Value>,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last changed.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<integration::Model> for Integration {
    fn from(row: integration::Model) -> Self {
        let mut secrets: Vec<String> =
            row.secrets.as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default();
        secrets.sort();
        Self {
            id: row.id,
            name: row.name,
            kind: row.kind,
            settings: row.settings.into(),
            secrets,
            send_rate: row.send_rate.map(Into::into),
            pair_rate: row.pair_rate.map(Into::into),
            created_at: rfc3339(row.created_at_ms),
            updated_at: rfc3339(row.updated_at_ms),
        }
    }
}

/// The tenant's integration, or 404.
async fn load(engine: &Engine, scope: Scope, id: Uuid) -> Result<integration::Model, Problem> {
    engine.store().integration(scope, id).await?.ok_or_else(|| Problem::not_found("integration"))
}

/// The kind of that name.
fn kind(name: &str) -> Result<IntegrationKind, String> {
    IntegrationKind::parse(name).ok_or_else(|| {
        let known = IntegrationKind::ALL.map(IntegrationKind::as_str).join(", ");
        format!("is no kind of integration; there are {known}")
    })
}

/// Seals secrets into a row and checks it as a whole, before it is stored. A null or empty secret is removed.
fn set_secrets(engine: &Engine, row: &mut integration::Model, new: Map<String, Value>) -> Result<(), Problem> {
    let mut secrets = row.secrets.as_object().cloned().unwrap_or_default();
    for (name, value) in new {
        match value {
            Value::String(text) if !text.is_empty() => {
                let sealed = engine.vault().seal(row.tenant_id, row.id, &name, &text.into());
                secrets.insert(name, sealed.into());
            }
            Value::Null | Value::String(_) => {
                secrets.remove(&name);
            }
            _ => return Err(Problem::field(format!("secrets.{name}"), "must be a text, or null to remove it")),
        }
    }
    row.secrets = Value::Object(secrets).into();
    Ok(())
}

/// Whether the channels can use the integration.
fn check(engine: &Engine, kind: IntegrationKind, row: &integration::Model) -> Result<(), Problem> {
    let settings = row.settings.as_object().cloned().unwrap_or_default();
    let secrets: Vec<&str> =
        row.secrets.as_object().map(|all| all.keys().map(String::as_str).collect()).unwrap_or_default();
    engine.channels().check_integration(kind, &settings, &secrets).map_err(Problem::invalid)
}
