//! What came of a send, or why there was none, and what follows from it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use stratagem_channels::{SendOutcome, Traits};
use stratagem_domain::{
    channel::ChannelKind,
    communication::{Delivery, Status},
    retry::Backoff,
    session::results_of_send,
};
use stratagem_store::{
    Scope,
    commit::{Committed, CommunicationWrite, Ending, Writes},
    entities::{session, step},
};

use super::{Due, new_session};
use crate::{
    EngineError,
    scheduler::Shared,
    steps::{again_after, close_step, commit},
};

pub(super) async fn settle(
    shared: &Shared,
    step: &step::Model,
    due: &Due,
    traits: Traits,
    outcome: SendOutcome,
    session: session::Model,
    session_id: uuid::Uuid,
) -> Result<(), EngineError> {
    let mut write = CommunicationWrite {
        id: due.communication.id,
        expected: Some((Status::Planned, Delivery::Sending)),
        session_id: Some(session_id),
        ..Default::default()
    };
    let (status, delivery) = match outcome {
        SendOutcome::Sent { provider_id } => {
            write.provider_id = provider_id;
            (Status::Started, Delivery::Sent)
        }
        SendOutcome::Rejected { code, reason } => {
            write.reason = Some(code.map_or_else(|| reason.clone(), |code| format!("{code}: {reason}")));
            (Status::Failed, Delivery::Failed)
        }
        SendOutcome::Unknown { reason } => {
            write.reason = Some(reason);
            (Status::Unknown, Delivery::Unknown)
        }
        SendOutcome::Retry { after, reason } => return retry(shared, step, due, after, reason).await,
        SendOutcome::Misconfigured { reason } => return wait(shared, step, due, Delivery::Sending, reason).await,
    };
    (write.status, write.delivery) = (Some(status), Some(delivery));
    let late = Late { provider_id: write.provider_id.clone(), delivery, reason: write.reason.clone() };
    let ends = traits.one_way || delivery != Delivery::Sent;
    let results = Value::Object(results_of_send(delivery));
    let steps = if ends { vec![close_step(shared, &due.communication, session_id, results)] } else { Vec::new() };
    let writes = Writes { communications: vec![write], opened: Some(session), steps, ..Writes::default() };
    match commit(shared, step, Ending::Done, writes).await? {
        Committed::Applied => Ok(()),
        Committed::Fenced => keep_late_receipt(shared, due, late).await,
        Committed::Changed => look_again(shared, step).await,
    }
}

/// What a provider said after the claim was lost.
struct Late {
    provider_id: Option<String>,
    delivery: Delivery,
    reason: Option<String>,
}

/// The send took longer than its lease, and somebody has marked it as unknown meanwhile: what is known now is kept beside that.
async fn keep_late_receipt(shared: &Shared, due: &Due, late: Late) -> Result<(), EngineError> {
    let scope = Scope(due.communication.tenant_id);
    let said = late.reason.map_or_else(String::new, |reason| format!(": {reason}"));
    let text = format!("late receipt, after the claim was lost: {}{said}", late.delivery.as_str());
    let now_ms = shared.engine.clock().now_ms();
    Ok(shared.engine.store().late_receipt(scope, due.communication.id, late.provider_id, text, now_ms).await?)
}

/// Not taken, surely: again later, and failed when that has been enough.
async fn retry(
    shared: &Shared,
    step: &step::Model,
    due: &Due,
    after: Option<std::time::Duration>,
    reason: String,
) -> Result<(), EngineError> {
    let mut ending = again_after(shared, step, Backoff::SEND, reason.clone());
    if let (Ending::Again { due_at_ms, .. }, Some(after)) = (&mut ending, after) {
        let earliest = shared.engine.clock().now_ms() + i64::try_from(after.as_millis()).unwrap_or(0);
        *due_at_ms = earliest.max(*due_at_ms);
    }
    again_or_failed(shared, step, due, Delivery::Sending, ending, reason).await
}

/// The integration is at fault: the communication waits, with the reason on view.
pub(super) async fn wait(
    shared: &Shared,
    step: &step::Model,
    due: &Due,
    delivery: Delivery,
    reason: String,
) -> Result<(), EngineError> {
    let ending = again_after(shared, step, Backoff::MISCONFIGURED, reason.clone());
    again_or_failed(shared, step, due, delivery, ending, reason).await
}

async fn again_or_failed(
    shared: &Shared,
    step: &step::Model,
    due: &Due,
    delivery: Delivery,
    ending: Ending,
    reason: String,
) -> Result<(), EngineError> {
    if matches!(ending, Ending::Dead { .. }) {
        return give_up(shared, step, due, (Status::Failed, Delivery::Failed), delivery, reason).await;
    }
    let write = CommunicationWrite {
        id: due.communication.id,
        expected: Some((Status::Planned, delivery)),
        delivery: (delivery != Delivery::None).then_some(Delivery::None),
        reason: Some(reason.clone()),
        waiting_for: Some(Some(reason)),
        ..Default::default()
    };
    let writes = Writes { communications: vec![write], unsent: delivery == Delivery::None, ..Writes::default() };
    commit(shared, step, ending, writes).await?;
    Ok(())
}

