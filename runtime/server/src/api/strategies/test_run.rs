use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stratagem_domain::strategy::{HttpExchange, LogLine};
use stratagem_engine::{Engine, TestMessage, TestRun};
use utoipa::ToSchema;

use super::{in_force, load};
use crate::{
    api::runs::{LogEntry, RunFailure},
    auth::CanBuild,
    error::{Faults, Problem},
    extract::{Body, Id},
    time,
};

/// What to run the strategy on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestRunRequest {
    /// The contact. Only `object_id`, `external_id` and `name` are required.
    #[schema(value_type = Object, example = json!({"object_id": "CONTRACT-123", "external_id": "USER-456", "name": "John Smith"}))]
    contact: Map<String, Value>,
    /// For data load: the contact as it was stored before.
    #[schema(value_type = Option<Object>)]
    existing_contact: Option<Map<String, Value>>,
    /// For aggregation: what the session collected.
    #[schema(value_type = Option<Object>, example = json!({"OutcomeStatus": "NO_RESPONSE"}))]
    session_results: Option<Map<String, Value>>,
    /// For answer analysis: the agent's answer.
    message: Option<TestRunMessage>,
    /// What the run's clocks show, RFC 3339; the present where it is absent.
    #[schema(format = DateTime)]
    now: Option<String>,
    /// What everything random in the run follows from.
    seed: Option<u64>,
}

/// A message of a conversation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestRunMessage {
    /// `HUMAN`, `AI` or `OPERATOR`.
    #[schema(example = "AI")]
    role: String,
    /// Its text.
    content: String,
    /// When it was said, RFC 3339; the run's present where it is absent.
    #[schema(format = DateTime)]
    at: Option<String>,
}

/// What came of a test run.
#[derive(Serialize, ToSchema)]
pub(crate) struct TestRunResult {
    /// The contact that the strategy returned; null where it failed or returned none.
    #[schema(value_type = Option<Object>)]
    contact: Option<Value>,
    /// What it logged and printed.
    logs: Vec<LogEntry>,
    /// Its HTTP requests with what came of them; secrets are placeholders.
    #[schema(value_type = Vec<Object>)]
    http: Vec<HttpExchange>,
    /// Fuel that it used, loading included.
    fuel: u64,
    /// The most memory that it had, in bytes.
    peak_memory: u64,
    /// How long it took, in milliseconds.
    wall_ms: f64,
    /// Why it failed, or why its result would be refused; null where all is well.
    error: Option<RunFailure>,
}

/// Try a strategy
///
/// Runs it in the sandbox and checks the result like that of a real run. Nothing changes. The answer is 200 also where the
/// strategy failed.
#[utoipa::path(post, path = "/strategies/{id}/test-run", tag = "strategies", params(Id), request_body = TestRunRequest,
    responses((status = 200, body = TestRunResult)))]
pub(crate) async fn test_run_strategy(
    State(engine): State<Engine>,
    CanBuild(scope): CanBuild,
    Id(id): Id,
    Body(request): Body<TestRunRequest>,
) -> Result<Json<TestRunResult>, Problem> {
    let strategy = load(&engine, scope, id).await?;
    let version = in_force(&engine, scope, &strategy).await?;
    let report = engine.test_run(scope, &strategy, &version, read(request)?).await?;
    Ok(Json(TestRunResult {
        contact: report.contact,
        logs: report.logs.into_iter().map(|LogLine { level, message }| LogEntry { level, message }).collect(),
        http: report.transcript,
        fuel: report.fuel,
        peak_memory: report.peak_memory,
        wall_ms: report.wall_ms,
        error: report.error.map(RunFailure::from),
    }))
}

fn read(request: TestRunRequest) -> Result<TestRun, Problem> {
    let mut faults = Faults::default();
    let now = request.now.and_then(|text| faults.check("now", time::parse(&text)));
    let message = request.message.map(|message| TestMessage {
        role: message.role,
        content: message.content,
        at: message.at.and_then(|text| faults.check("message.at", time::parse(&text))),
    });
    faults.finish()?;
    Ok(TestRun {
        contact: request.contact,
        existing_contact: request.existing_contact,
        session_results: request.session_results,
        message,
        now,
        seed: request.seed,
    })
}
