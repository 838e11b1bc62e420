//! Sends one communication: plan, clear, send.
//!
//! `delivery = sending` is committed before the socket opens, so whoever finds it after a crash knows that the message may
//! have left, and marks it `unknown` instead of sending it again. What comes of it is in `outcome`.

mod outcome;

use std::{sync::atomic::Ordering, time::Instant};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use fail::fail_point;
use serde_json::Value;
use stratagem_channels::{Channel, Content, Draft, Integration, PrepareError, Prepared};
use stratagem_domain::{
    campaign::CampaignStatus,
    channel::ChannelKind,
    clearance::{self, Verdict},
    clock::from_ms,
    communication::{Delivery, Status},
    sending_hours::SendingHours,
};
use stratagem_store::{
    Scope,
    commit::{Committed, CommunicationWrite, Ending, Writes},
    entities::{campaign, communication, contact, session, stage, step},
    rates, sessions,
};

use self::outcome::{defer, done, end_of_sequence, fail, look_again, lost, nothing_sent, put_back, settle, skip, wait};
use super::commit;
use crate::{EngineError, documents, scheduler::Shared};

/// A send that is due, with everything that it needs.
struct Due {
    communication: communication::Model,
    contact: contact::Model,
    campaign: campaign::Model,
    stage: stage::Model,
    /// How many communications the contact has had from the stage.
    earlier: u32,
}

/// Sends the communication that is the step's subject.
pub(super) async fn run(shared: &Shared, step: &step::Model) -> Result<(), EngineError> {
    let Some(due) = load(shared, step).await? else {
        return done(shared, step, nothing_sent()).await;
    };
    match Delivery::parse(&due.communication.delivery) {
        Some(Delivery::None) if due.communication.status == Status::Planned.as_str() => {}
        Some(Delivery::Sending) => return lost(shared, step, &due).await,
        // Canceled, skipped or sent meanwhile.
        _ => return done(shared, step, nothing_sent()).await,
    }
    if due.communication.start_at_ms > shared.engine.clock().now_ms() {
        // Moved to a later time, for which there is another step.
        return done(shared, step, nothing_sent()).await;
    }
    let kind = ChannelKind::parse(&due.stage.channel);
    let Some(channel) = kind.and_then(|kind| shared.engine.channels().get(kind)).cloned() else {
        let reason = format!("channel `{}` is not available in this version", due.stage.channel);
        return fail(shared, step, &due, Status::Failed, reason).await;
    };
    if !channel.traits().sends {
        return end_of_sequence(shared, step, &due).await;
    }
    if objected(shared, step, &due).await? {
        return Ok(());
    }
    attempt(shared, step, due, &*channel).await
}

