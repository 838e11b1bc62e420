//! Sends one communication: plan, clear, send.
//!
//! `delivery = sending` is committed before the socket opens, so whoever finds it after a crash knows that the message may
//! have left. What comes of it is in `outcome`; what is done where that is not known, in `unconfirmed`.

mod ahead;
mod due;
mod outcome;
mod reach;
mod unconfirmed;

use std::{sync::atomic::Ordering, time::Instant};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use fail::fail_point;
use serde_json::Value;
use stratagem_channels::{Ambiguity, Channel, Integration, Prepared, Traits};
use stratagem_domain::{
    channel::ChannelKind,
    clearance::{self, Verdict},
    clock::from_ms,
    communication::{Delivery, Status},
    sending_hours::SendingHours,
    session::{CALL_TIMEOUT_MS, TIMEOUT_MS},
};
use stratagem_store::{
    Scope,
    commit::{Committed, CommunicationWrite, Ending, Writes},
    entities::{agent, session, step},
    rates, sessions,
};

pub(crate) use self::ahead::{Ahead, look_ahead};
use self::{
    ahead::Account,
    due::{Due, Found, load},
    outcome::{
        defer, done, end_of_sequence, fail, look_again, next_choice, nothing_sent, put_back, settle, skip, wait,
    },
    reach::Reach,
    unconfirmed::{LOST, again_unconfirmed, close_one_way},
};
use super::commit;
use crate::{EngineError, documents, scheduler::Shared, sending::Place, talking};

/// Sends the communication that is the step's subject. `ahead` is what it is made of, where that was read already.
pub(super) async fn run(shared: &Shared, step: &step::Model, ahead: Option<Ahead>) -> Result<(), EngineError> {
    let Some(due) = load(shared, step, ahead).await? else {
        return done(shared, step, nothing_sent()).await;
    };
    if due.found == Found::Over {
        return close_one_way(shared, step, &due).await;
    }
    if due.found == Found::Planned && due.communication.start_at_ms > shared.engine.clock().now_ms() {
        // Moved to a later time, for which there is another step.
        return done(shared, step, nothing_sent()).await;
    }
    let kind = ChannelKind::parse(&due.choice.channel);
    let Some(channel) = kind.and_then(|kind| shared.engine.channels().get(kind)).cloned() else {
        let reason = format!("channel `{}` is not available in this version", due.choice.channel);
        return fail(shared, step, &due, Status::Failed, reason).await;
    };
    if !channel.traits().sends {
        return end_of_sequence(shared, step, &due).await;
    }
    if due.found != Found::Planned && channel.traits().ambiguity_in(&due.choice.settings) == Ambiguity::AtMostOnce {
        let reason = if due.found == Found::Lost { LOST } else { "the stage has nothing sent again any more" };
        return fail(shared, step, &due, Status::Unknown, reason.to_owned()).await;
    }
    if due.found != Found::Lost && objected(shared, step, &due).await? {
        return Ok(());
    }
    attempt(shared, step, due, &*channel).await
}

/// Asks the clearance rules. True where one objects; the step has ended with it.
async fn objected(shared: &Shared, step: &step::Model, due: &Due) -> Result<bool, EngineError> {
    let verdict = clearance::clear(&clearance::Send {
        now: shared.engine.clock().now(),
        zone: zone(due),
        sending_hours: sending_hours(due)?.as_ref(),
        stage_name: &due.stage.name,
        max_communications: u32::try_from(due.stage.max_communications).unwrap_or(0),
        earlier_communications: due.earlier,
    });
    match verdict {
        Verdict::Allow => return Ok(false),
        Verdict::Defer { until, reason } => defer(shared, step, due, until, reason).await?,
        Verdict::Deny { reason } => skip(shared, step, due, reason).await?,
    }
    Ok(true)
}

