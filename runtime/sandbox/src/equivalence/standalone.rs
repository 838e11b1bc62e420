//! A source strategy that was written out as a component does the same as before: in our sandbox, as a compiled strategy, and in a
//! host that knows nothing of us.
//!
//! Most of the strategies are modules of one, because each component takes some 10 s to be compiled for each of the two.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};
use stratagem_domain::strategy::{Input, Limits, RunErrorKind, RunReport, Sources, StrategyType};

use super::behaviours::{self, Behaviour, Echo};
use super::plain_host::{self, Called};
use super::runtimes::{KEY, compiled, folder_of_tests};
use crate::artefact::Artefacts;
use crate::engine;
use crate::sandbox::{Sandbox, SandboxConfig};
use crate::strategy::{Moment, Strategy};
use crate::{Boundary, hooks};

/// Ours and those of another version of the runtime.
const KEPT: usize = 12;

/// Calls the module that the contact names.
const ONE_OF_MANY: &str = "import importlib, inspect\n\n\
    async def run(contact, existing_contact, logger, **kwargs):\n    \
        hook = importlib.import_module(contact.params['strategy']).run\n    \
        known = inspect.signature(hook).parameters.values()\n    \
        takes_all = any(each.kind is each.VAR_KEYWORD for each in known)\n    \
        declared = {each.name for each in known}\n    \
        returned = hook(contact, existing_contact, logger, \
            **{name: value for name, value in kwargs.items() if takes_all or name in declared})\n    \
        return await returned if inspect.isawaitable(returned) else returned\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_specifications_samples_decide_the_same() {
    for sample in behaviours::own().into_iter().filter(|each| each.hook.as_str() == each.name) {
        let alone = Alone::new(sample.sources, sample.hook).await;
        assert_eq!(alone.differences(None).await.unwrap(), [] as [String; 0], "{}", sample.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_does_not_end_at_a_limit_comes_to_the_same() {
    let strategies = comparable();
    let file = |(number, each): (usize, &Behaviour)| (format!("m{number}.py"), each.sources.entry_text().to_owned());
    let mut modules: BTreeMap<String, String> = strategies.iter().enumerate().map(file).collect();
    modules.insert("main.py".to_owned(), ONE_OF_MANY.to_owned());
    let alone = Alone::new(Sources::several(modules, None).unwrap(), StrategyType::DataLoad).await;
    let (mut compared, mut differences) = (0, Vec::new());
    for (number, each) in strategies.iter().enumerate() {
        let Some(found) = alone.differences(Some(&format!("m{number}"))).await else { continue };
        compared += 1;
        differences.extend(found.into_iter().map(|found| format!("{}: {found}", each.name)));
    }
    assert!(compared > 250, "{compared}");
    assert!(differences.is_empty(), "{} of {compared}:\n{}", differences.len(), differences.join("\n"));
}

#[tokio::test]
async fn the_same_source_gives_the_same_bytes() {
    let (sources, limits) = (Sources::single("def run(contact, existing): return contact\n"), Limits::default());
    let strategy = |minute: &str| {
        let at = format!("2026-03-10T09:{minute}:00Z").parse().unwrap();
        Strategy::python(&sources, "run", StrategyType::DataLoad, at)
    };
    let one = sandbox().standalone(&strategy("30"), &limits).await.unwrap();
    let moment = Moment { now: behaviours::now(), time_zone: "UTC", seed: 9 };
    // Its image is made anew.
    sandbox().check(&strategy("30"), &moment, &limits).await.outcome.unwrap();
    assert!(one == sandbox().standalone(&strategy("30"), &limits).await.unwrap());
}

#[tokio::test]
async fn what_cannot_be_loaded_is_told_with_its_line() {
    let sources = Sources::single("x = 1\ny = 1 / 0\n");
    let strategy = Strategy::python(&sources, "run", StrategyType::DataLoad, behaviours::now());
    let error = sandbox().standalone(&strategy, &Limits::default()).await.unwrap_err();
    assert_eq!((error.kind, error.line), (RunErrorKind::Exception, Some(2)));
    let few = Limits { source_bytes: 3, ..Limits::default() };
    assert_eq!(sandbox().standalone(&strategy, &few).await.unwrap_err().kind, RunErrorKind::SourceTooLarge);
}

fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| {
        let config = SandboxConfig { artefact_dir: folder_of_tests("sandbox"), key: KEY, way: None, verify: true };
        Sandbox::open(&config, &mut |_| {}).unwrap()
    })
}

/// Strategies of the hook that most have, without those that tell what differs from host to host.
fn comparable() -> Vec<Behaviour> {
    let whole = behaviours::own().into_iter().chain(behaviours::corpus());
    whole.filter(|each| each.hook == StrategyType::DataLoad && !HOSTS_OWN.contains(&each.name.as_str())).collect()
}

const HOSTS_OWN: [&str; 12] = [
    // Its luck, streams and network, and where in memory the call's values are.
    "randomness",
    "addresses",
    "flood_of_large_raw_writes.py",
    "flood_of_raw_writes.py",
    "http_localhost.py",
    "http_metadata.py",
    "raw_import_http.py",
    // The number of our own frames below the strategy's, which a typed call has one more of.
    "recursion",
    // How much of an error it keeps, and at which of its checks it refuses a result.
    "shim_place_forged.py",
    "result_text_with_nul.py",
    "result_text_is_no_text.py",
    "result_text_no_json.py",
];

/// A source strategy, and what it was written out as, in both hosts.
struct Alone {
    sources: Sources,
    hook: StrategyType,
    ours: crate::Component,
    plain: wasmtime::component::Component,
}

