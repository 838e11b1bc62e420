//! Makes the images of strategies that are in force before anybody needs them: after an upgrade of the runtime there are none, and the
//! first decisions would wait for them.

use stratagem_domain::strategy::StrategyType;
use stratagem_store::{Scope, StoreError, entities::strategy_version};

use crate::{Engine, EngineError};

/// Those that changed last: more images than these are not kept.
const AT_MOST: u64 = 300;

/// One after the other, beside everything else; whoever needs one before makes it.
pub(crate) async fn run(engine: Engine) {
    if let Err(error) = prepare_all(&engine).await {
        tracing::warn!(%error, "strategies were not prepared: the first decision of each takes longer");
    }
}

async fn prepare_all(engine: &Engine) -> Result<(), StoreError> {
    for (hook, version) in engine.store().sources_in_force(AT_MOST).await? {
        if let Err(error) = prepare(engine, hook, &version).await {
            tracing::warn!(%error, strategy = %version.strategy_id, "a strategy was not prepared");
        }
    }
    Ok(())
}

async fn prepare(engine: &Engine, hook: StrategyType, version: &strategy_version::Model) -> Result<(), EngineError> {
    let (code, limits) = (engine.code(version).await?, engine.limits(Scope(version.tenant_id)).await?);
    let _place = engine.interactive().await?;
    engine.sandbox().prepare(&code.as_strategy(hook), &limits).await;
    Ok(())
}
