//! `tests/stdlib`: the supported standard library, module by module, in the sandbox.

use std::collections::BTreeSet;
use std::path::PathBuf;

use stratagem_domain::strategy::RunErrorKind;

use crate::common::{failed, hook, run};

/// Calls every `test_…` of a file in the order in which they stand in it.
const CALL_ALL: &str = r#"

async def run(contact, existing_contact, logger, **kwargs):
    import inspect
    for name, test in list(globals().items()):
        if name.startswith("test_") and callable(test):
            try:
                outcome = test()
                if inspect.isawaitable(outcome):
                    await outcome
            except BaseException as error:
                error.add_note(f"in {name}")
                raise
    return contact
"#;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/stdlib"))
}

#[tokio::test]
async fn every_module_does_what_strategies_use_it_for() {
    let mut files: Vec<_> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    files.sort();
    let mut failures = Vec::new();
    for path in &files {
        let text = std::fs::read_to_string(path).unwrap() + CALL_ALL;
        if let Err(error) = run(&text).await.outcome {
            let name = path.file_name().unwrap().to_string_lossy();
            failures.push(format!("{name}: {error}\n{}", error.traceback.as_deref().unwrap_or_default()));
        }
    }
    assert!(failures.is_empty(), "{} of {} files:\n{}", failures.len(), files.len(), failures.join("\n"));
}

#[test]
fn every_module_of_the_contract_has_its_file() {
    let stdlib = include_str!("../../../../strategy-sdk/guest/shim/stdlib.py");
    let list = stdlib.split_once("PUBLIC = \"\"\"").unwrap().1.split_once("\"\"\"").unwrap().0;
    let missing: BTreeSet<&str> = list
        .split_whitespace()
        .filter(|module| !folder().join(format!("check_{}.py", module.trim_matches('_').replace('.', "_"))).exists())
        .filter(|module| !folder().join(format!("check_{}.py", module.replace('.', "_"))).exists())
        .collect();
    assert!(missing.is_empty(), "no check of {missing:?}");
}

#[tokio::test]
async fn an_import_that_cannot_work_says_what_to_do() {
    for (module, says) in [
        ("requests", "from stratagem import http"),
        ("numpy", "math, statistics and decimal are there"),
        ("ctypes", "native code"),
        ("sqlite3", "internal_data"),
        ("tkinter", "this part of the standard library is not in the strategy runtime"),
        ("nonsense", "No module named 'nonsense'"),
    ] {
        let error = failed(&run(&hook(&format!("import {module}"))).await, RunErrorKind::Exception);
        assert!(error.message.starts_with("ModuleNotFoundError: ") && error.message.contains(says), "{error}");
    }
}
