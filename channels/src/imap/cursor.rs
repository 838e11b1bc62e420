//! How far a mailbox has been read.

use std::fmt;

/// Message numbers (UIDs) rise, and mean the same as long as the mailbox's validity is the same (RFC 3501 section 2.3.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) validity: u32,
    /// The last one that was read; 0 for none.
    pub(super) last: u32,
}

impl Cursor {
    /// None where it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (validity, last) = text.split_once(':')?;
        Some(Self { validity: validity.parse().ok()?, last: last.parse().ok()? })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.validity, self.last)
    }
}
