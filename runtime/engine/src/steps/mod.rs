//! The index of the system: everything that happens is one of these steps.
//!
//! | step | does | then |
//! |---|---|---|
//! | `import` | reads an uploaded file | `load_data` for each row |
//! | `compile` | compiles an uploaded component | |
//! | `load_data` | runs the data load strategy | `deliver` for each planned communication |
//! | `deliver` | asks the clearance rules, sends | `close_session`, `aggregate` where no more can come of it, or again later |
//! | `reschedule` | makes what waits for sending hours due again, after they changed | |
//! | `converse` | has the agent answer what the contact said | `reply`, or nothing more in a call |
//! | `reply` | sends a message within a session | `analyze_answer`, `close_session` where the agent ends it |
//! | `analyze_answer` | runs the answer analysis strategy | `deliver` for each planned communication |
//! | `close_session` | ends a session with its results | `aggregate` |
//! | `aggregate` | runs the aggregation strategy | `deliver` for each planned communication |

mod aggregate;
mod analyze_answer;
mod close_session;
mod compile;
mod converse;
mod deliver;
mod import;
pub(crate) mod load_data;
mod reply;
mod reschedule;

pub(crate) use self::converse::{message_of, reply_step};

use std::{collections::HashMap, future::ready, pin::Pin, time::Instant};

use serde_json::Value;
use stratagem_domain::{retry::Backoff, step::StepKind};
use stratagem_store::{
    Scope,
    commit::{Committed, Completion, Ending, Fence, Writes},
    entities::{session, step},
    steps::NewStep,
};
use tracing::Instrument;

use crate::{Engine, EngineError, decide, metrics, scheduler::Shared};

/// What a step needs, read together with that of others.
pub(crate) enum Ahead {
    Decision(decide::Prepared),
    Delivery(deliver::Ahead),
    End(close_session::Ahead),
}

impl Ahead {
    fn decision(self) -> Option<decide::Prepared> {
        if let Self::Decision(prepared) = self { Some(prepared) } else { None }
    }

    fn delivery(self) -> Option<deliver::Ahead> {
        if let Self::Delivery(ahead) = self { Some(ahead) } else { None }
    }

    fn end(self) -> Option<close_session::Ahead> {
        if let Self::End(ahead) = self { Some(ahead) } else { None }
    }
}

/// Reads what these steps need, which are of one campaign and kind, by step. One that is left out reads for itself, and so does every one
/// where this fails: it finds what is wrong, and says so.
pub(crate) async fn look_ahead(engine: &Engine, kind: StepKind, steps: &[step::Model]) -> HashMap<i64, Ahead> {
    fn each<T>(all: HashMap<i64, T>, to: fn(T) -> Ahead) -> HashMap<i64, Ahead> {
        all.into_iter().map(|(id, one)| (id, to(one))).collect()
    }
    let read = match (kind, kind.hook()) {
        (_, Some(hook)) => decide::prepare(engine, hook, steps).await.map(|all| each(all, Ahead::Decision)),
        (StepKind::Deliver, _) => deliver::look_ahead(engine, steps).await.map(|all| each(all, Ahead::Delivery)),
        (StepKind::CloseSession, _) => close_session::look_ahead(engine, steps).await.map(|all| each(all, Ahead::End)),
        _ => Ok(HashMap::new()),
    };
    read.unwrap_or_default()
}

/// Does a claimed step. Whatever happens is written to the step; nothing is returned. `ahead` is what it needs, where that was read already.
///
/// Every log line on the way says which step it is about, and which request that goes back to. The span is an error's, so that it
/// is there however little is logged.
pub(crate) async fn run(shared: &Shared, step: step::Model, ahead: Option<Ahead>) {
    let span = tracing::error_span!("step", id = step.id, kind = step.kind, trace = step.trace_id.as_deref());
    let began = Instant::now();
    async {
        work(shared, &step, ahead).await;
        tracing::debug!(ms = began.elapsed().as_millis(), "step");
    }
    .instrument(span)
    .await;
}

