//! Uploaded files of contacts.

pub(crate) mod create;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod receipts;

use serde::Serialize;
use stratagem_engine::Engine;
use stratagem_store::{Scope, entities::import};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{error::Problem, time::rfc3339};

/// An uploaded file, and how far it has been read.
#[derive(Serialize, ToSchema)]
pub(crate) struct Import {
    /// Its id.
    id: Uuid,
    /// Its campaign.
    campaign_id: Uuid,
    /// `queued`, `running`, `completed` or `failed`.
    #[schema(example = "completed")]
    status: String,
    /// Why the file failed as a whole.
    error: Option<String>,
    /// The file's size.
    bytes_total: i64,
    /// How much of it has been read.
    bytes_read: i64,
    /// Rows so far, rejected ones included.
    rows: i64,
    /// Rows that made a contact.
    created: i64,
    /// Rows that updated a contact.
    updated: i64,
    /// Rows that were refused; the receipts say why.
    rejected: i64,
    /// Rows that were taken with a warning; they are also counted as created or updated.
    warned: i64,
    /// When it was uploaded.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was read to its end.
    #[schema(format = DateTime)]
    finished_at: Option<String>,
}

impl From<import::Model> for Import {
    fn from(row: import::Model) -> Self {
        Self {
            id: row.id,
            campaign_id: row.campaign_id,
            status: row.status,
            error: row.error,
            bytes_total: row.bytes_total,
            bytes_read: row.bytes_read,
            rows: row.rows,
            created: row.created,
            updated: row.updated,
            rejected: row.rejected,
            warned: row.warned,
            created_at: rfc3339(row.created_at_ms),
            finished_at: row.finished_at_ms.map(rfc3339),
        }
    }
}

/// The tenant's import, or 404.
async fn load(engine: &Engine, scope: Scope, id: Uuid) -> Result<import::Model, Problem> {
    engine.store().import(scope, id).await?.ok_or_else(|| Problem::not_found("import"))
}
