use std::io::Write;

use stratagem_engine::reader::{Rows, prepare};

/// Reads a file to its end. Row numbers grow, and no file has more rows than bytes.
pub(crate) fn read(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new_in("/dev/shm").unwrap();
    file.write_all(bytes).unwrap();
    let copy = file.path().with_extension("utf8");
    let Ok(prepared) = prepare(file.path(), &copy) else { return };
    let mut rows = Rows::open(&prepared, None).unwrap();
    let (mut count, mut last) = (0, 0);
    while let Some(row) = rows.next_row().unwrap() {
        assert!(row.number > last, "row {} after {last}", row.number);
        last = row.number;
        count += 1;
        assert!(count <= bytes.len());
    }
    // Most files need none.
    let _ = std::fs::remove_file(copy);
}
