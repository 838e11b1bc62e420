mod aloud;

use chrono::{DateTime, Utc};
use serde_json::Value;
use stratagem_domain::{
    agent::{Act, AgentError, AgentStatus, Role},
    channel::ChannelKind,
    communication::Delivery,
    retry::Backoff,
    session::{OUTCOME_AGENT_ERROR, results_of},
    step::{Sender, StepKind},
};
use stratagem_store::{
    Json, Scope,
    commit::{Ending, SessionWrite, Writes},
    entities::{message, session, step},
    sessions::CLOSED,
    steps::NewStep,
};
use uuid::Uuid;

use self::aloud::Aloud;
use super::{again_after, close_session_step_at, commit};
use crate::{
    Engine, EngineError,
    scheduler::Shared,
    talking::{self, Follows},
};

/// How long a turn waits for an agent that is not active, in milliseconds; its lane is held as long as that lasts.
const SWITCHED_OFF_MS: i64 = 1_000;

/// Has the agent of the session that is the step's subject answer what the contact said last. What it says is stored; the step `reply`
/// sends it, and a call speaks it, where it can from its first sentence on (`aloud.rs`).
pub(super) async fn run(shared: &Shared, step: &step::Model) -> Result<(), EngineError> {
    let (engine, scope) = (&shared.engine, Scope(step.tenant_id));
    let store = engine.store();
    let nothing = || commit(shared, step, Ending::Done, Writes::default());
    let session = match step.subject_id {
        Some(id) => store.session(scope, id).await?,
        None => None,
    };
    let Some(session) = session else { return nothing().await.map(|_| ()) };
    let messages = store.messages(scope, session.id).await?;
    if let Some(begun) = messages.iter().find(|message| aloud::was_begun_by(message, step)) {
        return aloud::settle(shared, step, &session, begun).await;
    }
    if session.status == CLOSED || session.desk.is_some() {
        return nothing().await.map(|_| ());
    }
    let agent = match session.agent_id {
        Some(id) => store.agent(scope, id).await?,
        None => None,
    };
    let (Some(agent), true) = (agent, has_its_turn(&messages)) else { return nothing().await.map(|_| ()) };
    if agent.status != AgentStatus::Active.as_str() {
        return wait_for_agent(shared, step, format!("agent `{}` is `{}`", agent.name, agent.status)).await;
    }
    let contact = store.contact(scope, session.contact_id).await?;
    let campaign = store.campaign(scope, session.campaign_id).await?;
    let (Some(contact), Some(campaign)) = (contact, campaign) else { return nothing().await.map(|_| ()) };
    let communication = store.communication(scope, session.communication_id).await?;
    let stages = store.stages(scope, campaign.id).await?;
    let stage = stages.iter().find(|stage| communication.as_ref().is_some_and(|c| c.stage_name == stage.name));
    let about =
        talking::About { session: &session, contact: &contact, campaign: &campaign, stage, messages: &messages };
    let turn = talking::turn(&about);
    let (acted, begun) = if turn.spoken && aloud::is_possible(engine, &session).await? {
        aloud::act(shared, step, &session, &agent, &turn).await?
    } else {
        (engine.act(scope, &agent, &turn, None).await?, None)
    };
    match acted {
        Ok(act) => said(shared, step, &session, act, begun).await,
        Err(AgentError::Retry { after_ms, reason }) => {
            let mut ending = again_after(shared, step, Backoff::SEND, reason.clone());
            if let (Ending::Again { due_at_ms, .. }, Some(after)) = (&mut ending, after_ms) {
                let earliest = engine.clock().now_ms().saturating_add(i64::try_from(after).unwrap_or(0));
                *due_at_ms = earliest.max(*due_at_ms);
            }
            if matches!(ending, Ending::Dead { .. }) {
                return give_up(shared, step, &session, reason, None).await;
            }
            commit(shared, step, ending, Writes::default()).await.map(|_| ())
        }
        Err(AgentError::Misconfigured { reason }) => {
            store.agent_failed(scope, agent.id, &reason, engine.clock().now_ms()).await?;
            wait_for_agent(shared, step, reason).await
        }
        Err(AgentError::Invalid { reason }) => give_up(shared, step, &session, reason, begun).await,
    }
}

/// Whether the contact has said something that nobody has answered, or a call waits for its first words.
fn has_its_turn(messages: &[message::Model]) -> bool {
    let human = |message: &&message::Model| message.role == Role::Human.as_str();
    match messages.iter().rev().find(|message| !message.automatic) {
        Some(last) => human(&last),
        None => true,
    }
}

async fn wait_for_agent(shared: &Shared, step: &step::Model, reason: String) -> Result<(), EngineError> {
    let due_at_ms = shared.engine.clock().now_ms().saturating_add(SWITCHED_OFF_MS);
    let ending = Ending::Again { due_at_ms, reason, failed: false };
    commit(shared, step, ending, Writes::default()).await.map(|_| ())
}

