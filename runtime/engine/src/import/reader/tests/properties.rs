//! Whatever the rows, the delimiter and the encoding.

use csv::{QuoteStyle, Terminator};
use proptest::prelude::*;

use super::super::{Checkpoint, MAX_ROW_BYTES};
use super::*;

/// A cell's text: plain, or with everything in it that CSV has to quote.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 ]{0,12}",
        "[a-z,;|\t\"\r\n ']{0,12}",
        "[äöüßéñçÅØ€“”–a-z]{0,8}",
        proptest::collection::vec(any::<char>().prop_filter("NUL is refused", |c| *c != '\0'), 0..8)
            .prop_map(|chars| chars.into_iter().collect()),
    ]
}

/// Id, name and two parameters a row.
fn table() -> impl Strategy<Value = Vec<[String; 4]>> {
    proptest::collection::vec(("[a-z0-9]{1,8}", "[^\0\\s][^\0]{0,8}[^\0\\s]", cell(), cell()), 0..20)
        .prop_map(|rows| rows.into_iter().map(|(id, name, a, b)| [id, name, a, b]).collect())
}

fn written(table: &[[String; 4]], delimiter: u8, terminator: Terminator, style: QuoteStyle) -> String {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(terminator)
        .quote_style(style)
        .from_writer(Vec::new());
    writer.write_record(["Object_id", "External_ID", "Name", "Email", "Phone", "first, param", "Second"]).unwrap();
    for [id, name, a, b] in table {
        writer.write_record([id, id, name, "", "", a, b]).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn in_encoding(text: &str, which: u8) -> Option<Vec<u8>> {
    let utf16 = |bytes: fn(u16) -> [u8; 2], mark: [u8; 2]| {
        mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect()
    };
    match which {
        0 => Some(text.as_bytes().to_vec()),
        1 => Some([b"\xef\xbb\xbf", text.as_bytes()].concat()),
        2 => Some(utf16(u16::to_le_bytes, [0xff, 0xfe])),
        3 => Some(utf16(u16::to_be_bytes, [0xfe, 0xff])),
        _ => {
            // Letters that are no UTF-8 by accident, and fewer than a guess is made from.
            let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(text);
            let letters = bytes.iter().filter(|b| !b.is_ascii()).count();
            (!unmappable && letters < 16 && (letters == 0 || std::str::from_utf8(&bytes).is_err()))
                .then(|| bytes.into_owned())
        }
    }
}

fn all_from(prepared: &Prepared, checkpoint: Option<Checkpoint>) -> Vec<(Row, Checkpoint)> {
    let mut rows = Rows::open(prepared, checkpoint).unwrap();
    std::iter::from_fn(|| rows.next_row().unwrap().map(|row| (row, rows.checkpoint()))).collect()
}

/// Every checkpoint leads to the rows that follow it, and no further.
fn resumes_everywhere(prepared: &Prepared) -> Result<(), TestCaseError> {
    let whole = all_from(prepared, None);
    for (index, (_, checkpoint)) in whole.iter().enumerate() {
        prop_assert_eq!(&all_from(prepared, Some(*checkpoint))[..], &whole[index + 1..]);
        prop_assert!(checkpoint.byte <= prepared.bytes());
    }
    Ok(())
}

proptest! {
    #[test]
    fn what_the_csv_crate_writes_is_read_back(
        table in table(),
        delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
        terminator in prop::sample::select(vec![Terminator::CRLF, Terminator::Any(b'\n'), Terminator::Any(b'\r')]),
        style in prop::sample::select(vec![QuoteStyle::Necessary, QuoteStyle::Always, QuoteStyle::NonNumeric]),
        encoding in 0_u8..5,
    ) {
        let Some(bytes) = in_encoding(&written(&table, delimiter, terminator, style), encoding) else { return Ok(()) };
        let file = file(bytes);
        let prepared = prepare(file.path()).unwrap();
        let rows = rows_of(&prepared);
        prop_assert_eq!(rows.len(), table.len());
        for (row, [id, name, a, b]) in rows.iter().zip(&table) {
            let contact = row.outcome.as_ref().unwrap();
            prop_assert_eq!((&contact.object_id, &contact.external_id, &contact.name), (id, id, &name.trim().to_owned()));
            prop_assert_eq!(&contact.params["first, param"], a);
            prop_assert_eq!(&contact.params["Second"], b);
        }
        resumes_everywhere(&prepared)?;
        discard_copy(file.path());
    }

    #[test]
    fn arbitrary_bytes_are_rows_or_findings(bytes in proptest::collection::vec(any::<u8>(), 0..400), start in 0..4) {
        let csv = format!("{HEADER}\n");
        let start = ["", &csv, "object_id;external_id;name;email;phone\r\n1;1;A;;\r\n", "{\"a\":1}\n"][start as usize];
        let file = file([start.as_bytes(), &bytes].concat());
        if let Ok(prepared) = prepare(file.path()) {
            resumes_everywhere(&prepared)?;
            discard_copy(file.path());
        }
    }

    #[test]
    fn arbitrary_quoting_is_rows_or_findings(text in "[a1,;\"\r\n]{0,200}", json in "[\\[\\]{}\":,a1\\\\u\n ]{0,100}") {
        for file_text in [format!("{HEADER}\n{text}"), format!("{{\"a\":1}}\n{json}")] {
            let file = file(file_text);
            let prepared = prepare(file.path()).unwrap();
            resumes_everywhere(&prepared)?;
            for (row, _) in all_from(&prepared, None) {
                let findings = row.outcome.as_ref().err().into_iter().chain(&row.warnings);
                for finding in findings {
                    prop_assert!(finding.value.chars().count() <= 200 && !finding.reason.is_empty());
                }
            }
        }
    }
}

#[test]
fn memory_is_bounded_by_the_row_limit() {
    // 64 MiB in one unclosed quote: what is held of it shows in the row's finding and nowhere else.
    let file = file([HEADER.as_bytes(), b"\n1,1,\"", "x".repeat(64 * MAX_ROW_BYTES).as_bytes()].concat());
    let prepared = prepare(file.path()).unwrap();
    let mut rows = Rows::open(&prepared, None).unwrap();
    assert!(rows.next_row().unwrap().unwrap().outcome.is_err());
    assert!(rows.held_bytes() <= 2 * MAX_ROW_BYTES);
}
