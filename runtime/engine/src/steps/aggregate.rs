use stratagem_domain::strategy::StrategyType;
use stratagem_store::{
    Scope,
    commit::{Ending, Writes},
    entities::step,
};

use super::commit;
use crate::{
    EngineError,
    decide::{self, About, Prepared},
    scheduler::Shared,
};

/// Runs the aggregation strategy about the session that is the step's subject.
pub(super) async fn run(shared: &Shared, step: &step::Model, prepared: Option<Prepared>) -> Result<(), EngineError> {
    let session = match (prepared.as_ref().and_then(Prepared::session), step.subject_id) {
        (Some(session), _) => Some(session.clone()),
        (None, Some(id)) => shared.engine.store().session(Scope(step.tenant_id), id).await?,
        (None, None) => None,
    };
    match session {
        Some(session) => decide::run(shared, step, StrategyType::Aggregation, About::Session(&session), prepared).await,
        // The contact was erased, and its sessions with it.
        None => commit(shared, step, Ending::Done, Writes::default()).await.map(|_| ()),
    }
}
