//! Reads a contact file, CSV or JSON Lines, one row at a time: in bounded memory, and from where a crash left it.
//!
//! ```text
//! let prepared = reader::prepare(&file, &copy)?;             // FileError: the file as a whole is refused
//! let mut rows = Rows::open(&prepared, saved_checkpoint)?;   // io::Error from here on
//! while let Some(row) = rows.next_row()? {
//!     match row.outcome {
//!         Ok(contact) => …,                                  // `row.warnings` stands beside it
//!         Err(finding) => …,                                 // this row is rejected, the others go on
//!     }
//!     save(rows.checkpoint());                               // with the batch that the row went into
//! }
//! ```
//!
//! Everything is synchronous: call it from `spawn_blocking`. [`prepare`] reads the whole file once, to know its encoding; a
//! file that is not UTF-8 is written again as UTF-8, so that a checkpoint is always a byte offset.
//! After a crash call [`prepare`] again with the same file: it comes to the same bytes.
//!
//! What is accepted, and what becomes of a row that is not, is in `contact.rs` (values), `record.rs` (CSV quoting) and
//! `json_rows.rs`.

mod columns;
mod contact;
mod encoding;
mod excerpt;
mod header;
mod json_rows;
mod prepare;
mod record;
mod rows;
mod source;
mod table_rows;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use prepare::{FileError, Format, Prepared, prepare};
pub use rows::Rows;

/// The most that one row may take, in bytes of UTF-8, quotes included: as much as a contact may be in the sandbox.
pub const MAX_ROW_BYTES: usize = 1024 * 1024;

/// How deep a row's JSON may be nested, the row's own object being level 1.
pub const MAX_DEPTH: usize = 32;

/// The longest `object_id` and `external_id`, in characters. Both lie in an index, and PostgreSQL's hold 2,700 bytes a row.
pub const MAX_ID_CHARS: usize = 255;

/// The most columns of a CSV file, and keys of a JSON row.
pub const MAX_COLUMNS: usize = 1000;

/// How much of a value a [`Finding`] shows, in characters.
pub const MAX_EXCERPT_CHARS: usize = 200;

/// Where to go on: right after the last row that was returned. Only meaningful with the file it was taken from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Offset of the next row in the UTF-8 file.
    pub byte: u64,
    /// Number of the last row returned; 0 before the first.
    pub row: u64,
    /// Lines that lie before `byte`.
    pub line: u64,
    /// Bytes that were read twice so far because of quotes that never closed; see `record.rs`.
    #[serde(default)]
    pub reread: u64,
}

/// One data row of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// 1 for the first data row. Blank lines are no rows, and the CSV header is none.
    pub number: u64,
    /// The line of the file, counted from 1, on which the row begins.
    pub line: u64,
    /// The contact, or why there is none.
    pub outcome: Result<ImportedContact, Finding>,
    /// What was strange and did not stop the row. Empty where the row is rejected.
    pub warnings: Vec<Finding>,
}

/// A contact as the file has it. Ids, name, e-mail, phone and time zone are without white space around them.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedContact {
    /// Never empty.
    pub object_id: String,
    /// Never empty.
    pub external_id: String,
    /// Never empty.
    pub name: String,
    /// A well-formed address.
    pub email: Option<String>,
    /// E.164 where the number can be dialled; else the text of the file, and a warning.
    pub phone: Option<String>,
    /// A zone's IANA name.
    pub time_zone: Option<String>,
    /// The other columns, names exactly as in the file, in the file's order. Texts in CSV, any JSON in JSON Lines.
    pub params: Map<String, Value>,
    /// Which of the optional fields the row had.
    pub present: Present,
}

/// Which optional fields a row had. An absent one leaves a stored contact's value alone; a present one that is empty
/// erases it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Present {
    /// The row had an e-mail column or key.
    pub email: bool,
    /// The row had a phone column or key.
    pub phone: bool,
    /// The row had a time zone, and not an unknown one.
    pub time_zone: bool,
}

/// What is wrong with a row, for its owner to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Column or key; for the system's own fields their name here (`external_id`). Empty for the row as a whole.
    pub field: String,
    /// The value found, cut to [`MAX_EXCERPT_CHARS`], without NUL.
    pub value: String,
    /// A sentence that says what is wrong, without a full stop.
    pub reason: String,
}
