//! What files may look like, and what is said about rows that cannot be taken.

use reqwest::{Method, multipart};
use serde_json::{Value, json};
use stratagem_tests::{Api, TestApp};

const HEADER: [&str; 6] = ["object_id", "external_id", "name", "email", "phone", "city"];
const ROWS: [[&str; 6]; 2] =
    [["1", "A", "Jürgen Groß", "j@example.com", "", "Málaga"], ["2", "B", "Zoë", "z@example.com", "", "two\nlines"]];

/// The rows as CSV, the cell with a line break quoted.
fn csv(delimiter: &str) -> String {
    let cell = |cell: &str| if cell.contains('\n') { format!("\"{cell}\"") } else { cell.to_owned() };
    let line = |cells: &[&str; 6]| cells.iter().map(|c| cell(c)).collect::<Vec<_>>().join(delimiter) + "\r\n";
    std::iter::once(&HEADER).chain(&ROWS).map(line).collect()
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once('\u{feff}').chain(text.chars()).collect::<String>().encode_utf16().flat_map(bytes).collect()
}

/// Every character of the rows is one byte of the same number.
fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_delimiter_and_encoding_comes_to_the_same_contacts() {
    let app = TestApp::start().await;
    let comma = csv(",");
    let files: [(&str, Vec<u8>); 8] = [
        ("comma", comma.clone().into_bytes()),
        ("semicolon", csv(";").into_bytes()),
        ("tab", csv("\t").into_bytes()),
        ("UTF-8 with a mark", [b"\xef\xbb\xbf", comma.as_bytes()].concat()),
        ("UTF-16 little endian", utf16(&comma, u16::to_le_bytes)),
        ("UTF-16 big endian", utf16(&comma, u16::to_be_bytes)),
        ("Windows-1252", windows_1252(&comma)),
        ("Windows-1252 with semicolons", windows_1252(&csv(";"))),
    ];
    for (what, file) in files {
        let campaign = app.campaign(what).await;
        let size = file.len();
        let id = campaign.upload("text/csv", file).await;
        let report = campaign.import_ended(&id).await;
        assert_eq!(
            (&report["status"], &report["rows"], &report["created"]),
            (&json!("completed"), &json!(2), &json!(2)),
            "{what}: {report}"
        );
        assert_eq!(report["bytes_total"], size, "{what}");
        for [id, external_id, name, email, _, city] in ROWS {
            let contact = campaign.contact(id).await;
            assert_eq!((&contact["name"], &contact["external_id"]), (&json!(name), &json!(external_id)), "{what}");
            assert_eq!((&contact["email"], &contact["params"]), (&json!(email), &json!({ "city": city })), "{what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_lines_keep_what_is_nested() {
    let app = TestApp::start().await;
    let campaign = app.campaign("JSON Lines").await;
    let nested =
        json!({ "lines": [{ "sku": "A-1", "n": 2 }, { "sku": "B-2", "n": 0.5 }], "paid": false, "note": null });
    let rows = [
        json!({ "Object_id": "1", "external-id": "A", "Name": "Ann", "Email": "ann@example.com", "Phone": "", "order": nested }),
        json!({ "object_id": 2, "external_id": "B", "name": "Bob", "email": null, "phone": null }),
        json!({ "object_id": "3", "external_id": "C", "email": "c@example.com" }),
    ];
    let file = rows.iter().map(|row| format!("{row}\n")).collect::<String>() + "{\"object_id\": \n";
    let id = campaign.upload("application/x-ndjson", file).await;
    let report = campaign.import_ended(&id).await;
    assert_eq!(
        (&report["rows"], &report["created"], &report["rejected"]),
        (&json!(4), &json!(2), &json!(2)),
        "{report}"
    );
    assert_eq!(campaign.contact("1").await["params"], json!({ "order": nested }));
    assert_eq!(campaign.contact("2").await["email"], Value::Null);
    let rejected = campaign.receipts(&id, "rejected").await;
    let rows: Vec<_> = rejected.iter().map(|receipt| receipt["row"].as_u64().unwrap()).collect();
    assert_eq!(rows, [3, 4], "{rejected:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_cannot_be_taken_is_told_with_field_value_and_reason() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Odd rows").await;
    let file = "object_id,external_id,name,email,phone,time_zone\n\
                1,A,Ann,ann@example.com,+12025550123,Europe/Berlin\n\
                ,B,Bob,bob@example.com,,\n\
                3,,Cy,cy@example.com,,\n\
                4,D,,dee@example.com,,\n\
                5,E,Eve,eve at example.com,,\n\
                6,F,Flo,flo@example.com,call me,\n\
                7,G,Gus,gus@example.com,,Europe/Nowhere\n\
                8,H,Hal\n\
                9,I,Ida,ida@example.com,,\n";
    let id = campaign.upload("text/csv", file).await;
    let report = campaign.import_ended(&id).await;
    let rejected = campaign.receipts(&id, "rejected").await;
    let told: Vec<_> = rejected
        .iter()
        .map(|r| (r["row"].as_u64().unwrap(), r["field"].as_str().unwrap(), r["value"].as_str().unwrap()))
        .collect();
    let rows_rejected: Vec<u64> = told.iter().map(|(row, ..)| *row).collect();
    assert!(rows_rejected.starts_with(&[2, 3, 4, 5]), "{rejected:#?}");
    assert_eq!(
        told[..4],
        [(2, "object_id", ""), (3, "external_id", ""), (4, "name", ""), (5, "email", "eve at example.com")]
    );
    for receipt in &rejected {
        assert!(!receipt["reason"].as_str().unwrap().is_empty(), "{receipt}");
    }
    let warned = campaign.receipts(&id, "warned").await;
    assert!(warned.iter().any(|r| r["row"] == 6 && r["field"] == "phone" && r["value"] == "call me"), "{warned:#?}");
    // All rows are accounted for, and the others went on.
    let count = |name: &str| report[name].as_u64().unwrap();
    assert_eq!(count("rows"), 9, "{report}");
    assert_eq!(count("created") + count("updated") + count("rejected"), 9, "{report}");
    assert_eq!(count("rejected") as usize, rejected.len(), "{report}");
    let contacts = campaign.contacts().await;
    assert!(["1", "6", "9"].iter().all(|id| contacts.contains_key(*id)), "{:?}", contacts.keys());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_without_the_required_columns_fails_as_a_whole_and_names_them() {
    let app = TestApp::start().await;
    let campaign = app.campaign("No columns").await;
    let id = campaign.upload("text/csv", "object_id,name,phone\n1,Ann,\n").await;
    let report = campaign.import_ended(&id).await;
    assert_eq!((&report["status"], &report["created"]), (&json!("failed"), &json!(0)));
    let error = report["error"].as_str().unwrap();
    assert!(error.contains("Missing: email, external_id"), "{error}");
    assert!(campaign.contacts().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_may_carry_the_file() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Form").await;
    let part = multipart::Part::text(csv(",")).file_name("contacts.csv").mime_str("text/csv").unwrap();
    let form = multipart::Form::new().part("file", part);
    let answer = Api::send(app.admin.request(Method::POST, &campaign.path("/imports")).multipart(form)).await.with(202);
    let report = campaign.import_ended(answer["id"].as_str().unwrap()).await;
    assert_eq!(report["created"], 2, "{report}");

    let nothing = multipart::Form::new().text("other", "x");
    let answer = Api::send(app.admin.request(Method::POST, &campaign.path("/imports")).multipart(nothing)).await;
    assert_eq!(answer.faults()[0].0, "file");
    let image =
        app.admin.request(Method::POST, &campaign.path("/imports")).header("content-type", "image/png").body("x");
    Api::send(image).await.problem(415);
}
