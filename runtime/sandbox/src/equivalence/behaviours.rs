//! The strategies that both components run.

use std::path::PathBuf;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::json;
use stratagem_domain::strategy::{
    HttpBody, HttpError, HttpErrorKind, HttpRequest, HttpResponse, Input, Sources, StrategyType,
};

use crate::outbound::{Allowance, Outbound};

/// A strategy and the hook that it is called as.
pub(super) struct Behaviour {
    pub(super) name: String,
    pub(super) sources: Sources,
    pub(super) hook: StrategyType,
}

impl Behaviour {
    fn new(name: &str, hook: StrategyType, text: impl Into<String>) -> Self {
        Self { name: name.to_owned(), sources: Sources::single(text), hook }
    }

    /// A data load hook with this body.
    pub(super) fn of_body(name: &str, body: &str) -> Self {
        let body: String = body.lines().map(|line| format!("    {line}\n")).collect();
        let head = "async def run(contact, existing_contact, logger, **kwargs):";
        Self::new(
            name,
            StrategyType::DataLoad,
            format!("{head}\n    out = contact.results\n{body}    return contact\n"),
        )
    }
}

/// One for each thing that a run can tell about its surroundings.
pub(super) fn own() -> Vec<Behaviour> {
    let samples = [
        (StrategyType::DataLoad, include_str!("../../tests/sandbox/strategies/data_load.py")),
        (StrategyType::Aggregation, include_str!("../../tests/sandbox/strategies/aggregation.py")),
        (StrategyType::AnswerAnalysis, include_str!("../../tests/sandbox/strategies/answer_analysis.py")),
    ];
    let samples = samples.map(|(hook, text)| Behaviour::new(hook.as_str(), hook, text));
    samples.into_iter().chain(BODIES.map(|(name, body)| Behaviour::of_body(name, body))).collect()
}

const BODIES: [(&str, &str); 11] = [
    (
        "randomness",
        "import os, random, secrets, uuid\n\
         out['drawn'] = [random.random(), str(uuid.uuid4()), secrets.token_hex(8), os.urandom(70_000).hex()[-16:]]\n\
         out['in order of hashes'] = sorted('abcdefgh', key=hash)",
    ),
    ("addresses", "out['at'] = [id(object()), id(contact), id(len), hash('x'), hash(object())]"),
    (
        "time",
        "import datetime as d, time\n\
         out['now'] = [str(datetime.now()), str(d.datetime.now(d.UTC)), time.time_ns(), time.monotonic(), time.localtime()]",
    ),
    (
        "recursion",
        "def deeper(depth):\n    try:\n        return deeper(depth + 1)\n    except RecursionError as error:\n        \
         return [depth, str(error)]\n\
         out['depth'] = deeper(0)\n\
         class Endless:\n    def __eq__(self, other):\n        return [self] == [other]\n\
         try:\n    Endless() == Endless()\nexcept RecursionError as error:\n    out['through C'] = str(error)",
    ),
    (
        "growth",
        "kept = [bytearray(n * 4096) for n in range(1, 120)]\n\
         del kept[::2]\n\
         kept += [object() for _ in range(100_000)]\n\
         out['sum'] = sum(map(len, kept[:59]))",
    ),
    ("growth that is refused", "try:\n    bytearray(1 << 30)\nexcept MemoryError:\n    out['caught'] = True"),
    (
        "log",
        "import sys, warnings\n\
         logger.info('one %s', 1)\nprint('two', 'ä\\u2028\\n3')\nprint('four', file=sys.stderr)\n\
         warnings.warn('five')\nlogger.exception('six')\nsys.stdout.write('no end')",
    ),
    (
        "http",
        "import asyncio\nfrom stratagem import http\n\
         answers = await asyncio.gather(*[http.get(f'https://api.example/{n}') for n in range(3)])\n\
         answers.append(await http.post('https://api.example/post', json={'a': [1, None]}, headers={'x-y': 'z'}))\n\
         out['answers'] = [answer.json() for answer in answers]\n\
         await http.get('https://api.example/denied')",
    ),
    (
        "error",
        "def inner(value):\n    raise ValueError('wrong', value)\n\
         try:\n    inner({1: 2})\nexcept ValueError as error:\n    error.add_note('noted')\n    \
         raise ExceptionGroup('several', [error, KeyError('k')]) from error",
    ),
    (
        "numbers",
        "import decimal, math, struct\n\
         values = [math.sin(1e22), 0.1 + 0.2, math.fma(3.0, 1/3, -1.0), 1e308 * 10, -math.nan, math.gamma(5.5), 2.5 ** 0.5]\n\
         out['floats'] = [struct.pack('d', value).hex() for value in values]\n\
         out['integers'] = [str(math.factorial(300)), pow(7, -1, 2**61 - 1), str(int.from_bytes(b'\\xff' * 20))]\n\
         out['decimal'] = str(decimal.Decimal(2).sqrt() / 7)",
    ),
    ("an abort", "print('before')\nimport posix\nposix.abort()"),
];

