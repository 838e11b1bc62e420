//! Who must not be written to.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;

use serde::Serialize;
use stratagem_store::entities::suppression;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::time::rfc3339;

/// Somebody who must not be written to.
#[derive(Serialize, ToSchema)]
pub(crate) struct Suppression {
    /// Its id.
    id: Uuid,
    /// E-mail address, phone number, or the provider's name of the person; null once the contact was erased, which keeps a hash alone.
    address: Option<String>,
    /// The channel that it holds for; null for all.
    channel: Option<String>,
    /// Why, in plain words.
    reason: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<suppression::Model> for Suppression {
    fn from(row: suppression::Model) -> Self {
        Self {
            id: row.id,
            address: row.address,
            channel: Some(row.channel).filter(|channel| !channel.is_empty()),
            reason: row.reason,
            created_at: rfc3339(row.created_at_ms),
        }
    }
}
