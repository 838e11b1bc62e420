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

/// Runs the answer analysis strategy about the agent's message that is the step's subject.
pub(super) async fn run(shared: &Shared, step: &step::Model, prepared: Option<Prepared>) -> Result<(), EngineError> {
    let (store, scope) = (shared.engine.store(), Scope(step.tenant_id));
    let message = match step.subject_id {
        Some(id) => store.message_named(scope, uuid::Uuid::nil(), &id.to_string()).await?,
        None => None,
    };
    let session = match &message {
        Some(message) => store.session(scope, message.session_id).await?,
        None => None,
    };
    match (message, session) {
        (Some(message), Some(session)) => {
            decide::run(shared, step, StrategyType::AnswerAnalysis, About::Answer(&session, &message), prepared).await
        }
        // The contact was erased, and its conversation with it.
        _ => commit(shared, step, Ending::Done, Writes::default()).await.map(|_| ()),
    }
}
