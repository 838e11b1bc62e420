//! Strategies that want out, or want the host to suffer. The host stays, and so do the neighbours.

use stratagem_domain::strategy::{Limits, RunErrorKind, RunReport};

use crate::common::{Ask, failed, hook, moment, out, returned, run, run_within};

#[tokio::test]
async fn a_neighbour_is_not_disturbed() {
    let bombs = [
        "x = []\nwhile True:\n    x.append(bytearray(1 << 20))",
        "while True:\n    pass",
        "import posix\nposix.abort()",
        "x = iter(())\nfor _ in range(50_000):\n    x = map(str, x)\nlist(x)",
    ];
    let bombs = bombs.map(|body| tokio::spawn(async move { run(&hook(body)).await }));
    for _ in 0..20 {
        returned(&run(include_str!("strategies/data_load.py")).await);
    }
    for bomb in bombs {
        bomb.await.unwrap().outcome.unwrap_err();
    }
    returned(&run(include_str!("strategies/data_load.py")).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_runs_at_a_time_give_the_same() {
    let alone = run(include_str!("strategies/data_load.py")).await;
    let runs: Vec<_> = (0..64).map(|_| tokio::spawn(run(include_str!("strategies/data_load.py")))).collect();
    for one in runs {
        let report = one.await.unwrap();
        assert_eq!((report.outcome, report.fuel), (alone.outcome.clone(), alone.fuel));
    }
}

#[tokio::test]
async fn a_flood_of_prints_is_cut_and_the_run_goes_on() {
    let report = run(&hook("for i in range(10):\n    print('x' * 1_000_000)\ncontact.name = 'fine'")).await;
    assert_eq!(returned(&report).name, "fine");
    assert!(stored(&report) < (64 << 10) + 300, "{}", stored(&report));
    let last = &report.logs.last().unwrap().message;
    assert_eq!(last, "9 more lines were dropped: a run keeps at most 200 lines and 65,536 bytes of log");
}

#[tokio::test]
async fn a_hundred_megabytes_of_prints_store_no_more() {
    for body in [
        "for i in range(100):\n    print('x' * 1_000_000)",
        "print('x' * 100_000_000)",
        "import sys\nwhile True:\n    sys.stderr.write('x' * 100_000)",
        "import posix\nwhile True:\n    posix.write(2, b'x' * 100_000)",
    ] {
        let report = run(&hook(body)).await;
        assert!(stored(&report) < (64 << 10) + 300, "{}", stored(&report));
    }
}

fn stored(report: &RunReport) -> usize {
    report.logs.iter().map(|line| line.message.len()).sum()
}

#[tokio::test]
async fn many_lines_are_counted() {
    let report = run(&hook("for i in range(1000):\n    logger.info(i)")).await;
    returned(&report);
    assert_eq!(report.logs.len(), 201);
    assert!(report.logs[200].message.starts_with("800 more lines were dropped"));
}

#[tokio::test]
async fn ending_the_process_ends_the_run_alone() {
    for body in
        ["import posix\nposix._exit(3)", "import posix\nposix.abort()", "import faulthandler\nfaulthandler._sigsegv()"]
    {
        failed(&run(&hook(body)).await, RunErrorKind::Trap);
    }
    for body in ["import sys\nsys.exit(1)", "raise SystemExit", "import os\nos._exit(3)"] {
        failed(&run(&hook(body)).await, RunErrorKind::Exception);
    }
}

#[tokio::test]
async fn an_error_of_ten_megabytes_is_cut() {
    let report = run(&hook("raise ValueError('x' * 10_000_000)")).await;
    let error = failed(&report, RunErrorKind::Exception);
    assert!(error.message.len() < 9_000 && error.traceback.unwrap().len() < 9_000);
}

#[tokio::test]
async fn module_globals_do_not_reach_the_next_run() {
    let text = "seen = []\nimport json, stratagem\nasync def run(contact, existing_contact, logger, **kwargs):\n    \
                seen.append(1)\n    json.leak = getattr(json, 'leak', 0) + 1\n    \
                contact.results['out'] = [len(seen), json.leak]\n    return contact\n";
    for _ in 0..3 {
        assert_eq!(returned(&run(text).await).results["out"], serde_json::json!([1, 1]));
    }
}

#[tokio::test]
async fn there_is_nothing_to_open_and_nobody_to_call() {
    let tries = [
        "import posix; posix.open('/etc/passwd', 0)",
        "import posix; posix.open('out.txt', posix.O_CREAT | posix.O_WRONLY)",
        "import posix; posix.listdir('/')",
        "import posix; posix.mkdir('x')",
        "import _socket; _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)",
        "import _socket; _socket.getaddrinfo('example.com', 80)",
    ];
    for one in tries {
        let seen = out(&format!(
            "contact.results['out'] = 'reached'\ntry:\n    {one}\nexcept Exception as error:\n    contact.results['out'] = 'denied'"
        ))
        .await;
        assert_eq!(seen, "denied", "{one}");
    }
}

#[tokio::test]
async fn a_hostile_zone_is_an_error_and_no_panic() {
    let mut at = moment();
    at.time_zone = "Nowhere/Town";
    let report = Ask { at, ..Ask::default() }.run(&hook("pass")).await;
    failed(&report, RunErrorKind::Internal);
}

#[tokio::test]
async fn limits_of_nothing_are_errors_and_no_panics() {
    let base = Limits::default();
    let all = [
        Limits { load_fuel: 0, ..base.clone() },
        Limits { run_fuel: 0, ..base.clone() },
        Limits { memory_bytes: 0, ..base.clone() },
        Limits { memory_bytes: 1 << 20, ..base.clone() },
        Limits { contact_bytes: 0, ..base.clone() },
        Limits { source_bytes: 0, ..base.clone() },
    ];
    for limits in all {
        let report = run_within(&limits, &hook("print(1)")).await;
        let error = report.outcome.unwrap_err();
        assert_ne!(error.kind, RunErrorKind::Internal, "{error}");
    }
    // The wall clock is looked at every 10 ms: a run that ends sooner may end well.
    let limits = Limits { wall_ms: 0, ..base.clone() };
    run_within(&limits, &hook("pass")).await;

    let limits = Limits { log_lines: 0, log_bytes: 0, error_bytes: 0, ..base };
    let report = run_within(&limits, &hook("print(1)\nraise ValueError('x')")).await;
    failed(&report, RunErrorKind::Exception);
    assert_eq!(report.logs.len(), 1);
}