impl Alone {
    async fn new(sources: Sources, hook: StrategyType) -> Self {
        let strategy = Strategy::python(&sources, hook.default_function(), hook, behaviours::now());
        let wasm = sandbox().standalone(&strategy, &limits()).await.unwrap();
        let boundary = Boundary::check(&wasm, hook, &Limits::default()).unwrap();
        assert_eq!(boundary.world, format!("stratagem:strategy/{}@1.0.0", hook.as_str().replace('_', "-")));
        assert_eq!(boundary.exports.len(), 1, "{:?}", boundary.exports);
        let plain = compiled(&plain_host::engine(), &wasm, "standalone", KEPT);
        Self { ours: ours(&wasm, &boundary.component_hash), sources, hook, plain }
    }

    /// What each host does otherwise than the source. None where the source ends at a limit, or nearly: these are a host's own.
    async fn differences(&self, module: Option<&str>) -> Option<Vec<String>> {
        let mut input: Value = serde_json::from_str(behaviours::input(self.hook).json()).unwrap();
        if let Some(module) = module {
            input["contact"]["params"]["strategy"] = json!(module);
        }
        let given = Input::parse(input.to_string()).unwrap();
        let source = Strategy::python(&self.sources, self.hook.default_function(), self.hook, behaviours::now());
        let expected = self.run(&source, &given).await;
        if ends_at_a_limit(&expected) {
            return None;
        }
        let ours = self.run(&Strategy::component(&self.ours, self.hook), &given).await;
        let context = &input["context"];
        let parameters: Vec<_> = ["contact", "existing-contact", "session-results", "message"]
            .map(|name| (name, &input[name.replace('-', "_")]))
            .into_iter()
            .chain([("context", context)])
            .collect();
        let plain = plain_host::call(&self.plain, hooks::export(self.hook), &parameters, behaviours::now()).await;
        // What gets past the guest's own checks, the server refuses. Another host has to judge for itself.
        let refused = expected.outcome.as_ref().is_err_and(|error| error.kind == RunErrorKind::InvalidResult);
        let judged = refused && matches!(plain.outcome, Ok(Ok(_)));
        let (expected, ours) = (told(&expected), told(&ours));
        let plain = if judged { expected.clone() } else { told_plainly(plain) };
        let other =
            |host: &str, found: &String| (*found != expected).then(|| format!("{host}: {found}\n  not {expected}"));
        Some([other("ours", &ours), other("plain", &plain)].into_iter().flatten().collect())
    }

    async fn run(&self, strategy: &Strategy<'_>, input: &Input) -> RunReport {
        let at = Moment { now: behaviours::now(), time_zone: "Asia/Kathmandu", seed: 7 };
        sandbox().run(strategy, input, &at, &limits(), Arc::new(Echo)).await
    }
}

fn ends_at_a_limit(report: &RunReport) -> bool {
    use RunErrorKind::{Exception, InvalidResult, Trap};
    let told = report.outcome.as_ref().err().is_none_or(|error| [Exception, InvalidResult, Trap].contains(&error.kind));
    !told || report.fuel > 100_000_000
}

/// The log has no end in the other host.
fn limits() -> Limits {
    Limits { log_lines: 1_000_000, log_bytes: 64 << 20, source_bytes: 8 << 20, ..Limits::default() }
}

/// Compiled where that takes half as long as in a process of its own, and put where the sandbox looks for it.
fn ours(wasm: &[u8], hash: &str) -> crate::Component {
    if let Some(component) = sandbox().component(hash).unwrap() {
        return component;
    }
    let engine = engine::engine().unwrap();
    let code = wasmtime::component::Component::new(&engine, wasm).unwrap().serialize().unwrap();
    Artefacts::new(&engine, &folder_of_tests("sandbox"), KEY).below("components").store(hash, &code, KEPT).unwrap();
    sandbox().component(hash).unwrap().unwrap()
}

/// What a run in our sandbox came to.
fn told(report: &RunReport) -> String {
    let outcome = match &report.outcome {
        Ok(output) => json!({ "ok": output.contact() }),
        Err(error) if error.kind == RunErrorKind::Trap => return A_TRAP.to_owned(),
        Err(error) => {
            let place = json!([error.traceback, error.file, error.line, error.column]);
            json!({ "error": [error.kind.as_str(), error.message, place] })
        }
    };
    let log: Vec<_> = report.logs.iter().map(|line| json!([line.level, line.message])).collect();
    written(&outcome, &log)
}

/// The same of a call in the plain host, in the words that the sandbox has for it.
fn told_plainly(called: Called) -> String {
    let outcome = match called.outcome {
        Ok(Ok(contact)) => json!({ "ok": contact }),
        Err(_trap) => return A_TRAP.to_owned(),
        Ok(Err(error)) => {
            let place = json!(["traceback", "file", "line", "column"].map(|name| &error[name]));
            let (kind, message) = (error["kind"].as_str().unwrap(), error["message"].as_str().unwrap());
            match (kind, message) {
                ("InvalidResult" | "ResultTooLarge", _) => json!({ "error": [kind, message, place] }),
                (_, "") => json!({ "error": ["Exception", kind, place] }),
                _ => json!({ "error": ["Exception", format!("{kind}: {message}"), place] }),
            }
        }
    };
    let log: Vec<_> = called.log.iter().map(|(level, message)| json!([level, message])).collect();
    written(&outcome, &log)
}

/// What is printed on the way to one goes to streams of the host's.
const A_TRAP: &str = "a trap";

/// Without addresses, and with NUL characters as the sandbox shows them.
fn written(outcome: &Value, log: &[Value]) -> String {
    let text = json!({ "outcome": outcome, "log": log }).to_string().replace("\\u0000", "\u{2400}");
    let mut pieces = text.split("0x");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |told, piece| told + "0x" + piece.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}
