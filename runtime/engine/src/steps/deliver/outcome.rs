//! What came of a send, or why there was none, and what follows from it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use stratagem_channels::{Ambiguity, Prepared, SendOutcome, Traits};
use stratagem_domain::{
    agent::Role,
    channel::ChannelKind,
    communication::{Delivery, Status},
    retry::Backoff,
    session::{outcome_in, results_of_send},
    step::StepKind,
};
use stratagem_store::{
    Scope,
    commit::{Committed, CommunicationWrite, Ending, Writes},
    entities::{message, session, step},
    sessions::CLOSED,
    steps::NewStep,
};

use super::{
    Due, Found, OpenedSession, new_session,
    unconfirmed::{Late, again_unconfirmed, keep_late_receipt},
};
use crate::{
    EngineError,
    choices::Choice,
    scheduler::Shared,
    steps::{again_after, aggregate_step, close_session_step_at, commit, message_of},
    talking::Follows,
};

pub(super) async fn settle(
    shared: &Shared,
    step: &step::Model,
    due: &Due,
    traits: Traits,
    outcome: SendOutcome,
    opened: OpenedSession,
    prepared: &Prepared,
) -> Result<(), EngineError> {
    let mut write = CommunicationWrite { id: due.communication.id, expected: due.under_way(), ..Default::default() };
    let (status, delivery) = match outcome {
        SendOutcome::Sent { provider_id } => {
            write.provider_id = provider_id;
            (Status::Started, Delivery::Sent)
        }
        SendOutcome::Rejected { code, reason, suppresses } => {
            let reason = code.map_or_else(|| reason.clone(), |code| format!("{code}: {reason}"));
            if let Some(channels) = suppresses {
                let scope = Scope(due.communication.tenant_id);
                shared.engine.suppress_on(scope, &prepared.address, channels, &reason).await?;
            }
            write.reason = Some(reason);
            (Status::Failed, Delivery::Failed)
        }
        SendOutcome::Unknown { reason } => {
            if traits.ambiguity_in(&due.choice.settings) != Ambiguity::AtMostOnce {
                return again_unconfirmed(shared, step, due, traits, opened, prepared, reason).await;
            }
            shared.engine.metrics().unknown(&due.choice.channel, "no_answer");
            write.reason = Some(reason);
            (Status::Unknown, Delivery::Unknown)
        }
        SendOutcome::Retry { after, reason } => return retry(shared, step, due, Backoff::SEND, after, reason).await,
        SendOutcome::TooSoon { reason } => return retry(shared, step, due, Backoff::PAIR, None, reason).await,
        SendOutcome::Misconfigured { reason } => {
            let ending = again_after(shared, step, Backoff::MISCONFIGURED, reason.clone());
            return again_or_failed(shared, step, due, due.under_way(), ending, reason).await;
        }
    };
    let OpenedSession { mut session, stored } = opened;
    (write.status, write.delivery, write.session_id) = (Some(status), Some(delivery), Some(session.id));
    let late = Late { provider_id: write.provider_id.clone(), delivery, reason: write.reason.clone() };
    let messages = if stored { Vec::new() } else { opening(shared, &session, prepared).into_iter().collect() };
    let now_ms = shared.engine.clock().now_ms();
    let steps = match session.timeout_ms.filter(|_| !traits.one_way && delivery == Delivery::Sent) {
        // An earlier attempt opened it, and its time-out.
        Some(_) if due.found == Found::Unconfirmed => Vec::new(),
        Some(timeout_ms) => vec![close_session_step_at(&session, Value::Null, now_ms.saturating_add(timeout_ms))],
        None if stored => vec![close_session_step_at(&session, Value::Object(results_of_send(delivery)), now_ms)],
        None => vec![over_at_once(&mut session, delivery, now_ms)],
    };
    let opened = (!stored).then_some(session);
    let writes = Writes { communications: vec![write], opened, messages, steps, ..Writes::default() };
    match commit(shared, step, Ending::Done, writes).await? {
        Committed::Applied => Ok(()),
        Committed::Fenced => keep_late_receipt(shared, due, late).await,
        Committed::Changed => look_again(shared, step).await,
    }
}

/// Makes the session one that was over when it began, because nothing more can come of it. Returns the step that follows.
fn over_at_once(session: &mut session::Model, delivery: Delivery, now_ms: i64) -> NewStep {
    let results = results_of_send(delivery);
    session.outcome = outcome_in(&results);
    session.results = Value::Object(results).into();
    (session.status, session.closed_at_ms, session.desk) = (CLOSED.to_owned(), Some(now_ms), None);
    aggregate_step(session, now_ms)
}

/// Not taken, surely: again later, and failed when that has been enough.
async fn retry(
    shared: &Shared,
    step: &step::Model,
    due: &Due,
    backoff: Backoff,
    after: Option<std::time::Duration>,
    reason: String,
) -> Result<(), EngineError> {
    let mut ending = again_after(shared, step, backoff, reason.clone());
    if let (Ending::Again { due_at_ms, .. }, Some(after)) = (&mut ending, after) {
        let earliest = shared.engine.clock().now_ms() + i64::try_from(after.as_millis()).unwrap_or(0);
        *due_at_ms = earliest.max(*due_at_ms);
    }
    again_or_failed(shared, step, due, due.under_way(), ending, reason).await
}

