//! Stories about files, and properties that hold for every file.

mod files;
mod properties;
mod values;

use std::io::Write;

use tempfile::NamedTempFile;

use std::path::Path;

use super::{FileError, Finding, ImportedContact, Prepared, Row, Rows};

const HEADER: &str = "object_id,external_id,name,email,phone";

fn file(bytes: impl AsRef<[u8]>) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes.as_ref()).unwrap();
    file
}

/// Where the UTF-8 copy goes.
fn copy_of(path: &Path) -> std::path::PathBuf {
    path.with_extension("utf8")
}

fn prepare(path: &Path) -> Result<Prepared, FileError> {
    super::prepare(path, &copy_of(path))
}

fn discard_copy(path: &Path) {
    // Most files need none.
    let _ = std::fs::remove_file(copy_of(path));
}

fn rows_of(prepared: &Prepared) -> Vec<Row> {
    let mut rows = Rows::open(prepared, None).unwrap();
    std::iter::from_fn(|| rows.next_row().unwrap()).collect()
}

fn read(bytes: impl AsRef<[u8]>) -> Vec<Row> {
    let file = file(bytes);
    let prepared = prepare(file.path()).unwrap();
    let rows = rows_of(&prepared);
    discard_copy(file.path());
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