async fn load(shared: &Shared, step: &step::Model) -> Result<Option<Due>, EngineError> {
    let (store, scope) = (shared.engine.store(), Scope(step.tenant_id));
    let Some(id) = step.subject_id else { return Ok(None) };
    let Some(communication) = store.communication(scope, id).await? else { return Ok(None) };
    let Some(contact) = store.contact(scope, communication.contact_id).await? else { return Ok(None) };
    let Some(campaign) = store.campaign(scope, communication.campaign_id).await? else { return Ok(None) };
    let stages = store.stages(scope, campaign.id).await?;
    let stage = stages.into_iter().find(|stage| stage.name == communication.stage_name);
    let Some(stage) = stage else {
        let reason = format!("stage `{}` was removed", communication.stage_name);
        let write = CommunicationWrite {
            id,
            expected: Some((Status::Planned, Delivery::None)),
            status: Some(Status::Skipped),
            reason: Some(reason),
            ..Default::default()
        };
        let writes = Writes { communications: vec![write], ..Writes::default() };
        commit(shared, step, Ending::Continues, writes).await?;
        return Ok(None);
    };
    let earlier = store.earlier_communications(scope, &communication).await?;
    let earlier = u32::try_from(earlier).unwrap_or(u32::MAX);
    Ok(Some(Due { communication, contact, campaign, stage, earlier }))
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
async fn too_soon(shared: &Shared, step: &step::Model, due: &Due) -> Result<bool, EngineError> {
    let (store, scope) = (shared.engine.store(), Scope(step.tenant_id));
    let Some(integration_id) = due.stage.integration_id else { return Ok(false) };
    let Some(rate) = store.pair_rate(scope, integration_id).await? else { return Ok(false) };
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
    let integration = match due.stage.integration_id {
        Some(id) => shared.engine.open_integration(Scope(step.tenant_id), id).await?,
        None => None,
    };
    let prepared = match prepare(&due, moment(&due)?, channel, integration.as_ref()) {
        Ok(prepared) => prepared,
        Err(PrepareError::Unreachable { reason }) => return fail(shared, step, &due, Status::Skipped, reason).await,
        Err(PrepareError::Template { reason }) => return fail(shared, step, &due, Status::Failed, reason).await,
        Err(PrepareError::Misconfigured { reason }) => return wait(shared, step, &due, Delivery::None, reason).await,
    };
    let place = shared.engine.0.sending.place(due.stage.integration_id).await?;
    let campaign = running_campaign(shared, step).await?;
    let (false, Some(campaign)) = (shared.draining.load(Ordering::SeqCst), campaign) else {
        return put_back(shared, step, "the server or the campaign was stopped before the message left").await;
    };
    due.campaign = campaign;
    // A place may have been waited for until after closing time.
    if objected(shared, step, &due).await? || too_soon(shared, step, &due).await? {
        return Ok(());
    }
    let session = new_session(shared, &due);
    let session_id = session.id;
    let write = CommunicationWrite {
        id: due.communication.id,
        expected: Some((Status::Planned, Delivery::None)),
        delivery: Some(Delivery::Sending),
        waiting_for: Some(None),
        ..Default::default()
    };
    let begun = Writes { communications: vec![write], ..Writes::default() };
    if commit(shared, step, Ending::Continues, begun).await? != Committed::Applied {
        // Taken back or changed in this moment: the next look decides.
        return look_again(shared, step).await;
    }
    fail_point!("sending");
    let began = Instant::now();
    let outcome = channel.send(&prepared, integration.as_ref()).await;
    fail_point!("sent");
    drop(place);
    shared.engine.metrics().sent(channel.kind(), &outcome, began.elapsed());
    settle(shared, step, &due, channel.traits(), outcome, session, session_id).await
}

/// The campaign as it is now, if it goes on: it may have been paused while the send waited for its place.
async fn running_campaign(shared: &Shared, step: &step::Model) -> Result<Option<campaign::Model>, EngineError> {
    let campaign = shared.engine.store().campaign(Scope(step.tenant_id), step.campaign_id).await?;
    let runs = |row: &campaign::Model| CampaignStatus::parse(&row.status).is_some_and(CampaignStatus::runs);
    Ok(campaign.filter(runs))
}

fn prepare(
    due: &Due,
    now: DateTime<Utc>,
    channel: &dyn Channel,
    integration: Option<&Integration>,
) -> Result<Prepared, PrepareError> {
    let scope = documents::template_scope(&due.campaign, &due.stage, &due.contact, &due.communication);
    channel.prepare(&Draft {
        content: Content::Opening,
        known_as: None,
        heard_at: None,
        hook_url: "",
        settings: &documents::object(&due.stage.settings),
        scope: &scope,
        integration,
        reference: &due.communication.id.to_string(),
        now,
    })
}

/// The planned moment, or when the sending hours open after it; not the attempt's: an attempt that is repeated is identical.
fn moment(due: &Due) -> Result<DateTime<Utc>, EngineError> {
    let planned = from_ms(due.communication.start_at_ms);
    Ok(sending_hours(due)?.map_or(planned, |hours| hours.next_open(planned, zone(due))))
}

fn new_session(shared: &Shared, due: &Due) -> session::Model {
    let now = shared.engine.clock().now();
    session::Model {
        id: shared.engine.random().id(now),
        tenant_id: due.communication.tenant_id,
        campaign_id: due.communication.campaign_id,
        contact_id: due.communication.contact_id,
        communication_id: due.communication.id,
        channel: due.stage.channel.clone(),
        agent_id: due.stage.agent_id,
        status: sessions::ACTIVE.to_owned(),
        state: due.communication.start_state.clone(),
        outcome: None,
        results: Value::Object(serde_json::Map::new()).into(),
        opened_at_ms: now.timestamp_millis(),
        closed_at_ms: None,
    }
}