/// The integration is at fault: the communication waits, with the reason on view.
pub(super) async fn wait(shared: &Shared, step: &step::Model, due: &Due, reason: String) -> Result<(), EngineError> {
    let ending = again_after(shared, step, Backoff::MISCONFIGURED, reason.clone());
    again_or_failed(shared, step, due, due.as_found(), ending, reason).await
}

/// `before` is what the communication is now.
async fn again_or_failed(
    shared: &Shared,
    step: &step::Model,
    due: &Due,
    before: Option<(Status, Delivery)>,
    ending: Ending,
    reason: String,
) -> Result<(), EngineError> {
    if matches!(ending, Ending::Dead { .. }) {
        return give_up(shared, step, due, (Status::Failed, Delivery::Failed), before, reason).await;
    }
    let handed_over = before == due.under_way();
    let write = CommunicationWrite {
        id: due.communication.id,
        expected: before,
        delivery: (handed_over && due.found == Found::Planned).then_some(Delivery::None),
        reason: Some(reason.clone()),
        waiting_for: Some(Some(reason)),
        ..Default::default()
    };
    let unsent = due.found == Found::Planned && !handed_over;
    if commit(shared, step, ending, Writes { communications: vec![write], unsent, ..Writes::default() }).await?
        == Committed::Changed
    {
        return look_again(shared, step).await;
    }
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
    give_up(shared, step, due, (status, delivery), due.as_found(), reason).await
}

/// The session that ends with a communication that was not sent: a call may have one already.
async fn closing_session(shared: &Shared, due: &Due) -> Result<session::Model, EngineError> {
    let channel = ChannelKind::parse(&due.choice.channel).and_then(|kind| shared.engine.channels().get(kind));
    let traits = channel.map(|channel| channel.traits());
    if let Some(id) = due.communication.session_id {
        let stored = shared.engine.store().session(Scope(due.communication.tenant_id), id).await?;
        return stored.ok_or_else(|| EngineError::Internal(format!("session {id} is gone")));
    }
    Ok(session::Model { timeout_ms: None, desk: None, ..new_session(shared, due, traits, "") })
}

/// The stage's own message, as the conversation's first; none where there is nothing to read.
pub(super) fn opening(shared: &Shared, session: &session::Model, prepared: &Prepared) -> Option<message::Model> {
    let said = session.timeout_ms.is_some() && !prepared.text.trim().is_empty();
    let now = shared.engine.clock().now();
    let message = |text: &str| message::Model {
        delivery: None,
        ..message_of(&shared.engine, session, Role::Ai, text.to_owned(), &Follows::default(), now)
    };
    said.then(|| message(&prepared.text))
}

/// This way cannot reach the contact: the next one is tried, on its own lane.
pub(super) async fn next_choice(
    shared: &Shared,
    step: &step::Model,
    due: &Due,
    next: Choice,
    reason: String,
) -> Result<(), EngineError> {
    let tried = due.choice.label.as_deref().unwrap_or("the stage's own settings");
    let write = CommunicationWrite {
        id: due.communication.id,
        expected: Some((Status::Planned, Delivery::None)),
        alternative: Some((next.label.clone(), next.channel.clone())),
        status: Some(Status::Planned),
        reason: Some(format!("not by {tried}: {reason}")),
        waiting_for: Some(None),
        ..Default::default()
    };
    let again = NewStep {
        campaign_id: due.communication.campaign_id,
        contact_id: Some(due.contact.id),
        subject_id: Some(due.communication.id),
        kind: StepKind::Deliver,
        sender: next.sender(),
        payload: Value::Null,
        due_at_ms: shared.engine.clock().now_ms(),
        trace_id: None,
    };
    done(shared, step, Writes { communications: vec![write], steps: vec![again], unsent: true, ..Writes::default() })
        .await
}

/// Ends the communication, which is as `before` says. One that may have left is `unknown`, whatever came after.
pub(super) async fn give_up(
    shared: &Shared,
    step: &step::Model,
    due: &Due,
    (status, delivery): (Status, Delivery),
    before: Option<(Status, Delivery)>,
    reason: String,
) -> Result<(), EngineError> {
    let (status, delivery) = match due.found {
        Found::Planned | Found::Over => (status, delivery),
        Found::Lost | Found::Unconfirmed => (Status::Unknown, Delivery::Unknown),
    };
    if status == Status::Unknown {
        let cause = if due.found == Found::Lost { "crash" } else { "no_answer" };
        shared.engine.metrics().unknown(&due.choice.channel, cause);
    }
    let mut session = closing_session(shared, due).await?;
    let write = CommunicationWrite {
        id: due.communication.id,
        expected: before,
        status: Some(status),
        delivery: before.is_none_or(|(_, known)| delivery != known).then_some(delivery),
        reason: Some(reason),
        session_id: Some(session.id),
        waiting_for: Some(None),
        ..Default::default()
    };
    let now_ms = shared.engine.clock().now_ms();
    let next = match due.communication.session_id {
        Some(_) => close_session_step_at(&session, Value::Object(results_of_send(delivery)), now_ms),
        None => over_at_once(&mut session, delivery, now_ms),
    };
    let unsent = due.found == Found::Planned && before == due.as_found();
    let opened = due.communication.session_id.is_none().then_some(session);
    let writes = Writes { communications: vec![write], opened, steps: vec![next], unsent, ..Writes::default() };
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
        expected: due.as_found(),
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
    if due.found != Found::Planned {
        return fail(shared, step, due, Status::Skipped, reason).await;
    }
    let write = CommunicationWrite {
        id: due.communication.id,
        expected: due.as_found(),
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
