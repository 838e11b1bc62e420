//! A run is a record: everything that a replay needs, and the replay.
//!
//! With strategy, input, clock, seed, limits and HTTP answers from the record, a run gives the same bytes and uses the same fuel,
//! as long as the component and the engine are the same.

use std::{
    cell::RefCell,
    io::Read,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use flate2::{Compress, Compression, FlushCompress, Status, read::DeflateDecoder};
use serde_json::{Value, json};
use stratagem_domain::{
    clock::from_ms,
    strategy::{
        ContactChange, HttpError, HttpErrorKind, HttpExchange, HttpOutcome, HttpRequest, HttpResponse, Input, Limits,
        RunReport, StrategyType,
    },
};
use stratagem_sandbox::{Allowance, Moment, Outbound};
use stratagem_store::{
    Json, Scope,
    entities::{run, strategy_version},
};

use crate::{Engine, EngineError};

/// What a run was given.
pub(crate) struct Given<'a> {
    pub(crate) hook: StrategyType,
    pub(crate) strategy: &'a strategy_version::Model,
    pub(crate) input: &'a Input,
    pub(crate) now_ms: i64,
    pub(crate) seed: u64,
    pub(crate) limits: &'a Limits,
}

/// The record of a run, still without the step, the contact and the diff that it belongs to.
pub(crate) fn record(engine: &Engine, scope: Scope, given: &Given<'_>, report: &RunReport) -> run::Model {
    let stored = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    run::Model {
        id: engine.random().id(engine.clock().now()),
        tenant_id: scope.0,
        campaign_id: uuid::Uuid::nil(),
        strategy_id: given.strategy.strategy_id,
        version: given.strategy.version,
        hook: given.hook.as_str().to_owned(),
        contact_id: None,
        step_id: None,
        outcome: report.outcome.as_ref().map_or_else(|error| error.kind.to_string(), |_| "ok".to_owned()),
        error: report.outcome.as_ref().err().and_then(|error| serde_json::to_value(error).ok()).map(Json),
        logs: serde_json::to_value(&report.logs).unwrap_or_default().into(),
        diff: json!({}).into(),
        fuel: stored(report.fuel),
        peak_memory: stored(report.peak_memory),
        wall_us: i64::try_from(report.wall.as_micros()).unwrap_or(i64::MAX),
        now_ms: given.now_ms,
        seed: given.seed.cast_signed(),
        runtime_hash: runtime_hash(engine, given.strategy),
        strategy_hash: Some(given.strategy.hash.clone()),
        engine: Some(engine.sandbox().engine()),
        input_hash: Some(hash(given.input.json())),
        input: Some(compress(given.input.json())),
        output_hash: report.outcome.as_ref().ok().map(|output| hash(output.json())),
        transcript: transcript(&report.transcript).map(Json),
        limits: serde_json::to_value(given.limits).ok().map(Json),
        created_at_ms: engine.clock().now_ms(),
    }
}

/// What a contact's change looks like in the record of the run that made it.
pub(crate) fn diff(change: &ContactChange) -> Value {
    let planned: Vec<Value> = change
        .planned
        .iter()
        .map(|new| json!({ "name": new.name, "stage_name": new.stage_name, "start_date": new.start_date }))
        .collect();
    let changed: Vec<Value> =
        change.changed.iter().map(|c| json!({ "id": c.id, "status": c.status, "start_date": c.start_date })).collect();
    let mut diff = json!({ "fields": change.fields(), "planned": planned, "changed": changed });
    if let Some(stage) = &change.current_stage {
        diff["current_stage"] = json!(stage);
    }
    diff
}

fn runtime_hash(engine: &Engine, strategy: &strategy_version::Model) -> String {
    strategy.component_hash.clone().unwrap_or_else(|| engine.sandbox().runtime_hash().to_owned())
}

fn transcript(exchanges: &[HttpExchange]) -> Option<Value> {
    (!exchanges.is_empty()).then(|| serde_json::to_value(exchanges).unwrap_or_default())
}

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

thread_local! {
    /// Its tables are larger than most texts: made once for each thread.
    static DEFLATE: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), false));
}

fn compress(text: &str) -> Vec<u8> {
    DEFLATE.with_borrow_mut(|deflate| {
        deflate.reset();
        let mut content = Vec::with_capacity(text.len() / 2 + 64);
        loop {
            let read = usize::try_from(deflate.total_in()).unwrap_or(usize::MAX);
            let rest = text.as_bytes().get(read..).unwrap_or_default();
            match deflate.compress_vec(rest, &mut content, FlushCompress::Finish) {
                // It has no way to fail: what it is given is no stream of its own.
                Ok(Status::StreamEnd) | Err(_) => return content,
                Ok(Status::Ok | Status::BufError) => content.reserve(text.len() + 64),
            }
        }
    })
}

fn decompress(content: &[u8]) -> Result<String, EngineError> {
    let mut text = String::new();
    let read = DeflateDecoder::new(content).read_to_string(&mut text);
    read.map_err(|error| EngineError::Internal(format!("a run's input does not decompress: {error}")))?;
    Ok(text)
}

/// What came of a replay.
#[derive(Debug, Clone)]
pub struct Replay {
    /// Fuel that it used.
    pub fuel: u64,
    /// The first thing in which it differs from the record; none where it is identical.
    pub difference: Option<String>,
}

