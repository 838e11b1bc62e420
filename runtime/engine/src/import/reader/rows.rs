//! The rows of a prepared file, whatever its format.

use std::io;

use super::json_rows::JsonRows;
use super::table_rows::TableRows;
use super::{Checkpoint, Finding, Format, ImportedContact, Prepared, Row};

/// Reads a prepared file row by row. Holds one row at a time, so at most a few times [`super::MAX_ROW_BYTES`].
pub struct Rows {
    rows: Kind,
    at: Checkpoint,
}

enum Kind {
    Table(TableRows),
    Json(JsonRows),
}

/// A row without its number and line.
pub(super) type Outcome = Result<(ImportedContact, Vec<Finding>), Finding>;

impl Rows {
    /// Begins at the first row, or after the one at which `checkpoint` was taken.
    ///
    /// # Errors
    /// The file system's.
    pub fn open(prepared: &Prepared, checkpoint: Option<Checkpoint>) -> io::Result<Self> {
        let at = checkpoint.unwrap_or(prepared.start);
        let rows = match prepared.format {
            Format::Csv { delimiter } => Kind::Table(TableRows::open(prepared, delimiter, at.byte)?),
            Format::JsonLines => Kind::Json(JsonRows::open(prepared, at.byte)?),
        };
        Ok(Self { rows, at })
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// The file system's. What is wrong with a row is in the row.
    pub fn next_row(&mut self) -> io::Result<Option<Row>> {
        let (at, mut line) = (&mut self.at, 0);
        let outcome = match &mut self.rows {
            Kind::Table(rows) => rows.next(at, &mut line)?,
            Kind::Json(rows) => rows.next(at, &mut line)?,
        };
        let Some(outcome) = outcome else { return Ok(None) };
        at.row += 1;
        let (outcome, warnings) = match outcome {
            Ok((contact, warnings)) => (Ok(contact), warnings),
            Err(finding) => (Err(finding), Vec::new()),
        };
        Ok(Some(Row { number: at.row, line, outcome, warnings }))
    }

    #[cfg(test)]
    pub(super) fn held_bytes(&self) -> usize {
        match &self.rows {
            Kind::Table(rows) => rows.held_bytes(),
            Kind::Json(rows) => rows.held_bytes(),
        }
    }

    /// Where to go on after the last row returned.
    pub fn checkpoint(&self) -> Checkpoint {
        self.at
    }
}
