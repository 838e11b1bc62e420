use std::{collections::HashMap, sync::atomic::Ordering, time::Instant};

use serde_json::{Map, Value};
use stratagem_channels::{Ambiguity, Channel, Content, Draft, PrepareError, SendOutcome};
use stratagem_domain::{
    agent::Role,
    channel::ChannelKind,
    clock::from_ms,
    communication::Delivery,
    retry::Backoff,
    session::{OUTCOME_FAILED, results_of},
};
use stratagem_store::{
    Scope,
    commit::{Committed, Ending, MessageWrite, Writes},
    entities::{communication, message, session, stage, step},
};

use super::{again_after, close_session_step_at, commit, converse};
use crate::{EngineError, choices, documents, scheduler::Shared, talking::Follows};

/// Sends the message that is the step's subject, within its session.
///
/// As with a delivery, that it is under way is committed before the socket opens, and whoever finds it so after a crash sends it again
/// only where that may be done.
pub(super) async fn run(shared: &Shared, step: &step::Model) -> Result<(), EngineError> {
    let (store, scope) = (shared.engine.store(), Scope(step.tenant_id));
    let message = match step.subject_id {
        Some(id) => store.message_named(scope, uuid::Uuid::nil(), &id.to_string()).await?,
        None => None,
    };
    let Some(message) = message else { return end(shared, step, Writes::default()).await };
    let Some(session) = store.session(scope, message.session_id).await? else {
        return end(shared, step, Writes::default()).await;
    };
    match message.delivery.as_deref().and_then(Delivery::parse) {
        Some(Delivery::None) => attempt(shared, step, &session, &message).await,
        Some(Delivery::Sending) => {
            let reason = "the server stopped while the message was being handed over".to_owned();
            unconfirmed(shared, step, &session, &message, "crash", reason).await
        }
        // An earlier attempt left it so, and nobody has said since what became of it.
        Some(Delivery::Unknown) if ambiguity(shared, &session).await? == Ambiguity::AtLeastOnce => {
            attempt(shared, step, &session, &message).await
        }
        // A receipt came before the server stopped: the message is said, and what follows from it is not stored yet.
        Some(known) => said(shared, step, &session, &message, known, None, None).await,
        None => end(shared, step, Writes::default()).await,
    }
}

async fn end(shared: &Shared, step: &step::Model, writes: Writes) -> Result<(), EngineError> {
    commit(shared, step, Ending::Done, writes).await.map(|_| ())
}

async fn attempt(
    shared: &Shared,
    step: &step::Model,
    session: &session::Model,
    message: &message::Model,
) -> Result<(), EngineError> {
    let (engine, scope) = (&shared.engine, Scope(step.tenant_id));
    let end = if may_have_left(message) { Delivery::Unknown } else { Delivery::Failed };
    let failed = |reason| said(shared, step, session, message, end, None, Some(reason));
    let channel = ChannelKind::parse(&session.channel).and_then(|kind| engine.channels().get(kind)).cloned();
    let Some(channel) = channel else {
        return failed(format!("channel `{}` is not available in this version", session.channel)).await;
    };
    let known_as = session.known_as.as_deref().unwrap_or_default();
    if !Follows::of(message).confirms
        && let Some(reason) = engine.suppressed(scope, &[known_as], &session.channel).await?
    {
        return failed(reason).await;
    }
    let integration = match session.integration_id {
        Some(id) => engine.open_integration(scope, id).await?,
        None => None,
    };
    let prepared = match prepare(shared, session, message, &*channel, integration.as_ref()).await? {
        Ok(prepared) => prepared,
        Err(PrepareError::Unreachable { reason } | PrepareError::Template { reason }) => return failed(reason).await,
        Err(PrepareError::Misconfigured { reason }) => {
            return again(shared, step, session, message, Backoff::MISCONFIGURED, None, reason).await;
        }
    };
    let mut place = engine.0.sending.place(session.integration_id).await?;
    if shared.draining.load(Ordering::SeqCst) {
        let (due_at_ms, reason) = (engine.clock().now_ms(), "the server was stopped".to_owned());
        let ending = Ending::Again { due_at_ms, reason, failed: false };
        return commit(shared, step, ending, Writes { unsent: true, ..Writes::default() }).await.map(|_| ());
    }
    let delivery = if may_have_left(message) { Delivery::Unknown } else { Delivery::Sending };
    let begun = MessageWrite { id: message.id, delivery, provider_id: None, error: None, said: None };
    let writes = Writes { sent: Some(begun), ..Writes::default() };
    if commit(shared, step, Ending::Continues, writes).await? != Committed::Applied {
        return Ok(());
    }
    place.leaves();
    let began = Instant::now();
    let outcome = channel.send(&prepared, integration.as_ref()).await;
    drop(place);
    engine.metrics().sent(channel.kind(), &outcome, began.elapsed());
    match outcome {
        SendOutcome::Sent { provider_id } => {
            said(shared, step, session, message, Delivery::Sent, provider_id, None).await
        }
        SendOutcome::Rejected { code, reason, suppresses } => {
            let reason = code.map_or_else(|| reason.clone(), |code| format!("{code}: {reason}"));
            if let Some(channels) = suppresses {
                engine.suppress_on(scope, &prepared.address, channels, &reason).await?;
            }
            said(shared, step, session, message, Delivery::Failed, None, Some(reason)).await
        }
        SendOutcome::Unknown { reason } => unconfirmed(shared, step, session, message, "no_answer", reason).await,
        SendOutcome::Retry { after, reason } => {
            again(shared, step, session, message, Backoff::SEND, after, reason).await
        }
        SendOutcome::TooSoon { reason } => again(shared, step, session, message, Backoff::PAIR, None, reason).await,
        SendOutcome::Misconfigured { reason } => {
            again(shared, step, session, message, Backoff::MISCONFIGURED, None, reason).await
        }
    }
}

