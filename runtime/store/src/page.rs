//! Lists, page by page.

use uuid::Uuid;

/// Most rows of a page.
pub const MAX_LIMIT: u64 = 200;

/// Which part of a list is wanted. Lists are in the order of their ids, which is the order of their making.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Only what comes after this id.
    pub after: Option<Uuid>,
    /// At most this many rows.
    pub limit: u64,
}

impl Default for Page {
    fn default() -> Self {
        Self { after: None, limit: 50 }
    }
}
