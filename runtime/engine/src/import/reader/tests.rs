//! Stories about files, and properties that hold for every file.

mod files;
mod properties;
mod values;

use std::io::Write;

use tempfile::NamedTempFile;

use super::{FileError, Finding, ImportedContact, Prepared, Row, Rows, prepare};

const HEADER: &str = "object_id,external_id,name,email,phone";

fn file(bytes: impl AsRef<[u8]>) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes.as_ref()).unwrap();
    file
}

fn rows_of(prepared: &Prepared) -> Vec<Row> {
    let mut rows = Rows::open(prepared, None).unwrap();
    std::iter::from_fn(|| rows.next_row().unwrap()).collect()
}

fn read(bytes: impl AsRef<[u8]>) -> Vec<Row> {
    let file = file(bytes);
    let prepared = prepare(file.path()).unwrap();
    let rows = rows_of(&prepared);
    prepared.discard_transcoded().unwrap();
    rows
}

fn refused(bytes: impl AsRef<[u8]>) -> FileError {
    prepare(file(bytes).path()).unwrap_err()
}

fn contact(row: &Row) -> &ImportedContact {
    row.outcome.as_ref().unwrap()
}

fn rejection(row: &Row) -> &Finding {
    row.outcome.as_ref().unwrap_err()
}

/// One row of CSV with the usual columns.
fn one(row: &str) -> Row {
    let mut rows = read(format!("{HEADER}\n{row}\n"));
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}