/// Why a run cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Something that it needs is not there any more, or never was.
    #[error("{0}")]
    Gone(&'static str),
    /// Our own failure.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Engine {
    /// Runs a recorded run once more, with everything from its record, and compares. Changes nothing.
    pub async fn replay(&self, scope: Scope, run: &run::Model) -> Result<Replay, ReplayError> {
        let input = run.input.as_ref().ok_or(ReplayError::Gone("what the run was given is not kept any more"))?;
        let input = decompress(input)?;
        let version = self.store().strategy_version(scope, run.strategy_id, run.version).await;
        let version =
            version.map_err(EngineError::from)?.ok_or(ReplayError::Gone("the strategy that ran was deleted"))?;
        let hook = StrategyType::parse(&run.hook)
            .ok_or_else(|| EngineError::Internal(format!("run {} has an unknown hook", run.id)))?;
        let malformed = |error: serde_json::Error| EngineError::Internal(format!("run {}: {error}", run.id));
        let input = Input::parse(input).map_err(malformed)?;
        let limits: Limits = run
            .limits
            .clone()
            .map(|limits| serde_json::from_value(limits.0))
            .transpose()
            .map_err(malformed)?
            .unwrap_or_default();
        let recorded: Vec<HttpExchange> = run
            .transcript
            .clone()
            .map(|exchanges| serde_json::from_value(exchanges.0))
            .transpose()
            .map_err(malformed)?
            .unwrap_or_default();
        let code = self.code(&version).await?;
        let time_zone = &input.document().context.time_zone;
        let at = Moment { now: from_ms(run.now_ms), time_zone, seed: run.seed.cast_unsigned() };
        let answers = Arc::new(Recorded { exchanges: recorded, departure: Mutex::default() });
        let _place = self.interactive().await?;
        let report = self.sandbox().run(&code.as_strategy(hook), &input, &at, &limits, answers.clone()).await;
        let departure = answers.departure.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let difference = departure.or_else(|| self.difference(run, &version, &report));
        Ok(Replay { fuel: report.fuel, difference })
    }

    /// The first difference, what explains others first.
    fn difference(&self, run: &run::Model, version: &strategy_version::Model, report: &RunReport) -> Option<String> {
        let recorded = |text: &Option<String>| text.clone().unwrap_or_default();
        let output = report.outcome.as_ref().ok().map(|output| hash(output.json()));
        // A result that the host refused is an error in the record, and a result for the sandbox.
        let error = report.outcome.as_ref().err().and_then(|error| serde_json::to_value(error).ok());
        let recorded_error = run.error.clone().map(Value::from).filter(|_| run.output_hash.is_none());
        let logs = serde_json::to_value(&report.logs).unwrap_or_default();
        let pairs = [
            ("runtime", run.runtime_hash.clone(), runtime_hash(self, version)),
            ("engine", recorded(&run.engine), self.sandbox().engine()),
            ("error", text(&recorded_error), text(&error)),
            ("result", recorded(&run.output_hash), recorded(&output)),
            ("logs", first_other_line(&run.logs, &logs), first_other_line(&logs, &run.logs)),
            ("http", text(&run.transcript.clone().map(Value::from)), text(&transcript(&report.transcript))),
            ("fuel", run.fuel.to_string(), report.fuel.to_string()),
        ];
        let (what, before, now) = pairs.into_iter().find(|(_, before, now)| before != now)?;
        Some(format!("{what}: {before:.500} in the record, {now:.500} in the replay"))
    }
}

fn text(value: &Option<Value>) -> String {
    value.as_ref().map_or("none".to_owned(), Value::to_string)
}

/// The first line of one log that is not in the same place of the other.
fn first_other_line(log: &Value, other: &Value) -> String {
    let (lines, others) = (log.as_array().cloned().unwrap_or_default(), other.as_array().cloned().unwrap_or_default());
    let found = (0..lines.len().max(others.len())).find(|index| lines.get(*index) != others.get(*index));
    found.map_or(String::new(), |index| lines.get(index).map_or("no line".to_owned(), Value::to_string))
}

/// Answers from the record. A request that is not the recorded one is the first difference.
struct Recorded {
    exchanges: Vec<HttpExchange>,
    departure: Mutex<Option<String>>,
}

#[async_trait]
impl Outbound for Recorded {
    async fn send(&self, ordinal: usize, request: &HttpRequest, _: Allowance) -> Result<HttpResponse, HttpError> {
        match self.exchanges.get(ordinal) {
            Some(exchange) if exchange.request == *request => match exchange.outcome.clone() {
                HttpOutcome::Response(response) => Ok(response),
                HttpOutcome::Error(error) => Err(error),
            },
            other => {
                let recorded = other.map_or("none".to_owned(), |exchange| exchange.request.url.clone());
                let message = format!(
                    "http request {ordinal}: {recorded:.200} in the record, {} {:.200} in the replay",
                    request.method, request.url
                );
                self.departure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| message.clone());
                Err(HttpError::new(HttpErrorKind::Denied, message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_comes_back_as_it_was() {
        let text = format!("{{\"name\": \"Zoë {}\"}}", "x".repeat(5000));
        let incompressible: String = (0..2000_u32).map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761))).collect();
        assert!(compress(&text).len() < 200);
        for text in [text.as_str(), "", &incompressible, &text] {
            assert_eq!(decompress(&compress(text)).unwrap(), text);
        }
        assert!(decompress(b"\xff\xff").is_err());
    }

    #[test]
    fn the_first_other_line_is_shown() {
        let (one, two) = (json!([{"m": 1}, {"m": 2}]), json!([{"m": 1}, {"m": 3}]));
        assert_eq!(first_other_line(&one, &two), "{\"m\":2}");
        assert_eq!(first_other_line(&one, &one), "");
        assert_eq!(first_other_line(&json!([]), &one), "no line");
    }
}
