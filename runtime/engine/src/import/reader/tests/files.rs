//! Formats, encodings, delimiters, broken files.

use super::super::{Checkpoint, Format, MAX_ROW_BYTES};
use super::*;

const SAMPLE_CSV: &str = "Object_id,External_ID,Name,Email,Phone,add_param1,add_param2\n\
    123,123,John Doe,john@example.com,+1234567890,12,\"Additional data\"\n\
    456,456,Jane Smith,jane@example.com,+0987654321,34,\"More data\"\n";

const SAMPLE_JSON: &str = r#"{"Object_id": "123", "External_ID": "123", "Name": "John Doe", "Email": "john@example.com", "Phone": "+1234567890"}
{"Object_id": "456", "External_ID": "456", "Name": "Jane Smith", "Email": "jane@example.com", "Phone": "+0987654321"}
"#;

#[test]
fn the_specifications_csv_sample_reads_as_it_stands() {
    let rows = read(SAMPLE_CSV);
    assert_eq!(rows.iter().map(|row| (row.number, row.line)).collect::<Vec<_>>(), [(1, 2), (2, 3)]);
    let (john, jane) = (contact(&rows[0]), contact(&rows[1]));
    assert_eq!((john.object_id.as_str(), john.external_id.as_str(), john.name.as_str()), ("123", "123", "John Doe"));
    assert_eq!(john.email.as_deref(), Some("john@example.com"));
    assert_eq!(john.phone.as_deref(), Some("+1234567890"));
    assert_eq!(serde_json::to_string(&john.params).unwrap(), r#"{"add_param1":"12","add_param2":"Additional data"}"#);
    assert!(rows[0].warnings.is_empty());
    // Trap 4: the number is kept, and warned about.
    assert_eq!(jane.phone.as_deref(), Some("+0987654321"));
    assert_eq!(rows[1].warnings.len(), 1);
    assert_eq!((rows[1].warnings[0].field.as_str(), rows[1].warnings[0].value.as_str()), ("phone", "+0987654321"));
}

#[test]
fn the_specifications_json_sample_reads_the_same() {
    let file = file(SAMPLE_JSON);
    let prepared = prepare(file.path()).unwrap();
    assert_eq!(prepared.format(), Format::JsonLines);
    let rows = rows_of(&prepared);
    assert_eq!(rows.len(), 2);
    assert_eq!(contact(&rows[1]).name, "Jane Smith");
    assert_eq!(rows[1].warnings.len(), 1);
}

#[test]
fn headers_match_ignoring_case_spaces_hyphens_and_underscores() {
    let rows =
        read("OBJECT ID;External-Id;  name ;E-Mail;PHONE;Time Zone;Due Date\n1;2;Ann;a@example.com;;Europe/Berlin;x\n");
    let ann = contact(&rows[0]);
    assert_eq!((ann.object_id.as_str(), ann.external_id.as_str()), ("1", "2"));
    assert_eq!(ann.time_zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(ann.params.keys().collect::<Vec<_>>(), ["Due Date"]);
}

#[test]
fn every_delimiter_is_found_even_when_others_stand_in_names() {
    for delimiter in [",", ";", "\t", "|"] {
        let others =
            [",", ";", "\t", "|"].into_iter().filter(|other| *other != delimiter).collect::<Vec<_>>().join("x");
        let header = ["object_id", "external_id", "name", "email", "phone", others.as_str()].join(delimiter);
        let file = file(format!("{header}\n{}\n", ["1", "2", "Ann", "", "", "v"].join(delimiter)));
        let prepared = prepare(file.path()).unwrap();
        assert_eq!(prepared.format(), Format::Csv { delimiter: delimiter.as_bytes()[0] });
        assert_eq!(contact(&rows_of(&prepared)[0]).params[&others], "v");
    }
}

#[test]
fn every_encoding_comes_to_the_same_rows() {
    let text = format!("{HEADER},city\n1,2,Jürgen Groß,j@example.com,,Málaga\n3,4,Zoë – “Z” €,,,Åre\n");
    let utf16 = |bytes: fn(u16) -> [u8; 2], mark: &[u8]| {
        mark.iter().copied().chain(text.encode_utf16().flat_map(bytes)).collect::<Vec<u8>>()
    };
    let files = [
        ("UTF-8", text.clone().into_bytes()),
        ("UTF-8", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("UTF-16LE", utf16(u16::to_le_bytes, b"\xff\xfe")),
        ("UTF-16BE", utf16(u16::to_be_bytes, b"\xfe\xff")),
        ("UTF-16LE", utf16(u16::to_le_bytes, b"")),
        ("UTF-16BE", utf16(u16::to_be_bytes, b"")),
        ("windows-1252", encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()),
    ];
    let expected = read(&text);
    assert_eq!(contact(&expected[0]).name, "Jürgen Groß");
    for (encoding, bytes) in files {
        let file = file(bytes);
        let prepared = prepare(file.path()).unwrap();
        assert_eq!(prepared.encoding(), encoding);
        assert_eq!(rows_of(&prepared), expected);
        discard_copy(file.path());
    }
}

#[test]
fn the_one_accented_name_may_come_late() {
    let mut bytes = format!("{HEADER}\n").into_bytes();
    for i in 0..20_000 {
        bytes.extend_from_slice(format!("{i},{i},Somebody Plain,,\n").as_bytes());
    }
    bytes.extend_from_slice(b"x,x,Ren\xe9,,\n");
    assert_eq!(contact(read(bytes).last().unwrap()).name, "René");
}

#[test]
fn enough_text_tells_another_one_byte_encoding() {
    let mut text = format!("{HEADER}\n");
    for (i, name) in ["Анна Иванова", "Борис Петров", "Мария Смирнова", "Сергей Кузнецов"].into_iter().enumerate()
    {
        text.push_str(&format!("{i},{i},{name},,\n"));
    }
    let rows = read(encoding_rs::WINDOWS_1251.encode(&text).0);
    assert_eq!(contact(&rows[2]).name, "Мария Смирнова");
}

#[test]
fn broken_bytes_concern_their_row_only() {
    let rows =
        read([HEADER.as_bytes(), "\n1,1,Zoë,,\n".as_bytes(), b"2,2,Jos\xe9,,\n", "3,3,Noël,,\n".as_bytes()].concat());
    assert_eq!(contact(&rows[0]).name, "Zoë");
    assert_eq!((rejection(&rows[1]).field.as_str(), rejection(&rows[1]).value.as_str()), ("name", "Jos\u{fffd}"));
    assert_eq!(contact(&rows[2]).name, "Noël");

    let mut lone = vec![0xff, 0xfe];
    let text: Vec<u16> = format!("{HEADER}\n1,1,A?,,\n2,2,B,,\n").encode_utf16().collect();
    lone.extend(text.into_iter().map(|c| if c == u16::from(b'?') { 0xd800 } else { c }).flat_map(u16::to_le_bytes));
    let rows = read(lone);
    assert!(rejection(&rows[0]).reason.contains("not UTF-16LE"));
    assert_eq!(contact(&rows[1]).name, "B");
}

#[test]
fn files_that_cannot_be_contacts_fail_as_a_whole() {
    for empty in ["", "\n\n  \r\n", "\u{feff}", "\u{feff}\n"] {
        assert!(matches!(refused(empty), FileError::Empty));
    }
    assert_eq!(
        refused("Object_id,Name,Mail\n1,Ann,a@example.com\n").to_string(),
        "Your import file must include these fields: name, email, phone, object_id, external_id. \
         Missing: email, phone, external_id"
    );
    assert!(
        matches!(refused(format!("{HEADER},Object-ID\n")), FileError::DuplicateColumns { columns } if columns == ["object_id"])
    );
    assert!(
        matches!(refused(format!("{HEADER},a,b,a\n")), FileError::DuplicateColumns { columns } if columns == ["a"])
    );
    for array in [r#"[{"name": 1}]"#, "[\n  {\n", "[]", "\u{feff} [ {"] {
        assert!(refused(array).to_string().contains("one object a line"));
    }
    assert!(refused("{\n  \"name\": \"Ann\"\n}\n").to_string().contains("one object a line"));
    assert!(refused(b"PK\x03\x04....").to_string().contains("Excel"));
    assert!(matches!(
        refused("\"object_id,name\n1,2\n"),
        FileError::BadHeader { .. } | FileError::MissingColumns { .. }
    ));
    assert!(matches!(refused(format!("{HEADER},a\0b\n")), FileError::BadHeader { .. }));
    assert!(matches!(refused(format!("{HEADER}{}\n", ",x".repeat(1000))), FileError::BadHeader { .. }));
    assert!(matches!(refused(format!("{HEADER},{}\n", "x".repeat(70_000))), FileError::BadHeader { .. }));
    assert!(matches!(prepare("/nonexistent/file".as_ref()), Err(FileError::Io(_))));
}

#[test]
fn a_header_alone_is_a_file_without_rows() {
    assert_eq!(read(HEADER), []);
    assert_eq!(read(format!("\n\r\n{HEADER}\r\n\n")), []);
}

#[test]
fn quoted_cells_hold_delimiters_quotes_and_lines() {
    let rows = read(format!(
        "{HEADER},note\r\n1,1,\"Doe, John\",,,\"He said \"\"hi\"\",\r\nthen\nleft\"\r\n\r\n2,2,Ann,,,\r\n"
    ));
    assert_eq!(contact(&rows[0]).name, "Doe, John");
    assert_eq!(contact(&rows[0]).params["note"], "He said \"hi\",\r\nthen\nleft");
    assert_eq!(contact(&rows[1]).params["note"], "");
    assert_eq!((rows[1].number, rows[1].line), (2, 6));
}

#[test]
fn old_line_ends_and_a_missing_last_one_are_fine() {
    assert_eq!(read(format!("{HEADER}\r1,1,Ann,,\r2,2,Bob,,")).len(), 2);
}

#[test]
fn too_many_and_too_few_cells_concern_their_row_only() {
    let rows = read(format!("{HEADER}\n1,1,Ann,\n2,2,Bob,,,,\n3,3,Cid,,\n"));
    assert_eq!(rejection(&rows[0]).reason, "the row has 4 values, and the header 5 columns");
    assert_eq!(rejection(&rows[0]).value, "1,1,Ann,");
    assert_eq!(rejection(&rows[1]).reason, "the row has 7 values, and the header 5 columns");
    assert_eq!(contact(&rows[2]).name, "Cid");
}

#[test]
fn a_quote_that_never_closes_costs_one_row() {
    let rows = read(format!("{HEADER}\n1,1,\"Ann,,\n2,2,Bob,,\n3,3,Cid,,\n"));
    assert_eq!(rejection(&rows[0]).field, "name");
    assert_eq!(rejection(&rows[0]).reason, "has a quote that is never closed");
    assert_eq!((contact(&rows[1]).name.as_str(), contact(&rows[2]).name.as_str()), ("Bob", "Cid"));

    let rows = read(format!("{HEADER}\n1,1,\"Ann,,\n2,2,\"Bob\",,\n3,3,\"Ci\"d,,\n4,4,Dan,,\n5,5,\"Eve"));
    assert_eq!(
        rows.iter().map(|row| (row.line, row.outcome.is_ok())).collect::<Vec<_>>(),
        [(2, false), (3, true), (4, false), (5, true), (6, false)]
    );
    assert!(rejection(&rows[2]).reason.contains("written twice"));
}

#[test]
fn a_row_over_one_mebibyte_is_rejected_and_the_others_go_on() {
    let long = "x\n".repeat(MAX_ROW_BYTES);
    let rows =
        read(format!("{HEADER},note\n1,1,Ann,,,\"{long}\"\n2,2,Bob,,,{}\n3,3,Cid,,,\n", "y".repeat(MAX_ROW_BYTES)));
    assert_eq!(rows.len(), 3);
    assert_eq!(rejection(&rows[0]).reason, "the row is longer than 1 MiB");
    assert_eq!(rejection(&rows[1]).reason, "the row is longer than 1 MiB");
    assert_eq!(contact(&rows[2]).name, "Cid");

    let json = |id: u32, note: &str| {
        format!("{{\"object_id\":{id},\"external_id\":{id},\"name\":\"A\",\"note\":\"{note}\"}}\n")
    };
    let rows = read(
        [json(1, &"x".repeat(2 * MAX_ROW_BYTES)), " ".repeat(2 * MAX_ROW_BYTES), "\n".into(), json(2, "")].concat(),
    );
    assert_eq!(rows.iter().map(|row| row.outcome.is_ok()).collect::<Vec<_>>(), [false, false, true]);
}

#[test]
fn quotes_that_swallow_line_after_line_do_not_make_reading_quadratic() {
    // Each of these lines leaves a quote open, whether it begins inside of one or not.
    let hostile = format!("{HEADER}\n{}", "x\",\"\n".repeat(2_000_000));
    let started = std::time::Instant::now();
    let rows = read(hostile);
    assert!(rows.iter().all(|row| row.outcome.is_err()));
    assert!(started.elapsed().as_secs() < 60, "took {:?}", started.elapsed());
}

#[test]
fn a_checkpoint_without_the_later_field_is_still_read() {
    let checkpoint: Checkpoint = serde_json::from_str(r#"{"byte":1,"row":2,"line":3}"#).unwrap();
    assert_eq!(checkpoint, Checkpoint { byte: 1, row: 2, line: 3, reread: 0 });
}