/// `tests/stdlib`, each file as a strategy that calls all of its tests.
pub(super) fn standard_library() -> Vec<Behaviour> {
    const CALL_ALL: &str = "\n\nasync def run(contact, existing_contact, logger, **kwargs):\n    import inspect\n    \
        for name, test in list(globals().items()):\n        if name.startswith('test_') and callable(test):\n            \
        returned = test()\n            if inspect.isawaitable(returned):\n                await returned\n    \
        return contact\n";
    let files = python_files("stdlib").into_iter();
    files.map(|(name, text)| Behaviour::new(&name, StrategyType::DataLoad, text + CALL_ALL)).collect()
}

/// `tests/corpus`, without those that end where fuel, time or the native stack does.
pub(super) fn corpus() -> Vec<Behaviour> {
    corpus_without(&["FuelExhausted", "Timeout", "StackOverflow"])
}

/// `tests/corpus`, without those that may end in one of these.
pub(super) fn corpus_without(ends: &[&str]) -> Vec<Behaviour> {
    let says = |text: &str, name: &str| {
        let lines = text.lines().take_while(|line| line.starts_with('#'));
        lines
            .filter_map(|line| line.strip_prefix("# ")?.strip_prefix(name)?.strip_prefix(": "))
            .next()
            .map(str::to_owned)
    };
    let compared = |text: &str| {
        let outcome = says(text, "outcome").unwrap();
        ends.iter().all(|end| !outcome.contains(end))
    };
    let hook = |text: &str| says(text, "hook").and_then(|hook| StrategyType::parse(&hook));
    let files = python_files("corpus").into_iter().filter(|(_, text)| compared(text));
    files.map(|(name, text)| Behaviour::new(&name, hook(&text).unwrap_or(StrategyType::DataLoad), text)).collect()
}

/// Name and text of each file in a folder of `tests`, in order.
fn python_files(folder: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests")).join(folder);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    paths.sort();
    let file = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned())
    };
    paths.into_iter().map(file).collect()
}

pub(super) fn now() -> DateTime<Utc> {
    "2026-03-10T09:30:15.123456Z".parse().unwrap()
}

/// What a hook is given.
pub(super) fn input(hook: StrategyType) -> Input {
    let flagged = json!({
        "id": "m-1", "name": "Initial Message", "stage_name": "First Contact", "start_date": "2026-03-09T12:00:00",
        "start_state": null, "params": {}, "status": "started", "channel": "email_communication",
        "delivery": "delivered", "flagged": true,
    });
    let (data_load, aggregation) = (hook == StrategyType::DataLoad, hook == StrategyType::Aggregation);
    let communications = if data_load { vec![] } else { vec![flagged] };
    let session = json!({"id": "s-1", "channel": "email_communication", "agent": "Ann", "messages": []});
    let message = json!({"role": "AI", "content": "Thank you for your Promise to pay.", "at": "2026-03-10T15:15:10"});
    let document = json!({
        "contact": {
            "id": "c-1", "object_id": "CONTRACT-123", "external_id": "USER-456", "name": "John Smith",
            "email": "john@example.com", "phone": "+12025550123", "time_zone": "Asia/Kathmandu", "current_stage": null,
            "params": {"balance": 120.5, "plan": "gold", "tags": ["a", "b"], "active": true, "note": null},
            "results": {}, "internal_data": {}, "communications": communications,
            "communications_total": communications.len(),
        },
        "existing_contact": null,
        "session_results": aggregation.then(|| json!({})),
        "message": (hook == StrategyType::AnswerAnalysis).then_some(message),
        "context": {
            "now": "2026-03-10T15:15:15.123456", "time_zone": "Asia/Kathmandu",
            "campaign": {
                "id": "k-1", "name": "Spring", "time_zone": "UTC",
                "stages": [{"name": "First Contact", "channel": "email_communication"}],
            },
            "session": (!data_load).then_some(session),
        },
    });
    Input::parse(document.to_string()).unwrap()
}

/// Answers with what it was asked, and denies one address.
pub(super) struct Echo;

#[async_trait]
impl Outbound for Echo {
    async fn send(&self, ordinal: usize, request: &HttpRequest, _: Allowance) -> Result<HttpResponse, HttpError> {
        if request.url.ends_with("/denied") {
            return Err(HttpError::new(HttpErrorKind::Denied, "not for you"));
        }
        let body = request.body.as_ref().map(|body| String::from_utf8_lossy(&body.0).into_owned());
        let body = json!({ "ordinal": ordinal, "method": request.method, "body": body }).to_string();
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Ok(HttpResponse { status: 200, headers, body: HttpBody(body.into_bytes()), url: request.url.clone() })
    }
}
