//! Sends of which nobody knows whether they left: the answer was lost, the process died, or the claim was lost meanwhile.
//!
//! What is not to be sent twice ends as `unknown`. What may be, by its channel or by the tenant's choice, is sent again. Where the
//! contact may then get it twice, the communication counts as started from the first attempt on: its session is open, so that an
//! answer to any copy and a receipt of any copy find it, and either makes the next attempt needless.

use serde_json::Value;
use stratagem_channels::{Ambiguity, Prepared, Traits};
use stratagem_domain::{
    communication::{Delivery, Status},
    retry::Backoff,
    session::results_of_send,
};
use stratagem_store::{
    Scope,
    commit::{Committed, CommunicationWrite, Ending, Writes},
    entities::step,
    sessions::ACTIVE,
};

use super::{
    Due, OpenedSession,
    outcome::{done, give_up, look_again, nothing_sent, opening},
};
use crate::{
    EngineError,
    scheduler::Shared,
    steps::{again_after, close_session_step_at, commit},
};

/// Why nobody knows, after a crash.
pub(super) const LOST: &str = "the server stopped while the message was being handed over";

/// Has it sent again later, with the same reference, and `unknown` when that has been enough.
pub(super) async fn again_unconfirmed(
    shared: &Shared,
    step: &step::Model,
    due: &Due,
    traits: Traits,
    opened: OpenedSession,
    prepared: &Prepared,
    reason: String,
) -> Result<(), EngineError> {
    let ending = again_after(shared, step, Backoff::SEND, reason.clone());
    if matches!(ending, Ending::Dead { .. }) {
        return give_up(shared, step, due, (Status::Unknown, Delivery::Unknown), due.under_way(), reason).await;
    }
    let before = CommunicationWrite { id: due.communication.id, expected: due.under_way(), ..Default::default() };
    let writes = match traits.ambiguity_in(&due.choice.settings) {
        Ambiguity::Idempotent => {
            let write = CommunicationWrite {
                delivery: Some(Delivery::None),
                reason: Some(reason.clone()),
                waiting_for: Some(Some(reason)),
                ..before
            };
            Writes { communications: vec![write], ..Writes::default() }
        }
        Ambiguity::AtMostOnce | Ambiguity::AtLeastOnce => started(shared, before, opened, prepared, &reason),
    };
    match commit(shared, step, ending, writes).await? {
        Committed::Changed => look_again(shared, step).await,
        Committed::Applied | Committed::Fenced => Ok(()),
    }
}

/// It may have reached the contact, and is sent again.
fn started(
    shared: &Shared,
    before: CommunicationWrite,
    OpenedSession { session, stored }: OpenedSession,
    prepared: &Prepared,
    reason: &str,
) -> Writes {
    let reason = format!("{reason}; it is sent again, and the contact may get it twice");
    let write = CommunicationWrite {
        status: Some(Status::Started),
        delivery: Some(Delivery::Unknown),
        reason: Some(reason.clone()),
        session_id: Some(session.id),
        waiting_for: Some(Some(reason)),
        ..before
    };
    let mut writes = Writes { communications: vec![write], ..Writes::default() };
    if !stored {
        let now_ms = shared.engine.clock().now_ms();
        let timeout = |ms: i64| close_session_step_at(&session, Value::Null, now_ms.saturating_add(ms));
        writes.steps.extend(session.timeout_ms.map(timeout));
        writes.messages.extend(opening(shared, &session, prepared));
        writes.opened = Some(session);
    }
    writes
}

/// Ends a step whose communication is over. The session of what was sent one way, and of which a receipt told that it arrived before it
/// was sent again, has nothing else to end it.
pub(super) async fn close_one_way(shared: &Shared, step: &step::Model, due: &Due) -> Result<(), EngineError> {
    let scope = Scope(step.tenant_id);
    let session = match due.communication.session_id {
        Some(id) => shared.engine.store().session(scope, id).await?,
        None => None,
    };
    let open = session.filter(|session| session.status == ACTIVE && session.timeout_ms.is_none());
    let delivery = Delivery::parse(&due.communication.delivery).unwrap_or(Delivery::Unknown);
    let results = Value::Object(results_of_send(delivery));
    let now_ms = shared.engine.clock().now_ms();
    let steps = open.iter().map(|session| close_session_step_at(session, results.clone(), now_ms)).collect();
    done(shared, step, Writes { steps, ..nothing_sent() }).await
}

/// What a provider said after the claim was lost.
pub(super) struct Late {
    pub(super) provider_id: Option<String>,
    pub(super) delivery: Delivery,
    pub(super) reason: Option<String>,
}

/// The send took longer than its lease, and somebody has marked it as unknown meanwhile: what is known now is kept beside that.
pub(super) async fn keep_late_receipt(shared: &Shared, due: &Due, late: Late) -> Result<(), EngineError> {
    let scope = Scope(due.communication.tenant_id);
    let said = late.reason.map_or_else(String::new, |reason| format!(": {reason}"));
    let text = format!("late receipt, after the claim was lost: {}{said}", late.delivery.as_str());
    let now_ms = shared.engine.clock().now_ms();
    Ok(shared.engine.store().late_receipt(scope, due.communication.id, late.provider_id, text, now_ms).await?)
}