/// Asks the limit of what one contact gets through one integration. True where it has to wait; the step has ended with it.
async fn too_soon(
    shared: &Shared,
    step: &step::Model,
    due: &Due,
    account: Option<&Account>,
) -> Result<bool, EngineError> {
    let (store, rate) = (shared.engine.store(), account.and_then(|account| account.pair_rate));
    let (Some(rate), Some(integration_id)) = (rate, due.choice.integration_id) else { return Ok(false) };
    let real_now_ms = shared.engine.real_ms();
    let key = rates::pair_key(integration_id, due.contact.id);
    let Some(until_ms) = store.take_token(&key, rate, real_now_ms).await? else { return Ok(false) };
    let wait = chrono::Duration::milliseconds(until_ms.saturating_sub(real_now_ms));
    if shared.engine.clock().as_jumping().is_some() {
        // Rates go by real time, over which that clock would jump, again and again until it has passed.
        tokio::time::sleep(wait.to_std().unwrap_or_default()).await;
    }
    let until = shared.engine.clock().now() + wait;
    defer(shared, step, due, until, format!("the rate limit of one contact: {rate}")).await?;
    Ok(true)
}

fn zone(due: &Due) -> Tz {
    documents::zone(due.contact.time_zone.as_deref(), &due.campaign)
}

fn sending_hours(due: &Due) -> Result<Option<SendingHours>, EngineError> {
    let Some(stored) = &due.campaign.sending_hours else { return Ok(None) };
    let read = SendingHours::read(&documents::object(stored));
    read.map(Some).map_err(|_| EngineError::Internal(format!("sending hours that cannot be read: {}", stored.0)))
}

/// Prepares, commits that it is under way, sends, and commits what came of it.
async fn attempt(shared: &Shared, step: &step::Model, mut due: Due, channel: &dyn Channel) -> Result<(), EngineError> {
    let account = match due.choice.integration_id {
        Some(id) => due.setting.account(&shared.engine, id).await?,
        None => None,
    };
    let integration = account.as_ref().map(|account| &account.integration);
    if channel.traits().needs_agent && due.agent.is_none() {
        return wait(shared, step, &due, "the stage has no agent".to_owned()).await;
    }
    let prepared = match reach::prepare(shared, &due, channel, integration).await? {
        Reach::Ready(prepared) => prepared,
        Reach::Not(reason) => {
            return match due.others.first().cloned().filter(|_| due.found == Found::Planned) {
                Some(next) => next_choice(shared, step, &due, next, reason).await,
                None => fail(shared, step, &due, Status::Skipped, reason).await,
            };
        }
        Reach::Never(reason) => return fail(shared, step, &due, Status::Failed, reason).await,
        Reach::Later(reason) => return wait(shared, step, &due, reason).await,
    };
    if due.found == Found::Lost {
        let opened = session_of(shared, &due, channel.traits(), &prepared).await?;
        return again_unconfirmed(shared, step, &due, channel.traits(), opened, &prepared, LOST.to_owned()).await;
    }
    let mut place = shared.engine.0.sending.place(due.choice.integration_id).await?;
    let campaign = due.setting.running_campaign(&shared.engine).await?;
    let (false, Some(campaign)) = (shared.draining.load(Ordering::SeqCst), campaign) else {
        return put_back(shared, step, "the server or the campaign was stopped before the message left").await;
    };
    due.campaign = campaign;
    // A place may have been waited for until after closing time.
    if objected(shared, step, &due).await? || too_soon(shared, step, &due, account.as_deref()).await? {
        return Ok(());
    }
    let outcome = hand_over(shared, step, &due, channel, integration, &prepared, &mut place).await?;
    drop(place);
    match outcome {
        Some((outcome, opened)) => {
            due.communication.session_id = opened.stored.then_some(opened.session.id);
            settle(shared, step, &due, channel.traits(), outcome, opened, &prepared).await
        }
        // Taken back or changed in this moment: the next look decides.
        None => look_again(shared, step).await,
    }
}

