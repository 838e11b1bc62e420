//! What becomes of single values.

use serde_json::json;

use super::super::{MAX_DEPTH, Present};
use super::*;

#[test]
fn ids_and_name_are_required() {
    for (row, field, reason) in [
        (",2,Ann,,", "object_id", "is empty"),
        ("1, ,Ann,,", "external_id", "is empty"),
        ("1,2,\u{a0},,", "name", "is empty"),
    ] {
        let row = one(row);
        assert_eq!((rejection(&row).field.as_str(), rejection(&row).reason.as_str()), (field, reason));
    }
    let rows =
        read("{\"object_id\": 1, \"name\": \"Ann\"}\n{\"object_id\": null, \"external_id\": 2, \"name\": \"Ann\"}\n");
    assert_eq!(
        (rejection(&rows[0]).field.as_str(), rejection(&rows[0]).reason.as_str()),
        ("external_id", "is missing")
    );
    assert_eq!((rejection(&rows[1]).field.as_str(), rejection(&rows[1]).reason.as_str()), ("object_id", "is empty"));
}

#[test]
fn a_bad_address_rejects_and_an_empty_one_is_none() {
    let row = one("1,2,Ann,not-an-email,");
    assert_eq!((rejection(&row).field.as_str(), rejection(&row).value.as_str()), ("email", "not-an-email"));
    assert!(rejection(&row).reason.contains("no e-mail address"));
    let row = one("1,2,Ann,,");
    assert_eq!((&contact(&row).email, &contact(&row).phone), (&None, &None));
    assert_eq!(contact(&row).present, Present { email: true, phone: true, time_zone: false });
}

#[test]
fn phones_are_brought_into_e164_or_kept_with_a_warning() {
    assert_eq!(contact(&one("1,2,Ann,,+1 (202) 555-0123")).phone.as_deref(), Some("+12025550123"));
    let row = one("1,2,Ann,,+1-800-FLOWERS");
    assert_eq!(contact(&row).phone.as_deref(), Some("+1-800-FLOWERS"));
    assert_eq!(row.warnings[0].field, "phone");
}

#[test]
fn an_unknown_time_zone_warns_and_erases_nothing() {
    let rows = read(format!("{HEADER},time_zone\n1,2,Ann,,,Berlin\n1,2,Ann,,, America/New_York \n1,2,Ann,,,\n"));
    assert_eq!((&contact(&rows[0]).time_zone, rows[0].warnings[0].field.as_str()), (&None, "time_zone"));
    assert!(!contact(&rows[0]).present.time_zone);
    assert_eq!(contact(&rows[1]).time_zone.as_deref(), Some("America/New_York"));
    assert!(contact(&rows[2]).present.time_zone && contact(&rows[2]).time_zone.is_none());
}

#[test]
fn nul_rejects_and_can_still_be_shown() {
    let row = one("1,2,A\0nn,,");
    assert_eq!((rejection(&row).field.as_str(), rejection(&row).value.as_str()), ("name", "A\u{2400}nn"));
    let base = r#""object_id":1,"external_id":2,"name":"Ann""#;
    let rows = read(format!(
        "{{{base},\"note\":{{\"deep\":[\"\\u0000\"]}}}}\n{{{base},\"a\\u0000b\":1}}\n{{{base},\"n\":{{\"\\u0000\":1}}}}\n"
    ));
    assert_eq!(rows.iter().map(|row| rejection(row).field.as_str()).collect::<Vec<_>>(), ["note", "a\u{2400}b", "n"]);
    assert!(!rejection(&rows[0]).value.contains('\0'));
}

#[test]
fn long_values_are_cut_in_findings_and_long_ids_refused() {
    let row = one(&format!("1,2,Ann,{},", "ä".repeat(300)));
    assert_eq!(rejection(&row).value.chars().count(), 200);
    assert!(one(&format!("{},2,Ann,,", "ä".repeat(255))).outcome.is_ok());
    assert_eq!(rejection(&one(&format!("1,{},Ann,,", "ä".repeat(256)))).field, "external_id");
}

