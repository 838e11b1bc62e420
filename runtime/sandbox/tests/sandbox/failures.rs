//! How a strategy fails that means no harm: the error names what happened, where, and what was allowed.

use stratagem_domain::strategy::{Limits, RunErrorKind, StrategyType};

use crate::common::{Ask, check, failed, hook, input, run, run_within};

#[tokio::test]
async fn an_exception_comes_with_the_tenants_own_lines() {
    let report = run("def helper(x):\n    return 1 / x\n\nasync def run(contact, existing_contact, logger, **kwargs):\n    print('before')\n    return helper(0)\n").await;
    let error = failed(&report, RunErrorKind::Exception);
    assert_eq!(error.message, "ZeroDivisionError: division by zero");
    assert_eq!(error.line, Some(2));
    insta::assert_snapshot!(error.traceback.unwrap());
    assert_eq!(report.logs[0].message, "before");
}

#[tokio::test]
async fn an_exception_of_the_top_level_is_found_by_a_check() {
    let error = failed(&check("x = {}\nx['missing']\n").await, RunErrorKind::Exception);
    assert_eq!((error.message.as_str(), error.line), ("KeyError: 'missing'", Some(2)));
}

#[tokio::test]
async fn a_syntax_error_has_line_and_column() {
    let error = failed(&check("def run(contact):\n    return contact +\n").await, RunErrorKind::SyntaxError);
    assert_eq!((error.message.as_str(), error.line, error.column), ("invalid syntax", Some(2), Some(21)));
}

#[tokio::test]
async fn wrong_indentation_is_a_syntax_error() {
    let error = failed(&check("def run(contact):\nreturn contact\n").await, RunErrorKind::SyntaxError);
    assert!(error.message.starts_with("IndentationError: "), "{error}");
}

#[tokio::test]
async fn a_missing_function_is_named() {
    let error = failed(&check("def other():\n    pass\n").await, RunErrorKind::MissingFunction);
    assert!(error.message.contains("run"), "{error}");
}

#[tokio::test]
async fn a_wrong_return_type_is_an_invalid_result() {
    let error =
        failed(&run("def run(contact, existing_contact, logger):\n    return 42\n").await, RunErrorKind::InvalidResult);
    insta::assert_snapshot!(error.message);
}

#[tokio::test]
async fn a_result_beyond_the_limit_is_refused_with_both_sizes() {
    let error = failed(&run(&hook("contact.params['x'] = 'y' * 1_500_000")).await, RunErrorKind::ResultTooLarge);
    assert!(error.message.contains("1,500,") && error.message.contains("1,048,576 are allowed"), "{error}");
}

#[tokio::test]
async fn an_input_beyond_the_limit_is_not_even_tried() {
    let mut input = input(StrategyType::DataLoad);
    input.contact.name = "x".repeat(2 << 20);
    let report = Ask { input: Some(input), ..Ask::default() }.run(&hook("pass")).await;
    let error = failed(&report, RunErrorKind::ResultTooLarge);
    assert!(error.message.contains("2,097,") && error.message.contains("1,048,576 are allowed"), "{error}");
    assert_eq!(report.fuel, 0);
}

#[tokio::test]
async fn a_source_beyond_the_limit_is_not_even_tried() {
    let error = failed(&check(&"#".repeat(300_000)).await, RunErrorKind::SourceTooLarge);
    assert_eq!(error.message, "the source has 300,000 bytes, 262,144 are allowed");
}

#[tokio::test]
async fn an_endless_loop_uses_up_its_fuel() {
    let report = run(&hook("while True:\n    pass")).await;
    let error = failed(&report, RunErrorKind::FuelExhausted);
    assert!(error.message.starts_with("the run used all of the 500,000,000 fuel"), "{error}");
    assert!(report.fuel >= 500_000_000);
}

#[tokio::test]
async fn an_endless_top_level_uses_up_the_loads_fuel() {
    let limits = Limits { load_fuel: 100_000_000, ..Limits::default() };
    let error = failed(&run_within(&limits, "while True:\n    pass\n").await, RunErrorKind::FuelExhausted);
    assert!(error.message.starts_with("loading the source used all of the 100,000,000 fuel"), "{error}");
}

#[tokio::test]
async fn a_loop_within_its_fuel_runs_into_the_wall_clock() {
    let limits = Limits { run_fuel: u64::MAX / 4, wall_ms: 200, ..Limits::default() };
    let report = run_within(&limits, &hook("while True:\n    pass")).await;
    let error = failed(&report, RunErrorKind::Timeout);
    assert!(error.message.contains("200 ms"), "{error}");
    assert!(report.wall.as_millis() < 2_000, "{:?}", report.wall);
}

#[tokio::test]
async fn waiting_runs_into_the_wall_clock() {
    let limits = Limits { wall_ms: 200, ..Limits::default() };
    let body = "import select\nselect.select([], [], [], 60)";
    failed(&run_within(&limits, &hook(body)).await, RunErrorKind::Timeout);
}

#[tokio::test]
async fn too_much_memory_is_told_apart_from_a_caught_memory_error() {
    let report = run(&hook("x = []\nwhile True:\n    x.append(bytearray(1 << 20))")).await;
    let error = failed(&report, RunErrorKind::MemoryLimit);
    assert!(error.message.starts_with("the run wanted more than the 128 MiB of memory"), "{error}");
    assert!(report.peak_memory > 100 << 20 && report.peak_memory <= 128 << 20);

    let caught = run(&hook("try:\n    'x' * (1 << 30)\nexcept MemoryError:\n    contact.name = 'fine'")).await;
    assert_eq!(crate::common::returned(&caught).name, "fine");
}

#[tokio::test]
async fn a_recursion_without_end_is_a_recursion_error() {
    for body in [
        "def f(x):\n    return f(x)\nf(1)",
        "class A:\n    def __eq__(self, o):\n        return [self] == [o]\nA() == A()",
    ] {
        let error = failed(&run(&hook(body)).await, RunErrorKind::Exception);
        assert!(error.message.starts_with("RecursionError"), "{error}");
    }
}

#[tokio::test]
async fn data_nested_beyond_the_stack_is_an_error_of_its_own() {
    for body in [
        "x = iter(())\nfor _ in range(50_000):\n    x = map(str, x)\nlist(x)",
        "import json\njson.loads('[' * 100_000)",
    ] {
        let error = failed(&run(&hook(body)).await, RunErrorKind::StackOverflow);
        assert!(error.message.contains("stack of 2 MiB"), "{error}");
    }
}
