//! `tests/corpus`: one hostile strategy a file, with the outcome it must get in its first lines. Each runs within its limits, an
//! honest neighbour beside it comes to the same result with the same fuel as alone, and nothing is left for the next run.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use stratagem_domain::strategy::{Limits, Output, Rules, RunError, RunErrorKind, RunReport, StrategyType, change_of};

use crate::common::{Ask, ZONE, input, returned, run, run_as};

struct File {
    name: String,
    text: String,
}

impl File {
    fn all() -> Vec<Self> {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/corpus"));
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
            .map(|path| File {
                name: path.file_stem().unwrap().to_string_lossy().into_owned(),
                text: String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned(),
            })
            .collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        files
    }

    /// What the header says under that name.
    fn says(&self, name: &str) -> Option<&str> {
        let lines = self.text.lines().take_while(|line| line.starts_with('#'));
        lines.filter_map(|line| line.strip_prefix("# ")?.strip_prefix(name)?.strip_prefix(": ")).next()
    }

    fn hook(&self) -> StrategyType {
        self.says("hook").map_or(StrategyType::DataLoad, |name| StrategyType::parse(name).unwrap())
    }

    /// What is wrong with the report, if anything. What is returned is judged as a server does.
    fn objection(&self, report: &RunReport) -> Option<String> {
        let expected = self.says("outcome")?;
        let judged = report.outcome.clone().and_then(|output| judge(self.hook(), output));
        let (outcome, said) = match &judged {
            Ok(()) => ("ok".to_owned(), String::new()),
            Err(error) => (error.kind.to_string(), error.message.clone()),
        };
        if !expected.split(" | ").any(|kind| kind.trim() == outcome) {
            return Some(format!("expected {expected}, got {outcome}: {said:.300}"));
        }
        if let Some(part) = self.says("message").filter(|part| !said.contains(part)) {
            return Some(format!("its message lacks {part:?}: {said:.300}"));
        }
        let contained: Option<Value> = self.says("contained").map(|json| serde_json::from_str(json).unwrap());
        let out = || returned(report).results.get("out").cloned().unwrap_or_default();
        contained.filter(|value| judged.is_ok() && *value != out()).map(|value| format!("not {value}: {}", out()))
    }
}

fn judge(hook: StrategyType, output: Output) -> Result<(), RunError> {
    let Some(returned) = output.into_contact() else { return Ok(()) };
    // Whatever stage is named is there, as for `stratagem run`.
    let stages: Vec<&str> = returned.communications.iter().map(|planned| planned.stage_name.as_str()).collect();
    let rules = Rules { zone: ZONE.parse().unwrap(), stages: &stages };
    change_of(&input(hook).contact, &returned, rules).map(|_| ())
}

const HONEST: &str = include_str!("strategies/data_load.py");

/// Shorter than a server's, so that those who only wait are soon over.
fn limits() -> Limits {
    Limits { wall_ms: 3_000, ..Limits::default() }
}

#[tokio::test]
async fn every_hostile_strategy_gets_its_outcome_and_its_neighbour_none_of_it() {
    let files = File::all();
    assert!(files.len() >= 60, "{} files", files.len());
    let alone = run(HONEST).await;
    let mut objections = Vec::new();
    mark(BEGIN);
    for file in &files {
        let started = Instant::now();
        let hostile = Ask { hook: file.hook(), limits: limits(), ..Ask::default() }.run(&file.text);
        let (report, beside) = tokio::join!(hostile, run(HONEST));
        let took = started.elapsed();
        objections.extend(file.objection(&report).map(|objection| format!("{}: {objection}", file.name)));
        if file.says("outcome").is_none() {
            objections.push(format!("{}: says no outcome", file.name));
        }
        if (&beside.outcome, beside.fuel) != (&alone.outcome, alone.fuel) {
            objections.push(format!("{}: its neighbour came to something else", file.name));
        }
        if report.peak_memory > limits().memory_bytes || took > limits().wall() + Duration::from_secs(2) {
            let memory = report.peak_memory;
            objections.push(format!("{}: {took:?}, {memory} bytes of memory", file.name));
        }
    }
    mark(END);
    assert!(objections.is_empty(), "{} of {}:\n{}", objections.len(), files.len(), objections.join("\n"));
}

/// Paths that nobody has, by which the trace of this process shows where the corpus begins and ends.
const BEGIN: &str = "/stratagem-corpus-begins";
const END: &str = "/stratagem-corpus-ends";

fn mark(path: &str) {
    assert!(!std::path::Path::new(path).exists());
}

