use std::{sync::atomic::Ordering, time::Instant};

use serde_json::Value;
use stratagem_channels::{Channel, Content, Draft, PrepareError, SendOutcome};
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
    entities::{message, session, step},
};

use super::{again_after, close_session_step_at, commit, converse};
use crate::{EngineError, choices, documents, scheduler::Shared, talking::Follows};

/// Sends the message that is the step's subject, within its session.
///
/// As with a delivery, that it is under way is committed before the socket opens, and whoever finds it so after a crash does not send it
/// again.
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
            said(shared, step, &session, &message, Delivery::Unknown, None, Some(reason)).await
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
    let failed = |reason| said(shared, step, session, message, Delivery::Failed, None, Some(reason));
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
    let place = engine.0.sending.place(session.integration_id).await?;
    if shared.draining.load(Ordering::SeqCst) {
        let (due_at_ms, reason) = (engine.clock().now_ms(), "the server was stopped".to_owned());
        let ending = Ending::Again { due_at_ms, reason, failed: false };
        return commit(shared, step, ending, Writes { unsent: true, ..Writes::default() }).await.map(|_| ());
    }
    let begun =
        MessageWrite { id: message.id, delivery: Delivery::Sending, provider_id: None, error: None, said: None };
    let writes = Writes { sent: Some(begun), ..Writes::default() };
    if commit(shared, step, Ending::Continues, writes).await? != Committed::Applied {
        return Ok(());
    }
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
        SendOutcome::Unknown { reason } => {
            said(shared, step, session, message, Delivery::Unknown, None, Some(reason)).await
        }
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
    let stages = store.stages(scope, campaign.id).await?;
    let agents = engine.agents_of(scope, &stages).await?;
    let found = stages.iter().find(|stage| stage.name == communication.stage_name);
    let choices = found.map(|stage| choices::all(stage, &agents)).transpose()?.unwrap_or_default();
    let choice = choices.into_iter().find(|choice| choice.label == communication.alternative);
    let settings = choice.map(|choice| choice.settings).unwrap_or_default();
    let stage = documents::StageView {
        id: found.map(|stage| stage.id),
        name: &communication.stage_name,
        description: found.map(|stage| stage.description.as_str()).unwrap_or_default(),
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
    if matches!(ending, Ending::Dead { .. }) {
        return said(shared, step, session, message, Delivery::Failed, None, Some(reason)).await;
    }
    let back =
        MessageWrite { id: message.id, delivery: Delivery::None, provider_id: None, error: Some(reason), said: None };
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
