//! Strategies of several modules.

use std::collections::BTreeMap;

use serde_json::json;
use stratagem_domain::strategy::{RunErrorKind, RunReport, Sources};

use crate::common::{Ask, failed, returned};

async fn run(modules: &[(&str, &str)], entry: Option<&str>) -> RunReport {
    let modules: BTreeMap<_, _> = modules.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let sources = Sources::several(modules, entry.map(str::to_owned)).unwrap();
    Ask::default().run_modules(&sources).await
}

const MAIN: &str = "\
from pricing import rules, DEFAULT
from pricing.rules import price as priced
import helpers.deep.text

async def run(contact, existing_contact, logger, **kwargs):
    contact.results['out'] = [rules.price(2), priced(3), DEFAULT, helpers.deep.text.shout('hi')]
    return contact
";

#[tokio::test]
async fn modules_and_packages_import_one_another() {
    let modules = [
        ("main.py", MAIN),
        ("pricing/__init__.py", "from .rules import FACTOR\nDEFAULT = FACTOR\n"),
        ("pricing/rules.py", "from . import numbers as own\nFACTOR = own.TEN\ndef price(n):\n    return n * FACTOR\n"),
        ("pricing/numbers.py", "TEN = 10\n"),
        // A folder without `__init__.py` is a package, too.
        ("helpers/deep/text.py", "def shout(text):\n    return text.upper()\n"),
    ];
    assert_eq!(returned(&run(&modules, None).await).results["out"], json!([20, 30, 10, "HI"]));
}

#[tokio::test]
async fn an_error_names_the_module_and_its_line() {
    let main = "import rules\nasync def run(contact, existing_contact, logger):\n    return rules.price(0)\n";
    let report = run(&[("main.py", main), ("rules.py", "def price(n):\n    return 1 / n\n")], None).await;
    let error = failed(&report, RunErrorKind::Exception);
    assert_eq!((error.file.as_deref(), error.line), (Some("rules.py"), Some(2)));
    let traceback = error.traceback.unwrap();
    assert!(traceback.contains("File \"main.py\", line 3") && traceback.contains("return 1 / n"), "{traceback}");

    let error =
        failed(&run(&[("main.py", main), ("rules.py", "def price(n:\n")], None).await, RunErrorKind::SyntaxError);
    assert_eq!((error.file.as_deref(), error.line), (Some("rules.py"), Some(1)));

    let endless = [("main.py", main), ("rules.py", "def price(n):\n    while True:\n        n += 1\n")];
    let error = failed(&run(&endless, None).await, RunErrorKind::FuelExhausted);
    assert_eq!(error.file.as_deref(), Some("rules.py"));
}

#[tokio::test]
async fn a_name_of_the_standard_library_is_refused_and_a_missing_module_named() {
    let main = "async def run(contact, existing_contact, logger):\n    return contact\n";
    let error = failed(&run(&[("main.py", main), ("json.py", "")], None).await, RunErrorKind::Exception);
    assert!(error.message.contains("json.py") && error.message.contains("standard library"), "{error}");
    let report = run(&[("main.py", "import absent\n"), ("other.py", "")], None).await;
    let error = failed(&report, RunErrorKind::Exception);
    assert!(error.message.contains("No module named 'absent'"), "{error}");
}
