use serde_json::Value;
use stratagem_domain::step::StepKind;
use stratagem_store::{
    Scope,
    commit::{Ending, Writes},
    entities::step,
    sessions::CLOSED,
    steps::NewStep,
};

use super::commit;
use crate::{EngineError, scheduler::Shared};

/// Ends the session that is the step's subject with the results that are its payload, and has them aggregated.
pub(super) async fn run(shared: &Shared, step: &step::Model) -> Result<(), EngineError> {
    let session = match step.subject_id {
        Some(id) => shared.engine.store().session(Scope(step.tenant_id), id).await?,
        None => None,
    };
    let mut writes = Writes::default();
    if let Some(session) = session.filter(|session| session.status != CLOSED) {
        let mut results = session.results.as_object().cloned().unwrap_or_default();
        results.extend(step.payload.as_object().cloned().unwrap_or_default());
        writes.closed = Some((session.id, Value::Object(results)));
        writes.steps.push(NewStep {
            campaign_id: session.campaign_id,
            contact_id: Some(session.contact_id),
            subject_id: Some(session.id),
            kind: StepKind::Aggregate,
            sender: String::new(),
            payload: Value::Null,
            due_at_ms: shared.engine.clock().now_ms(),
            trace_id: None,
        });
    }
    commit(shared, step, Ending::Done, writes).await?;
    Ok(())
}
