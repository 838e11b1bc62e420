//! The header of a CSV file.

use std::path::Path;

use super::columns::{self, Column};
use super::excerpt::excerpt_bytes;
use super::prepare::FileError;
use super::record::{Record, Shape};
use super::source::Source;
use super::{Checkpoint, MAX_COLUMNS};

/// The names are held once more with each row, so they may not be large.
const MAX_HEADER_BYTES: usize = 64 * 1024;
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A header that has every required column, and none twice.
pub(super) struct Header {
    pub(super) columns: Vec<Column>,
    /// Where the first row begins.
    pub(super) rows: Checkpoint,
    pub(super) delimiter: u8,
}

impl Header {
    /// Reads the header with the delimiter that finds the most of the required columns in it, then the most columns.
    pub(super) fn read(path: &Path, start: Checkpoint, encoding: &str) -> Result<Self, FileError> {
        let (mut best, mut failure) = (None::<Self>, None);
        for delimiter in DELIMITERS {
            match Self::read_with(delimiter, path, start, encoding) {
                Ok(header) if best.as_ref().is_none_or(|best| header.rank() > best.rank()) => best = Some(header),
                Ok(_) => {}
                Err(FileError::Io(error)) => return Err(error.into()),
                Err(error) => _ = failure.get_or_insert(error),
            }
        }
        // With one column alone the delimiter was never met, so what went wrong with another is the better answer.
        let header = match (best, failure) {
            (Some(header), None) => header,
            (Some(header), Some(_)) if header.columns.len() > 1 => header,
            (_, failure) => return Err(failure.unwrap_or(FileError::Empty)),
        };
        columns::check(&header.columns)?;
        Ok(header)
    }

    fn rank(&self) -> (usize, usize) {
        (columns::required_present(&self.columns), self.columns.len())
    }

    fn read_with(delimiter: u8, path: &Path, start: Checkpoint, encoding: &str) -> Result<Self, FileError> {
        let bad = |reason: &str| FileError::BadHeader { reason: reason.to_owned() };
        let (mut record, mut rows) = (Record::default(), start);
        let mut source = Source::open(path, start.byte)?;
        loop {
            match record.read(&mut source, delimiter, MAX_COLUMNS + 1, &mut rows)? {
                Shape::Blank => {}
                Shape::Complete => break,
                Shape::End => return Err(FileError::Empty),
                Shape::TooLong => return Err(bad("it is longer than 64 KiB")),
                Shape::Unclosed => return Err(bad("a quote is never closed")),
                Shape::AfterQuote => return Err(bad("text follows a closing quote")),
            }
        }
        if record.bytes().len() > MAX_HEADER_BYTES {
            return Err(bad("it is longer than 64 KiB"));
        }
        if record.cells() > MAX_COLUMNS {
            return Err(bad(&format!("it has {} columns, and {MAX_COLUMNS} are the most", record.cells())));
        }
        let text = std::str::from_utf8(record.bytes())
            .map_err(|_| bad(&format!("it holds bytes that are not {encoding}: {}", excerpt_bytes(record.bytes()))))?;
        if text.contains('\0') {
            return Err(bad("it holds NUL characters"));
        }
        Ok(Self { columns: columns::of_header(record.ranges().map(|range| &text[range])), rows, delimiter })
    }
}