/// Draws the message up as an answer to what the contact said last.
async fn prepare(
    shared: &Shared,
    session: &session::Model,
    message: &message::Model,
    channel: &dyn Channel,
    integration: Option<&stratagem_channels::Integration>,
) -> Result<Result<stratagem_channels::Prepared, PrepareError>, EngineError> {
    let (engine, scope) = (&shared.engine, Scope(session.tenant_id));
    let store = engine.store();
    let gone = || PrepareError::Unreachable { reason: "the contact is gone".to_owned() };
    let contact = store.contact(scope, session.contact_id).await?;
    let campaign = store.campaign(scope, session.campaign_id).await?;
    let communication = store.communication(scope, session.communication_id).await?;
    let (Some(contact), Some(campaign), Some(communication)) = (contact, campaign, communication) else {
        return Ok(Err(gone()));
    };
    let identity = match session.integration_id {
        Some(id) => store.identity(scope, id, session.contact_id).await?,
        None => None,
    };
    let messages = store.messages(scope, session.id).await?;
    let heard = messages.iter().rev().find(|row| row.role == Role::Human.as_str() && !row.automatic);
    let thread = heard.and_then(|row| row.thread.clone()).map_or(Value::Null, |thread| thread.0);
    let found = stage_of(shared, &communication).await?;
    let settings = settings_in(found.as_ref(), &communication)?;
    let stage = documents::StageView {
        id: found.as_ref().map(|stage| stage.id),
        name: &communication.stage_name,
        description: found.as_ref().map(|stage| stage.description.as_str()).unwrap_or_default(),
    };
    let unsubscribe_url = engine.unsubscribe_url(&communication);
    let mut document = documents::template_scope(&campaign, stage, &contact, &communication, &unsubscribe_url);
    documents::add_bot(&mut document, engine.telegram_url(scope, campaign.id, contact.id, &settings).await?);
    Ok(channel.prepare(&Draft {
        content: Content::Reply { text: &message.content, thread: &thread },
        known_as: identity.as_ref().map(|identity| identity.address.as_str()).or(session.known_as.as_deref()),
        heard_at: session.heard_at_ms.map(from_ms),
        hook_url: &engine.hook_url(session.integration_id),
        settings: &settings,
        scope: &document,
        integration,
        reference: &message.id.to_string(),
        now: from_ms(message.at_ms),
    }))
}

/// The communication's stage; none where it was removed.
async fn stage_of(shared: &Shared, of: &communication::Model) -> Result<Option<stage::Model>, EngineError> {
    let stages = shared.engine.store().stages(Scope(of.tenant_id), of.campaign_id).await?;
    Ok(stages.into_iter().find(|stage| stage.name == of.stage_name))
}

/// The settings by which the communication was sent.
fn settings_in(stage: Option<&stage::Model>, of: &communication::Model) -> Result<Map<String, Value>, EngineError> {
    let choices = stage.map(|stage| choices::all(stage, &HashMap::new())).transpose()?.unwrap_or_default();
    let choice = choices.into_iter().find(|choice| choice.label == of.alternative);
    Ok(choice.map(|choice| choice.settings).unwrap_or_default())
}

