//! Records of strategy runs.

pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod replay;

use serde::Serialize;
use serde_json::Value;
use stratagem_domain::strategy::{LogLevel, RunError};
use stratagem_store::entities::run;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::time::rfc3339;

/// One run of a strategy.
#[derive(Serialize, ToSchema)]
pub(crate) struct Run {
    /// Its id.
    id: Uuid,
    /// Its campaign.
    campaign_id: Uuid,
    /// Its strategy.
    strategy_id: Uuid,
    /// The strategy's version.
    version: i32,
    /// The strategy's type: `data_load`, `aggregation` or `answer_analysis`.
    hook: String,
    /// The contact that it decided about.
    contact_id: Option<Uuid>,
    /// `ok`, or the kind of the error.
    #[schema(example = "ok")]
    outcome: String,
    /// Fuel that it used, loading included.
    fuel: i64,
    /// The most memory that it had, in bytes.
    peak_memory: i64,
    /// How long it took, in milliseconds.
    wall_ms: f64,
    /// What it logged and printed: `level` and `message`.
    #[schema(value_type = Vec<LogEntry>)]
    logs: Value,
    /// What it changed.
    diff: Value,
    /// Why it failed; null where it did not.
    #[schema(value_type = Option<RunFailure>)]
    error: Option<Value>,
    /// What its clocks showed.
    #[schema(format = DateTime)]
    now: String,
    /// What everything random in it followed from.
    seed: u64,
    /// Its HTTP requests with what came of them; secrets are placeholders.
    #[schema(value_type = Vec<Object>)]
    http: Value,
    /// BLAKE3 of the strategy's source or component, in hex.
    strategy_hash: Option<String>,
    /// BLAKE3 of the component that ran, in hex: the Python runtime, or the strategy itself.
    runtime_hash: String,
    /// What ran it.
    #[schema(example = "wasmtime 48.0.8")]
    engine: Option<String>,
    /// BLAKE3 of what it was given, in hex.
    input_hash: Option<String>,
    /// When it was recorded.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<run::Model> for Run {
    fn from(row: run::Model) -> Self {
        Self {
            id: row.id,
            campaign_id: row.campaign_id,
            strategy_id: row.strategy_id,
            version: row.version,
            hook: row.hook,
            contact_id: row.contact_id,
            outcome: row.outcome,
            fuel: row.fuel,
            peak_memory: row.peak_memory,
            wall_ms: row.wall_us as f64 / 1000.0,
            logs: row.logs.into(),
            diff: row.diff.into(),
            error: row.error.map(Into::into),
            now: rfc3339(row.now_ms),
            seed: row.seed.cast_unsigned(),
            http: row.transcript.map_or_else(|| Value::Array(Vec::new()), Into::into),
            strategy_hash: row.strategy_hash,
            runtime_hash: row.runtime_hash,
            engine: row.engine,
            input_hash: row.input_hash,
            created_at: rfc3339(row.created_at_ms),
        }
    }
}

/// One line of a run's log.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogEntry {
    /// `debug`, `info`, `warning`, `error`, `critical`, or `print` for what was printed.
    #[schema(value_type = String)]
    pub(crate) level: LogLevel,
    /// Its text.
    pub(crate) message: String,
}

/// Why a run gave no result.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunFailure {
    /// `Exception`, `SyntaxError`, `FuelExhausted`, `Timeout`, `MemoryLimit`, `InvalidResult` and so on.
    #[schema(example = "Exception")]
    kind: &'static str,
    /// In plain words; for an exception, `TypeName: text`.
    message: String,
    /// The strategy's own lines on the way to the error.
    traceback: Option<String>,
    /// Path of the module that the line is in.
    file: Option<String>,
    /// Line, from 1. Where fuel, time or memory ended the run: the one that was being executed.
    line: Option<u32>,
    /// Column in that line, from 1.
    column: Option<u32>,
}

impl From<RunError> for RunFailure {
    fn from(error: RunError) -> Self {
        Self {
            kind: error.kind.as_str(),
            message: error.message,
            traceback: error.traceback,
            file: error.file,
            line: error.line,
            column: error.column,
        }
    }
}
