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
async fn build_makes_one_component_of_a_strategy() {
    let folder = tempfile::tempdir().unwrap();
    let modules = folder.path().join("modules");
    std::fs::create_dir(&modules).unwrap();
    let main = "from prices import price\n\ndef on_agent_answer(contact, message):\n    contact.results['p'] = price\n    return contact\n";
    std::fs::write(modules.join("main.py"), main).unwrap();
    std::fs::write(modules.join("prices.py"), "price = 7\n").unwrap();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/it/samples/data_load.py");
    for (source, kind, world, hook) in [
        (sample, "data_load", "data-load", "run(contact, existing-contact, context)"),
        ("modules", "answer_analysis", "answer-analysis", "on-agent-answer(contact, message, context)"),
    ] {
        let arguments = ["build", source, "--type", kind, "-o", "out.wasm", "--now", "2026-11-23T08:00:00Z"];
        let said = stratagem(&arguments, folder.path()).await;
        assert_eq!(said.code, 0, "{}", said.err);
        let inspected = stratagem(&["inspect", "out.wasm"], folder.path()).await;
        assert_eq!(inspected.code, 0, "{}", inspected.err);
        let exports = format!("exports: all that can be asked of it\n  {hook}\n\n");
        assert!(inspected.out.contains(&format!("stratagem:strategy/{world}@1.0.0")), "{}", inspected.out);
        assert!(inspected.out.contains(&exports), "{}", inspected.out);
        // The hash in the first line is that of the same source and time.
        let hash = said.out.trim().rsplit(' ').next().unwrap();
        assert!(inspected.out.contains(hash), "{}", said.out);
        assert_eq!(stratagem(&arguments, folder.path()).await.out, said.out);
    }
}

#[tokio::test]
async fn build_says_what_is_wrong_and_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("broken.py", "def run(contact, existing_contact:\n    return contact\n");
    write("fine.py", "def run(contact, existing_contact):\n    return contact\n");
    write("out.wasm", "as it was");
    for (arguments, part) in [
        (["broken.py", "data_load", "out.wasm"], "broken.py:1:8"),
        (["fine.py", "answer_analysis", "out.wasm"], "on_agent_answer"),
        (["fine.py", "reminder", "out.wasm"], "must be data_load, aggregation or answer_analysis"),
        (["missing.py", "data_load", "out.wasm"], "missing.py: No such file"),
        (["fine.py", "data_load", "no/out.wasm"], "there is no folder no"),
        (["fine.py", "data_load", "."], "is a folder; name a file"),
    ] {
        let [source, kind, out] = arguments;
        let said = stratagem(&["build", source, "--type", kind, "-o", out], folder.path()).await;
        assert!(said.code != 0 && said.err.contains(part), "{arguments:?}: {}", said.err);
        assert!(said.out.is_empty(), "{}", said.out);
    }
    assert_eq!(std::fs::read(folder.path().join("out.wasm")).unwrap(), b"as it was");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "nothing half-written is left");
}

#[tokio::test]
async fn openapi_prints_the_document() {
    let said = stratagem(&["openapi"], Path::new("/")).await;
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(serde_json::from_str::<Value>(&said.out).unwrap(), stratagem_server::openapi());
}