/// What is done about a message of the session of which nobody knows whether it left.
async fn ambiguity(shared: &Shared, session: &session::Model) -> Result<Ambiguity, EngineError> {
    let (engine, scope) = (&shared.engine, Scope(session.tenant_id));
    let channel = ChannelKind::parse(&session.channel).and_then(|kind| engine.channels().get(kind));
    let communication = engine.store().communication(scope, session.communication_id).await?;
    let (Some(channel), Some(communication)) = (channel, communication) else { return Ok(Ambiguity::AtMostOnce) };
    let settings = settings_in(stage_of(shared, &communication).await?.as_ref(), &communication)?;
    Ok(channel.traits().ambiguity_in(&settings))
}

/// Whether an earlier attempt may have reached the contact.
fn may_have_left(message: &message::Model) -> bool {
    message.delivery.as_deref() == Some(Delivery::Unknown.as_str())
}

/// Nobody knows whether it left: sent again later where that may be done, else said as far as we know.
async fn unconfirmed(
    shared: &Shared,
    step: &step::Model,
    session: &session::Model,
    message: &message::Model,
    cause: &'static str,
    reason: String,
) -> Result<(), EngineError> {
    let ending = again_after(shared, step, Backoff::SEND, reason.clone());
    let (delivery, reason) = match ambiguity(shared, session).await? {
        Ambiguity::Idempotent => (Delivery::None, reason),
        Ambiguity::AtLeastOnce => {
            (Delivery::Unknown, format!("{reason}; it is sent again, and the contact may get it twice"))
        }
        Ambiguity::AtMostOnce => {
            shared.engine.metrics().unknown(&session.channel, cause);
            return said(shared, step, session, message, Delivery::Unknown, None, Some(reason)).await;
        }
    };
    if matches!(ending, Ending::Dead { .. }) {
        shared.engine.metrics().unknown(&session.channel, cause);
        return said(shared, step, session, message, Delivery::Unknown, None, Some(reason)).await;
    }
    let back = MessageWrite { id: message.id, delivery, provider_id: None, error: Some(reason), said: None };
    commit(shared, step, ending, Writes { sent: Some(back), ..Writes::default() }).await.map(|_| ())
}

/// Not taken, surely: again later, and failed when that has been enough.
async fn again(
    shared: &Shared,
    step: &step::Model,
    session: &session::Model,
    message: &message::Model,
    backoff: Backoff,
    after: Option<std::time::Duration>,
    reason: String,
) -> Result<(), EngineError> {
    let mut ending = again_after(shared, step, backoff, reason.clone());
    if let (Ending::Again { due_at_ms, .. }, Some(after)) = (&mut ending, after) {
        let earliest = shared.engine.clock().now_ms() + i64::try_from(after.as_millis()).unwrap_or(0);
        *due_at_ms = earliest.max(*due_at_ms);
    }
    let (end, back) = match may_have_left(message) {
        true => (Delivery::Unknown, Delivery::Unknown),
        false => (Delivery::Failed, Delivery::None),
    };
    if matches!(ending, Ending::Dead { .. }) {
        return said(shared, step, session, message, end, None, Some(reason)).await;
    }
    let back = MessageWrite { id: message.id, delivery: back, provider_id: None, error: Some(reason), said: None };
    commit(shared, step, ending, Writes { sent: Some(back), unsent: true, ..Writes::default() }).await.map(|_| ())
}

/// The message is said, or is known not to be: what follows from it follows.
async fn said(
    shared: &Shared,
    step: &step::Model,
    session: &session::Model,
    message: &message::Model,
    delivery: Delivery,
    provider_id: Option<String>,
    error: Option<String>,
) -> Result<(), EngineError> {
    let follows = Follows::of(message);
    let now_ms = shared.engine.clock().now_ms();
    let mut steps = Vec::new();
    if follows.analyzed && delivery != Delivery::Failed {
        steps.extend(converse::analysis(&shared.engine, session, message.id).await?);
    }
    let results = match (follows.end, delivery) {
        (Some(results), _) => Some(results),
        // The contact cannot be answered: nothing more will come of this conversation.
        (None, Delivery::Failed) if !follows.confirms => Some(results_of(OUTCOME_FAILED)),
        (None, _) => None,
    };
    steps.extend(results.map(|results| close_session_step_at(session, Value::Object(results), now_ms)));
    let write = MessageWrite { id: message.id, delivery, provider_id, error, said: None };
    end(shared, step, Writes { sent: Some(write), steps, ..Writes::default() }).await
}
