//! The command line tells a tenant what is wrong before anything is uploaded.

use std::path::Path;

use serde_json::{Value, json};
use stratagem_tests::{command_line_cache, program};
use tokio::process::Command;

pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) async fn stratagem(arguments: &[&str], folder: &Path) -> Said {
    let cache = tokio::task::spawn_blocking(command_line_cache).await.unwrap();
    let output = Command::new(program())
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", cache)
        .output()
        .await
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

#[tokio::test]
async fn check_names_line_and_column_of_what_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("broken.py"),
        "async def run(contact, existing_contact, logger):\n    return contact +\n",
    )
    .unwrap();
    let said = stratagem(&["check", "broken.py", "--type", "data_load"], folder.path()).await;
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("broken.py:2:21") && said.err.contains("invalid syntax"), "{}", said.err);
    assert!(said.out.is_empty(), "{}", said.out);
}

#[tokio::test]
async fn check_takes_the_samples_as_they_are() {
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/it/samples");
    for kind in ["data_load", "aggregation", "answer_analysis"] {
        let said = stratagem(&["check", &format!("{kind}.py"), "--type", kind], Path::new(samples)).await;
        assert_eq!(said.code, 0, "{kind}: {}", said.err);
        assert!(said.out.starts_with("ok"), "{kind}: {}", said.out);
    }
}

#[tokio::test]
async fn run_prints_the_contact_that_comes_out() {
    let folder = tempfile::tempdir().unwrap();
    let contact = folder.path().join("contact.json");
    std::fs::write(&contact, json!({ "object_id": "123", "external_id": "123", "name": "John Doe" }).to_string())
        .unwrap();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/it/samples/data_load.py");
    let contact = contact.to_str().unwrap();
    let arguments = ["run", sample, "--type", "data_load", "--contact", contact, "--now", "2026-11-23T08:00:00Z"];
    let said = stratagem(&arguments, folder.path()).await;
    assert_eq!(said.code, 0, "{}", said.err);
    let printed: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&printed["name"], &printed["current_stage"]), (&json!("John Doe"), &json!("First Contact")));
    assert_eq!(printed["communications"][0]["start_date"], "2026-11-23T09:00:00");
}

#[tokio::test]
async fn run_fails_as_the_server_would_refuse() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("contact.json"),
        json!({ "object_id": "1", "external_id": "1", "name": "Ann" }).to_string(),
    )
    .unwrap();
    std::fs::write(
        folder.path().join("raises.py"),
        "def run(contact, existing_contact, logger):\n    return contact.params['due']\n",
    )
    .unwrap();
    let said =
        stratagem(&["run", "raises.py", "--type", "data_load", "--contact", "contact.json"], folder.path()).await;
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("KeyError: 'due'") && said.err.contains("raises.py:2"), "{}", said.err);
}

#[tokio::test]
async fn openapi_prints_the_document() {
    let said = stratagem(&["openapi"], Path::new("/")).await;
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(serde_json::from_str::<Value>(&said.out).unwrap(), stratagem_server::openapi());
}
