//! A run that was stopped raised no exception, and yet its error names the line of Python.

use stratagem_domain::strategy::{Limits, RunErrorKind};

use crate::common::{failed, hook, run, run_within};

/// Line 6 is where it stays.
const LOOP: &str = "\
def inner(values):
    total = 0
    for value in values:
        total += value
    while True:
        total = total * 3 % 7


async def run(contact, existing_contact, logger, **kwargs):
    inner(range(1000))
    return contact
";

#[tokio::test]
async fn out_of_fuel_in_this_line() {
    let error = failed(&run(LOOP).await, RunErrorKind::FuelExhausted);
    assert_eq!(error.file.as_deref(), Some("strategy.py"));
    assert!(matches!(error.line, Some(5 | 6)), "{error:?}");
    let traceback = error.traceback.unwrap();
    let (calls, inner) = (traceback.find("line 10, in run\n    inner(range(1000))"), traceback.find("in inner"));
    assert!(calls.unwrap() < inner.unwrap(), "{traceback}");
}

#[tokio::test]
async fn out_of_time_in_this_line() {
    let limits = Limits { wall_ms: 200, run_fuel: u64::MAX / 2, ..Limits::default() };
    let error = failed(&run_within(&limits, LOOP).await, RunErrorKind::Timeout);
    assert!(matches!(error.line, Some(5 | 6)), "{error:?}");
}

#[tokio::test]
async fn out_of_fuel_in_c_code_called_from_this_line() {
    let report = run(&hook("x = 1\nimport re\nre.match('(a+)+$', 'a' * 100 + 'b')\ny = 2")).await;
    let error = failed(&report, RunErrorKind::FuelExhausted);
    assert_eq!(error.line, Some(4), "{error:?}");
}

#[tokio::test]
async fn out_of_fuel_while_loading() {
    let limits = Limits { load_fuel: 200_000_000, ..Limits::default() };
    let error = failed(&run_within(&limits, "x = 1\n\nwhile True:\n    x += 1\n").await, RunErrorKind::FuelExhausted);
    assert!(matches!(error.line, Some(3 | 4)), "{error:?}");
}

#[tokio::test]
async fn an_abort_or_an_overflow_in_this_line() {
    let error = failed(&run(&hook("x = 1\nimport posix\nposix.abort()")).await, RunErrorKind::Trap);
    assert_eq!(error.line, Some(4), "{error:?}");
    let body = "import json\ntext = '[' * 200_000\njson.loads(text)";
    let error = failed(&run(&hook(body)).await, RunErrorKind::StackOverflow);
    assert_eq!(error.line, Some(4), "{error:?}");
}

#[tokio::test]
async fn out_of_memory_in_this_line() {
    // Caught by nobody, it is an exception of Python's own; in a clean-up that needs memory, a trap.
    let error = failed(&run(&hook("x = 1\ny = bytearray(1 << 28)")).await, RunErrorKind::MemoryLimit);
    assert_eq!((error.file.as_deref(), error.line), (Some("strategy.py"), Some(3)));
}