/// What the process asks of the kernel while the corpus runs: no file is opened, nothing is connected to, no program started.
#[test]
fn the_kernel_is_asked_for_nothing_on_behalf_of_a_guest() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let traced = Command::new("strace")
        .args(["-f", "--seccomp-bpf", "-e", "trace=%file,%network,%process", "-o"])
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "corpus::every_hostile_strategy_gets_its_outcome_and_its_neighbour_none_of_it"])
        .output();
    let Ok(traced) = traced else {
        eprintln!("skipped: there is no strace on this machine (Debian package strace)");
        return;
    };
    assert!(traced.status.success(), "{}", String::from_utf8_lossy(&traced.stderr));
    let trace = std::fs::read_to_string(trace).unwrap();
    let during = trace.split_once(BEGIN).unwrap().1.split_once(END).unwrap().0;
    // The marks themselves; threads, which come and go with the test's runtime; and glibc's allocator, which asks once.
    let (marks, threads) = ("statx(AT_FDCWD, \"", ["clone3(", "exit(", "+++ exited", "resumed>"]);
    // Each file of the corpus has an image, which is ours to read or to keep; reading asks for the size of what is open.
    let (images, size) = ("/artefacts-test/sandbox/images", "AT_EMPTY_PATH");
    let allocator = "openat(AT_FDCWD, \"/proc/sys/vm/overcommit_memory\", O_RDONLY";
    let asked: Vec<&str> = during
        .lines()
        .skip(1)
        .filter(|line| line.contains('(') && !line.ends_with(marks) && !line.contains(allocator))
        .filter(|line| !line.contains(images) && !line.contains(size))
        .filter(|line| !threads.iter().any(|harmless| line.contains(harmless)))
        .collect();
    assert!(asked.is_empty(), "{} calls:\n{asked:#?}", asked.len());
}

/// Does all that is there to be changed, and tells what it found changed already.
const VANDAL: &str = r#"
import builtins, json, os, random, stratagem, sys

seen = []

async def run(contact, existing_contact, logger, **kwargs):
    found = [len(seen), hasattr(builtins, "leak"), hasattr(json, "leak"), hasattr(stratagem.Contact, "leak"),
             os.environ.get("LEAK"), random.random(), "leak" in sys.modules, len(sys.path)]
    seen.append(1)
    builtins.leak = json.leak = stratagem.Contact.leak = True
    builtins.len = lambda value: 7
    json.dumps = lambda *args, **kwargs: "{}"
    os.environ["LEAK"] = "yes"
    random.seed(1)
    sys.modules["leak"] = json
    sys.path.append("/leak")
    contact.results["out"] = found
    return contact
"#;

/// In a process of its own: the other tests of this one take memory, too.
#[test]
fn a_thousand_runs_leave_nothing_behind_and_no_memory() {
    let alone = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "corpus::a_thousand_runs", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    assert!(alone.status.success(), "{}", String::from_utf8_lossy(&alone.stderr));
}

#[tokio::test]
#[ignore = "run by the test above"]
async fn a_thousand_runs() {
    let first = returned(&run(VANDAL).await).results["out"].clone();
    let bombs = [
        "while True:\n        pass",
        "x = bytearray(60 << 20)",
        "raise ValueError('x' * 1_000_000)",
        "import posix; posix.abort()",
    ];
    let bombs =
        bombs.map(|body| format!("def run(contact, existing_contact, logger):\n    if True:\n        {body}\n"));
    // Until then caches and allocator pools grow.
    let mut settled = 0;
    for round in 0..250 {
        assert_eq!(returned(&run(VANDAL).await).results["out"], first, "round {round}");
        for bomb in &bombs {
            let limits = Limits { run_fuel: 10_000_000, ..Limits::default() };
            Ask { limits, ..Ask::default() }.run(bomb).await;
        }
        if round == 50 {
            settled = resident();
        }
    }
    let now = resident();
    assert!(now < settled + (16 << 20), "{settled} bytes resident after 250 runs, {now} after 1,250");
}

/// Of this process, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

#[tokio::test]
async fn the_kinds_of_errors_that_files_do_not_show() {
    let report = run(&"#".repeat(300_000)).await;
    assert_eq!(report.outcome.unwrap_err().kind, RunErrorKind::SourceTooLarge);
    let report =
        run_as(StrategyType::AnswerAnalysis, "def on_agent_answer(contact, message, **kwargs):\n    pass\n").await;
    assert_eq!(report.outcome.unwrap(), Output::none());
}