/// Commits that it is under way, and sends. None where the communication is not as it was.
async fn hand_over(
    shared: &Shared,
    step: &step::Model,
    due: &Due,
    channel: &dyn Channel,
    integration: Option<&Integration>,
    prepared: &Prepared,
    place: &mut Place,
) -> Result<Option<(stratagem_channels::SendOutcome, OpenedSession)>, EngineError> {
    // A provider may ask about a call before it says that it has taken it: so its session is there first.
    let early = channel.traits().voice;
    let OpenedSession { session, stored } = session_of(shared, due, channel.traits(), prepared).await?;
    let write = CommunicationWrite {
        id: due.communication.id,
        expected: due.as_found(),
        delivery: (due.found == Found::Planned).then_some(Delivery::Sending),
        session_id: early.then_some(session.id),
        waiting_for: Some(None),
        ..Default::default()
    };
    let opened = (early && !stored).then(|| session.clone());
    let messages = opened.iter().flat_map(|session| outcome::opening(shared, session, prepared)).collect();
    let begun = Writes { communications: vec![write], opened, messages, ..Writes::default() };
    if commit(shared, step, Ending::Continues, begun).await? != Committed::Applied {
        return Ok(None);
    }
    fail_point!("sending");
    place.leaves();
    let began = Instant::now();
    let outcome = channel.send(prepared, integration).await;
    fail_point!("sent");
    shared.engine.metrics().sent(channel.kind(), &outcome, began.elapsed());
    Ok(Some((outcome, OpenedSession { session, stored: stored || early })))
}

/// A session, and whether it is stored already.
struct OpenedSession {
    session: session::Model,
    stored: bool,
}

/// The communication's session, or the one that it would have.
async fn session_of(
    shared: &Shared,
    due: &Due,
    traits: Traits,
    prepared: &Prepared,
) -> Result<OpenedSession, EngineError> {
    let stored = match due.communication.session_id {
        Some(id) => shared.engine.store().session(Scope(due.communication.tenant_id), id).await?,
        None => None,
    };
    let is_stored = stored.is_some();
    let session = stored.unwrap_or_else(|| new_session(shared, due, Some(traits), &prepared.address));
    Ok(OpenedSession { session, stored: is_stored })
}

/// The planned moment, or when the sending hours open after it; not the attempt's: an attempt that is repeated is identical.
fn moment(due: &Due) -> Result<DateTime<Utc>, EngineError> {
    let planned = from_ms(due.communication.start_at_ms);
    Ok(sending_hours(due)?.map_or(planned, |hours| hours.next_open(planned, zone(due))))
}

fn new_session(shared: &Shared, due: &Due, traits: Option<Traits>, known_as: &str) -> session::Model {
    let now = shared.engine.clock().now();
    let settings = &due.choice.settings;
    let (one_way, voice) = traits.map_or((true, false), |traits| (traits.one_way, traits.voice));
    let of_stage = due.stage.response_timeout_s.map(|seconds| seconds.saturating_mul(1_000));
    let timeout_ms = of_stage.unwrap_or(if voice { CALL_TIMEOUT_MS } else { TIMEOUT_MS });
    let of_settings = settings.get("start_state").and_then(Value::as_str).map(str::to_owned);
    let human = due.choice.channel == ChannelKind::Human.as_str();
    session::Model {
        id: shared.engine.random().id(now),
        tenant_id: due.communication.tenant_id,
        campaign_id: due.communication.campaign_id,
        contact_id: due.communication.contact_id,
        communication_id: due.communication.id,
        channel: due.choice.channel.clone(),
        agent_id: due.choice.agent_id.filter(|_| !human),
        status: sessions::ACTIVE.to_owned(),
        state: due.communication.start_state.clone().or(of_settings).or_else(|| first_state(due.agent.as_ref()?)),
        outcome: None,
        results: Value::Object(serde_json::Map::new()).into(),
        opened_at_ms: now.timestamp_millis(),
        closed_at_ms: None,
        integration_id: due.choice.integration_id,
        known_as: (!known_as.is_empty()).then(|| known_as.to_owned()),
        timeout_ms: (!one_way).then_some(timeout_ms),
        heard_at_ms: None,
        desk: human.then(|| sessions::QUEUED.to_owned()),
        desk_reason: None,
        desk_by: None,
        desk_until_ms: None,
        usage: None,
    }
}

fn first_state(agent: &agent::Model) -> Option<String> {
    talking::spec(agent).ok()?.states.into_iter().next().map(|state| state.name)
}