#[test]
fn json_values_are_kept_as_they_are_and_ids_may_be_numbers() {
    let rows = read(
        r#"
{"Object ID": 123, "external_id": 18446744073709551615, "name": " Ann ", "phone": 12025550123, "due": {"b": [1, 2.5, null], "a": true}, "Z": 1, "empty": ""}

{"object_id": "1", "external_id": "2", "name": "Bob", "email": null, "phone": "+12025550123", "n": 18446744073709551616}
"#,
    );
    let ann = contact(&rows[0]);
    assert_eq!(
        (ann.object_id.as_str(), ann.external_id.as_str(), ann.name.as_str()),
        ("123", "18446744073709551615", "Ann")
    );
    assert_eq!(serde_json::to_string(&ann.params).unwrap(), r#"{"due":{"b":[1,2.5,null],"a":true},"Z":1,"empty":""}"#);
    assert_eq!(ann.present, Present { email: false, phone: true, time_zone: false });
    assert_eq!((ann.phone.as_deref(), rows[0].warnings.len()), (Some("12025550123"), 1));
    assert_eq!((rows[1].number, rows[1].line), (2, 4));
    assert_eq!(contact(&rows[1]).present, Present { email: true, phone: true, time_zone: false });
    assert_eq!(rows[1].warnings[0].field, "n");
}

#[test]
fn bad_json_concerns_its_line_only() {
    let good = r#"{"object_id": 1, "external_id": 2, "name": "Ann"}"#;
    let bad = [
        r#"{"object_id": 1,"#,
        "[1, 2]",
        "7",
        "oops",
        &format!("{good} {good}"),
        r#"{"object_id": 1, "external_id": 2, "name": "\ud800"}"#,
        r#"{"object_id": 1, "external_id": 2, "name": "Ann", "Name": "Bob"}"#,
        r#"{"object_id": 1, "external_id": 2, "name": "Ann", "x": 1, "x": 2}"#,
        r#"{"object_id": 1.5, "external_id": 2, "name": "Ann"}"#,
        r#"{"object_id": true, "external_id": 2, "name": "Ann"}"#,
        r#"{"object_id": 1, "external_id": 2, "name": ["Ann"]}"#,
        r#"{"object_id": 1, "external_id": 2, "name": "Ann", "email": 5}"#,
        r#"{"object_id": 1, "external_id": 2, "name": "Ann", "x": 1e999}"#,
        r#"{"object_id": 1, "external_id": 2, "name": "Ann", "x": NaN}"#,
    ];
    for line in bad {
        let rows = read(format!("{good}\n{line}\n{good}\n"));
        assert_eq!(rows.iter().map(|row| row.outcome.is_ok()).collect::<Vec<_>>(), [true, false, true], "{line}");
        assert!(!rejection(&rows[1]).reason.contains(" at line "));
    }
    assert_eq!(
        rejection(&read(format!("{good}\n{{\"object_id\": oops}}\n"))[1]).reason,
        "the row is no JSON object: expected value (character 15)"
    );
    // The format is known by the second line, if the first is broken.
    assert_eq!(read(format!("oops\n{good}\n")).len(), 2);
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels: usize| {
        let value = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        read(format!("{{\"object_id\": 1, \"external_id\": 2, \"name\": \"Ann\", \"x\": {value}}}\n")).remove(0)
    };
    assert!(nested(MAX_DEPTH - 1).outcome.is_ok());
    for levels in [MAX_DEPTH, 127, 128, 100_000] {
        assert!(rejection(&nested(levels)).reason.contains("deeper than 32 levels"), "{levels}");
    }
}

#[test]
fn nameless_columns_are_left_out() {
    let rows = read(format!("{HEADER},,x,\n1,2,Ann,,,,1,\n1,2,Bob,,,lost,2, \n"));
    assert_eq!(json!(contact(&rows[0]).params), json!({"x": "1"}));
    assert!(rows[0].warnings.is_empty());
    assert_eq!(rows[1].warnings[0].value, "lost");
}