/// Cannot be sent at all: its session ends at once, so that the strategy can decide what else to do.
pub(super) async fn fail(
    shared: &Shared,
    step: &step::Model,
    due: &Due,
    status: Status,
    reason: String,
) -> Result<(), EngineError> {
    let delivery = if status == Status::Failed { Delivery::Failed } else { Delivery::None };
    give_up(shared, step, due, (status, delivery), Delivery::None, reason).await
}

/// The process died while the message was under way: nobody knows whether it left.
pub(super) async fn lost(shared: &Shared, step: &step::Model, due: &Due) -> Result<(), EngineError> {
    let reason = "the server stopped while the message was being handed over".to_owned();
    if let Some(channel) = ChannelKind::parse(&due.stage.channel) {
        shared.engine.metrics().lost(channel);
    }
    give_up(shared, step, due, (Status::Unknown, Delivery::Unknown), Delivery::Sending, reason).await
}

async fn give_up(
    shared: &Shared,
    step: &step::Model,
    due: &Due,
    (status, delivery): (Status, Delivery),
    expected: Delivery,
    reason: String,
) -> Result<(), EngineError> {
    let session = new_session(shared, due);
    let write = CommunicationWrite {
        id: due.communication.id,
        expected: Some((Status::Planned, expected)),
        status: Some(status),
        delivery: (delivery != expected).then_some(delivery),
        reason: Some(reason),
        session_id: Some(session.id),
        waiting_for: Some(None),
        ..Default::default()
    };
    let results = Value::Object(results_of_send(delivery));
    let steps = vec![close_step(shared, &due.communication, session.id, results)];
    let unsent = expected == Delivery::None;
    let writes = Writes { communications: vec![write], opened: Some(session), steps, unsent, ..Writes::default() };
    done(shared, step, writes).await
}

/// A rule says not now: the communication waits, with the reason on view. Costs no attempt.
pub(super) async fn defer(
    shared: &Shared,
    step: &step::Model,
    due: &Due,
    until: DateTime<Utc>,
    reason: String,
) -> Result<(), EngineError> {
    let write = CommunicationWrite {
        id: due.communication.id,
        expected: Some((Status::Planned, Delivery::None)),
        waiting_for: Some(Some(reason.clone())),
        ..Default::default()
    };
    let ending = Ending::Again { due_at_ms: until.timestamp_millis(), reason, failed: false };
    let writes = Writes { communications: vec![write], unsent: true, ..Writes::default() };
    if commit(shared, step, ending, writes).await? == Committed::Changed {
        return look_again(shared, step).await;
    }
    Ok(())
}

/// A rule says never. No session follows: a strategy that plans for ever must come to an end here.
pub(super) async fn skip(shared: &Shared, step: &step::Model, due: &Due, reason: String) -> Result<(), EngineError> {
    let write = CommunicationWrite {
        id: due.communication.id,
        expected: Some((Status::Planned, Delivery::None)),
        status: Some(Status::Skipped),
        reason: Some(reason),
        waiting_for: Some(None),
        ..Default::default()
    };
    done(shared, step, Writes { communications: vec![write], unsent: true, ..Writes::default() }).await
}

/// A stage of the channel `none`: nothing is sent, no aggregation follows.
pub(super) async fn end_of_sequence(shared: &Shared, step: &step::Model, due: &Due) -> Result<(), EngineError> {
    let write = CommunicationWrite {
        id: due.communication.id,
        expected: Some((Status::Planned, Delivery::None)),
        status: Some(Status::Completed),
        ..Default::default()
    };
    done(shared, step, Writes { communications: vec![write], ..Writes::default() }).await
}

pub(super) async fn done(shared: &Shared, step: &step::Model, writes: Writes) -> Result<(), EngineError> {
    if commit(shared, step, Ending::Done, writes).await? == Committed::Changed {
        return look_again(shared, step).await;
    }
    Ok(())
}

pub(super) async fn look_again(shared: &Shared, step: &step::Model) -> Result<(), EngineError> {
    put_back(shared, step, "the communication changed meanwhile").await
}

/// Back into the queue, due at once; costs no attempt.
pub(super) async fn put_back(shared: &Shared, step: &step::Model, reason: &str) -> Result<(), EngineError> {
    let (due_at_ms, reason) = (shared.engine.clock().now_ms(), reason.to_owned());
    commit(shared, step, Ending::Again { due_at_ms, reason, failed: false }, nothing_sent()).await?;
    Ok(())
}

/// Ends a step that has nothing to write: what its claim took of rate limits is given back.
pub(super) fn nothing_sent() -> Writes {
    Writes { unsent: true, ..Writes::default() }
}
