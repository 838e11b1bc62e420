//! Rows of CSV.

use std::io;

use serde_json::Value;

use super::columns::Column;
use super::contact::Draft;
use super::record::{Record, Shape};
use super::rows::Outcome;
use super::source::Source;
use super::{Checkpoint, Finding, Prepared};

/// The rows of a CSV file.
pub(super) struct TableRows {
    source: Source,
    record: Record,
    columns: Vec<Column>,
    delimiter: u8,
    encoding: &'static str,
}

impl TableRows {
    pub(super) fn open(prepared: &Prepared, delimiter: u8, byte: u64) -> io::Result<Self> {
        let source = Source::open(&prepared.data, byte)?;
        let (columns, encoding) = (prepared.columns.clone(), prepared.encoding);
        Ok(Self { source, record: Record::default(), columns, delimiter, encoding })
    }

    /// The next row, and the line it begins on.
    pub(super) fn next(&mut self, at: &mut Checkpoint, line: &mut u64) -> io::Result<Option<Outcome>> {
        loop {
            *line = at.line + 1;
            let shape = self.record.read(&mut self.source, self.delimiter, self.columns.len(), at)?;
            return Ok(match shape {
                Shape::End => None,
                Shape::Blank => continue,
                Shape::Complete => Some(self.contact()),
                Shape::TooLong => Some(Err(Finding::of_row(&self.beginning(), "the row is longer than 1 MiB"))),
                Shape::Unclosed => Some(Err(self.broken_cell("has a quote that is never closed"))),
                Shape::AfterQuote => Some(Err(self
                    .broken_cell("has text after its closing quote; a quote inside a quoted value is written twice"))),
            });
        }
    }

    #[cfg(test)]
    pub(super) fn held_bytes(&self) -> usize {
        self.record.held_bytes()
    }

    fn contact(&self) -> Outcome {
        let (found, expected) = (self.record.cells(), self.columns.len());
        if found != expected {
            let reason = format!("the row has {found} values, and the header {expected} columns");
            return Err(Finding::of_row(&self.beginning(), reason));
        }
        let Ok(text) = std::str::from_utf8(self.record.bytes()) else {
            let reason = format!("holds bytes that are not {}", self.encoding);
            return Err(self.first_cell(|cell| std::str::from_utf8(cell).is_err(), reason));
        };
        if text.contains('\0') {
            return Err(self.first_cell(|cell| cell.contains(&0), "holds a NUL character".to_owned()));
        }
        let mut draft = Draft::default();
        for (column, range) in self.columns.iter().zip(self.record.ranges()) {
            let cell = &text[range];
            match column {
                // The header was checked, so no field is there twice.
                Column::Field(field) => _ = draft.set(*field, cell),
                Column::Param(name) => _ = draft.params.insert(name.clone(), Value::from(cell)),
                Column::Nameless if cell.trim().is_empty() => {}
                Column::Nameless => {
                    draft.warnings.push(Finding::of("", cell, "stands in a column without a name and was left out"));
                }
            }
        }
        draft.finish()
    }

    /// A finding about the first cell for which `wrong` holds.
    fn first_cell(&self, wrong: impl Fn(&[u8]) -> bool, reason: String) -> Finding {
        let cells = self.record.ranges().map(|range| &self.record.bytes()[range]);
        let found = self.columns.iter().zip(cells).find(|(_, cell)| wrong(cell));
        found.map_or_else(
            || Finding::of_row(&self.beginning(), reason.clone()),
            |(column, cell)| Finding { field: column.name().to_owned(), ..Finding::of_row(cell, reason.clone()) },
        )
    }

    /// A finding about the cell that could not be read to its end.
    fn broken_cell(&self, reason: &str) -> Finding {
        let (index, cell) = self.record.last_cell();
        let field = self.columns.get(index).map_or("", Column::name);
        Finding { field: field.to_owned(), ..Finding::of_row(cell, reason) }
    }

    /// The row's first values, to recognise it by.
    fn beginning(&self) -> Vec<u8> {
        const ENOUGH: usize = 1024;
        let mut bytes = Vec::new();
        for range in self.record.ranges() {
            if !bytes.is_empty() {
                bytes.push(self.delimiter);
            }
            let end = range.end.min(range.start + ENOUGH);
            bytes.extend_from_slice(&self.record.bytes()[range.start..end]);
            if bytes.len() > ENOUGH {
                break;
            }
        }
        bytes
    }
}