async fn work(shared: &Shared, step: &step::Model, ahead: Option<Ahead>) {
    // In a box each, for they differ much in size, and a future is copied on its way to where it runs.
    let work: Pin<Box<dyn Future<Output = Result<(), EngineError>> + Send + '_>> = match StepKind::parse(&step.kind) {
        Some(StepKind::Import) => Box::pin(import::run(shared, step)),
        Some(StepKind::Compile) => Box::pin(compile::run(shared, step)),
        Some(StepKind::LoadData) => Box::pin(load_data::run(shared, step, ahead.and_then(Ahead::decision))),
        Some(StepKind::Deliver) => Box::pin(deliver::run(shared, step, ahead.and_then(Ahead::delivery))),
        Some(StepKind::Reschedule) => Box::pin(reschedule::run(shared, step)),
        Some(StepKind::Converse) => Box::pin(converse::run(shared, step)),
        Some(StepKind::Reply) => Box::pin(reply::run(shared, step)),
        Some(StepKind::AnalyzeAnswer) => Box::pin(analyze_answer::run(shared, step, ahead.and_then(Ahead::decision))),
        Some(StepKind::CloseSession) => Box::pin(close_session::run(shared, step, ahead.and_then(Ahead::end))),
        Some(StepKind::Aggregate) => Box::pin(aggregate::run(shared, step, ahead.and_then(Ahead::decision))),
        None => Box::pin(ready(Err(EngineError::Internal(format!("there is no step kind `{}`", step.kind))))),
    };
    if let Err(error) = work.await {
        tracing::error!(step = step.id, kind = step.kind, attempt = step.attempt, %error, "a step failed");
        let reason = error.to_string();
        let ending = match error {
            // No fault of the step's: it costs no attempt.
            EngineError::Store(error) if error.is_passing() => soon(shared, reason),
            EngineError::Files(error) if error.is_passing() => soon(shared, reason),
            _ => after_failure(shared, step, reason),
        };
        if let Err(error) = commit(shared, step, ending, Writes::default()).await {
            tracing::error!(step = step.id, %error, "the failure could not be stored; the rescuer will find the step");
        }
    }
}

/// Stores how a step ended and what it writes.
///
/// What it is given goes into a box at once: in an `async fn` it would be a part, several times over, of each step's future, which is
/// copied when the step begins.
pub(crate) fn commit(
    shared: &Shared,
    step: &step::Model,
    ending: Ending,
    mut writes: Writes,
) -> impl Future<Output = Result<Committed, EngineError>> {
    let (scope, fence) = (Scope(step.tenant_id), Fence::from(step));
    // What follows from a step goes back to the same request.
    writes.steps.iter_mut().for_each(|next| next.trace_id.clone_from(&step.trace_id));
    let ended = metrics::ending(&ending);
    let completion = Box::new(Completion { scope, fence, ending, writes });
    async move {
        let committed = shared.committer.commit(completion).await?;
        if let (Committed::Applied, Some(ending)) = (committed, ended) {
            shared.engine.metrics().ended(step, ending);
        }
        if committed == Committed::Fenced {
            tracing::warn!(step = step.id, kind = step.kind, "the claim was lost meanwhile; its result is dropped");
        }
        Ok(committed)
    }
}

/// Our own failure: again after a wait, and dead when that has been enough.
pub(crate) fn after_failure(shared: &Shared, step: &step::Model, reason: String) -> Ending {
    again_after(shared, step, Backoff::INTERNAL, reason)
}

/// Again in a few seconds, at no cost.
fn soon(shared: &Shared, reason: String) -> Ending {
    let wait_ms = 1_000 + i64::try_from(shared.engine.random().next_u64() % 4_000).unwrap_or(0);
    Ending::Again { due_at_ms: shared.engine.clock().now_ms().saturating_add(wait_ms), reason, failed: false }
}

fn again_after(shared: &Shared, step: &step::Model, backoff: Backoff, reason: String) -> Ending {
    let attempt = u32::try_from(step.attempt).unwrap_or(0) + 1;
    match backoff.after(attempt, shared.engine.random().next_u64()) {
        Some(wait) => {
            let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
            Ending::Again { due_at_ms: shared.engine.clock().now_ms().saturating_add(wait_ms), reason, failed: true }
        }
        None => Ending::Dead { reason },
    }
}

/// The step that ends a session with these results, or that is its time-out, without any.
pub(crate) fn close_session_step_at(session: &session::Model, results: Value, due_at_ms: i64) -> NewStep {
    NewStep {
        campaign_id: session.campaign_id,
        contact_id: Some(session.contact_id),
        subject_id: Some(session.id),
        kind: StepKind::CloseSession,
        sender: String::new(),
        payload: results,
        due_at_ms,
        trace_id: None,
    }
}

/// The step that tells the strategy of a session that has ended.
pub(crate) fn aggregate_step(session: &session::Model, now_ms: i64) -> NewStep {
    NewStep { kind: StepKind::Aggregate, ..close_session_step_at(session, Value::Null, now_ms) }
}
