//! Whether messages may leave at all, for platform admins.

pub(crate) mod get;
pub(crate) mod release;

use serde::Serialize;
use utoipa::ToSchema;

/// Whether messages leave.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sends {
    /// Whether all that are due are held until they are released.
    held: bool,
    /// Why.
    reason: Option<String>,
}

impl From<Option<String>> for Sends {
    fn from(reason: Option<String>) -> Self {
        Self { held: reason.is_some(), reason }
    }
}
