//! What a finding shows of a value.

use super::{Finding, MAX_EXCERPT_CHARS};

/// The beginning of `text`, cut to [`MAX_EXCERPT_CHARS`], with a visible sign in place of each NUL: no database column
/// that findings are kept in takes NUL.
pub(super) fn excerpt(text: &str) -> String {
    text.chars().take(MAX_EXCERPT_CHARS).map(|c| if c == '\0' { '\u{2400}' } else { c }).collect()
}

/// As [`excerpt`], of bytes that may be no UTF-8.
pub(super) fn excerpt_bytes(bytes: &[u8]) -> String {
    // At most four bytes a character: what lies beyond cannot be shown.
    excerpt(&String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_EXCERPT_CHARS * 4)]))
}

impl Finding {
    /// About one field of a row.
    pub(super) fn of(field: &str, value: &str, reason: impl Into<String>) -> Self {
        Self { field: excerpt(field), value: excerpt(value), reason: reason.into() }
    }

    /// About a row as a whole; `raw` is (the beginning of) what stands there.
    pub(super) fn of_row(raw: &[u8], reason: impl Into<String>) -> Self {
        Self { field: String::new(), value: excerpt_bytes(raw), reason: reason.into() }
    }
}
