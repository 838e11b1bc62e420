//! Compiles an uploaded component, and says how it went.

use stratagem_domain::strategy::{RunError, RunErrorKind, StrategyType};
use stratagem_sandbox::ComponentError;
use stratagem_store::{
    Scope,
    commit::{Ending, Writes},
    entities::step,
};

use super::{after_failure, commit};
use crate::{EngineError, scheduler::Shared};

pub(super) async fn run(shared: &Shared, step: &step::Model) -> Result<(), EngineError> {
    let (engine, scope) = (&shared.engine, Scope(step.tenant_id));
    let version = step.payload["version"].as_i64().and_then(|version| i32::try_from(version).ok()).unwrap_or(1);
    let id = step.subject_id.unwrap_or_default();
    let row = engine.store().strategy(scope, id).await?;
    let stored = engine.store().strategy_version(scope, id, version).await?;
    // Deleted meanwhile: there is nothing left to compile for.
    if let (Some(row), Some(stored)) = (row, stored)
        && let (Some(hook), Some(hash)) = (StrategyType::parse(&row.kind), stored.component_hash)
    {
        let limits = engine.limits(scope).await?;
        let failure = match engine.compile(scope, &hash, hook, &limits).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) if error.kind != RunErrorKind::Internal => Some(error.to_string()),
            Err(EngineError::Component(ComponentError::Refused(reason))) => Some(reason),
            Ok(Err(RunError { message: reason, .. })) | Err(EngineError::Component(ComponentError::Host(reason))) => {
                tracing::error!(step = step.id, reason, "a component could not be compiled");
                let ending = after_failure(shared, step, reason);
                if matches!(ending, Ending::Again { .. }) {
                    return commit(shared, step, ending, Writes::default()).await.map(|_| ());
                }
                Some("it could not be compiled just now, which is not its fault: upload it again".to_owned())
            }
            Err(error) => return Err(error),
        };
        engine.store().end_compiling(scope, id, version, failure, engine.clock().now_ms()).await?;
    }
    commit(shared, step, Ending::Done, Writes::default()).await.map(|_| ())
}