/// The agent makes no sense: the session ends, and the strategy is told. What it has said aloud before stays said.
async fn give_up(
    shared: &Shared,
    step: &step::Model,
    session: &session::Model,
    reason: String,
    begun: Option<Aloud>,
) -> Result<(), EngineError> {
    tracing::warn!(session = %session.id, "a session ends because its agent gave no answer that makes sense");
    let mut results = results_of(OUTCOME_AGENT_ERROR);
    results.insert("Reason".to_owned(), Value::from(reason));
    // In a call, that is said to its end, and then the call ends too.
    let follows = Follows { end: Some(results.clone()), ..Follows::default() };
    let sent = begun.as_ref().and_then(|begun| begun.ended(None, &follows));
    let results = Value::Object(results);
    let steps = vec![close_session_step_at(session, results.clone(), shared.engine.clock().now_ms())];
    // With the last words at once: whoever asks what comes after them is told that nothing does.
    let known = SessionWrite { id: session.id, results: Some(results), ..SessionWrite::default() };
    commit(shared, step, Ending::Done, Writes { steps, sent, session: Some(known), ..Writes::default() }).await?;
    drop(begun);
    shared.engine.spoken().notify_waiters();
    Ok(())
}

async fn said(
    shared: &Shared,
    step: &step::Model,
    session: &session::Model,
    act: Act,
    begun: Option<Aloud>,
) -> Result<(), EngineError> {
    let engine = &shared.engine;
    let now = engine.clock().now();
    let call = ChannelKind::parse(&session.channel).is_some_and(|kind| ChannelKind::CALLS.contains(&kind));
    let mut writes = Writes {
        session: Some(SessionWrite {
            id: session.id,
            state: act.state.clone(),
            hand_over: act.hand_over.clone(),
            usage: Some(talking::usage(session, act.usage)),
            results: act.end.clone().map(Value::Object),
        }),
        ..Writes::default()
    };
    let follows = Follows { end: act.end.clone(), confirms: false, analyzed: true };
    match act.say.filter(|text| !text.trim().is_empty()) {
        Some(text) => {
            let sent = begun.as_ref().and_then(|begun| begun.ended(Some(&text), &follows));
            let message = message_of(engine, session, Role::Ai, text, &follows, now);
            if let Some(sent) = sent {
                writes.steps.extend(analysis(engine, session, sent.id).await?);
                writes.sent = Some(sent);
            } else if call {
                writes.steps.extend(analysis(engine, session, message.id).await?);
                writes.messages.push(message::Model { delivery: Some(Delivery::Sent.as_str().to_owned()), ..message });
            } else {
                writes.steps.push(reply_step(session, message.id, now));
                writes.messages.push(message);
            }
        }
        None => {
            if let Some(results) = act.end.filter(|_| !call) {
                writes.steps.push(close_session_step_at(session, Value::Object(results), now.timestamp_millis()));
            }
        }
    }
    commit(shared, step, Ending::Done, writes).await?;
    drop(begun);
    engine.spoken().notify_waiters();
    Ok(())
}

/// A message of ours, still to be sent.
pub(crate) fn message_of(
    engine: &Engine,
    session: &session::Model,
    role: Role,
    content: String,
    follows: &Follows,
    now: DateTime<Utc>,
) -> message::Model {
    message::Model {
        id: engine.random().id(now),
        tenant_id: session.tenant_id,
        campaign_id: session.campaign_id,
        contact_id: session.contact_id,
        session_id: session.id,
        role: role.as_str().to_owned(),
        content,
        at_ms: now.timestamp_millis(),
        integration_id: session.integration_id,
        provider_id: None,
        step_id: None,
        delivery: Some(Delivery::None.as_str().to_owned()),
        error: None,
        thread: Some(Json(follows.kept())),
        automatic: false,
    }
}

/// The step that sends a message.
pub(crate) fn reply_step(session: &session::Model, message_id: Uuid, now: DateTime<Utc>) -> NewStep {
    let sender = Sender { channel: &session.channel, integration_id: session.integration_id, agent_id: None };
    NewStep {
        campaign_id: session.campaign_id,
        contact_id: Some(session.contact_id),
        subject_id: Some(message_id),
        kind: StepKind::Reply,
        sender: sender.to_string(),
        payload: Value::Null,
        due_at_ms: now.timestamp_millis(),
        trace_id: None,
    }
}

/// The step that analyses what an agent has said, where the campaign has a strategy for it.
pub(super) async fn analysis(
    engine: &Engine,
    session: &session::Model,
    message_id: Uuid,
) -> Result<Option<NewStep>, EngineError> {
    let kind = stratagem_domain::strategy::StrategyType::AnswerAnalysis;
    let strategy = engine.store().active_strategy(Scope(session.tenant_id), session.campaign_id, kind).await?;
    Ok(strategy.map(|_| NewStep {
        campaign_id: session.campaign_id,
        contact_id: Some(session.contact_id),
        subject_id: Some(message_id),
        kind: StepKind::AnalyzeAnswer,
        sender: String::new(),
        payload: Value::Null,
        due_at_ms: engine.clock().now_ms(),
        trace_id: None,
    }))
}
