//! Secrets that the host fills into strategies' HTTP requests. Their values are written, never read back.

pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod put;

use serde::Serialize;
use serde_json::Value;
use stratagem_store::entities::secret;
use utoipa::ToSchema;

use crate::time::rfc3339;

/// A secret without its value.
#[derive(Serialize, ToSchema)]
pub(crate) struct Secret {
    /// Strategies write `{{secret:NAME}}` in a header or a body.
    #[schema(example = "CRM")]
    name: String,
    /// Hosts that it may be sent to.
    #[schema(value_type = Vec<String>, example = json!(["crm.example.com"]))]
    hosts: Value,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last changed.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<secret::Model> for Secret {
    fn from(row: secret::Model) -> Self {
        Self {
            name: row.name,
            hosts: row.hosts.into(),
            created_at: rfc3339(row.created_at_ms),
            updated_at: rfc3339(row.updated_at_ms),
        }
    }
}
