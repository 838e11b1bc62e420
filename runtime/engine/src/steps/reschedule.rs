//! A campaign's sending hours changed: what waits for the old ones is asked again now.

use std::sync::atomic::Ordering;

use stratagem_domain::clearance::WAITS_FOR_SENDING_HOURS;
use stratagem_store::{
    Scope,
    commit::{Ending, Writes},
    entities::step,
};

use super::commit;
use crate::{EngineError, scheduler::Shared};

pub(super) async fn run(shared: &Shared, step: &step::Model) -> Result<(), EngineError> {
    let (store, now_ms) = (shared.engine.store(), shared.engine.clock().now_ms());
    let mut position = None;
    loop {
        let scope = Scope(step.tenant_id);
        position = store.end_deferrals(scope, step.campaign_id, WAITS_FOR_SENDING_HOURS, now_ms, position).await?;
        if position.is_none() {
            return commit(shared, step, Ending::Done, Writes::default()).await.map(|_| ());
        }
        shared.engine.wake();
        if shared.draining.load(Ordering::SeqCst) {
            // Begins anew: what is due by now is not found again.
            let reason = "the server was stopped meanwhile".to_owned();
            let again = Ending::Again { due_at_ms: now_ms, reason, failed: false };
            return commit(shared, step, again, Writes::default()).await.map(|_| ());
        }
    }
}
