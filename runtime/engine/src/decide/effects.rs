//! What a decision writes beside the contact: communications, and the steps that will send them.

use serde_json::{Value, json};
use stratagem_domain::{
    communication::{Delivery, Status, StatusChange},
    step::{self, StepKind},
    strategy::{ContactChange, NewCommunication, PlannedChange},
};
use stratagem_store::{
    commit::{CommunicationWrite, Writes},
    entities::{communication, stage, step as row},
    steps::NewStep,
};
use uuid::Uuid;

use super::Ground;
use crate::Engine;

/// Adds the planned and changed communications, with the steps that send them.
pub(super) fn apply(engine: &Engine, step: &row::Model, ground: &Ground, change: ContactChange, writes: &mut Writes) {
    for (ordinal, new) in (0_i32..).zip(change.planned) {
        let row = planned(engine, step, ground, ordinal, new);
        writes.steps.push(deliver_step(&row, sender(ground, &row.stage_name)));
        writes.planned.push(row);
    }
    for change in change.changed {
        let Ok(id) = change.id.parse::<Uuid>() else { continue };
        let Some(before) = ground.communications.iter().find(|row| row.id == id) else { continue };
        moved(ground, before, change, writes);
    }
}

/// Gives the communication whose session has ended a final status, where the strategy left it open.
pub(super) fn settle(ground: &Ground, id: Uuid, writes: &mut Writes) {
    let Some(before) = ground.communications.iter().find(|row| row.id == id) else { return };
    let set = writes.communications.iter().find(|write| write.id == id).and_then(|write| write.status);
    let status = set.or_else(|| Status::parse(&before.status));
    if status.is_some_and(Status::is_final) {
        return;
    }
    let settled = Delivery::parse(&before.delivery).map_or(Status::Completed, Delivery::settled);
    match writes.communications.iter_mut().find(|write| write.id == id) {
        Some(write) => write.status = Some(settled),
        None => writes.communications.push(CommunicationWrite { id, status: Some(settled), ..Default::default() }),
    }
}

fn planned(
    engine: &Engine,
    step: &row::Model,
    ground: &Ground,
    ordinal: i32,
    new: NewCommunication,
) -> communication::Model {
    let now = engine.clock().now();
    let now_ms = now.timestamp_millis();
    let begun = StatusChange { at_ms: now_ms, status: Some(Status::Planned), delivery: None, reason: None };
    communication::Model {
        id: engine.random().id(now),
        tenant_id: step.tenant_id,
        campaign_id: step.campaign_id,
        contact_id: ground.contact.id,
        planned_by_step: step.id,
        ordinal,
        name: new.name,
        channel: stage_of(ground, &new.stage_name).map(|stage| stage.channel.clone()).unwrap_or_default(),
        stage_name: new.stage_name,
        alternative: None,
        start_at_ms: new.start_date.timestamp_millis(),
        start_state: new.start_state,
        params: Value::Object(new.params).into(),
        status: Status::Planned.as_str().to_owned(),
        delivery: Delivery::None.as_str().to_owned(),
        status_history: json!([begun]).into(),
        waiting_for: None,
        session_id: None,
        provider_id: None,
        error: None,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    }
}

fn moved(ground: &Ground, before: &communication::Model, change: PlannedChange, writes: &mut Writes) {
    let was_planned = before.status == Status::Planned.as_str();
    let start_at_ms = change.start_date.map(|start| start.timestamp_millis());
    let rescheduled = start_at_ms.is_some() || change.stage_name.is_some();
    let stays_planned = change.status.is_none_or(|status| status == Status::Planned);
    if was_planned && rescheduled && stays_planned {
        let mut after = before.clone();
        after.start_at_ms = start_at_ms.unwrap_or(before.start_at_ms);
        let stage = change.stage_name.as_deref().unwrap_or(&before.stage_name);
        writes.steps.push(deliver_step(&after, sender(ground, stage)));
    }
    let channel = |name: &String| stage_of(ground, name).map(|stage| stage.channel.clone()).unwrap_or_default();
    let unschedule = was_planned && (rescheduled || !stays_planned);
    writes.communications.push(CommunicationWrite {
        id: before.id,
        expected: was_planned.then_some((Status::Planned, Delivery::None)),
        status: change.status,
        stage: change.stage_name.as_ref().map(|name| (name.clone(), channel(name))),
        start_at_ms,
        params: change.params.map(Value::Object),
        waiting_for: unschedule.then_some(None),
        unschedule,
        ..Default::default()
    });
}

fn deliver_step(of: &communication::Model, sender: String) -> NewStep {
    NewStep {
        campaign_id: of.campaign_id,
        contact_id: Some(of.contact_id),
        subject_id: Some(of.id),
        kind: StepKind::Deliver,
        sender,
        payload: Value::Null,
        due_at_ms: of.start_at_ms,
        trace_id: None,
    }
}

fn stage_of<'a>(ground: &'a Ground, name: &str) -> Option<&'a stage::Model> {
    ground.stages.iter().find(|stage| stage.name == name)
}

/// What a stage sends through: steps that share it share a lane.
fn sender(ground: &Ground, stage_name: &str) -> String {
    stage_of(ground, stage_name).map(|stage| step::sender(&stage.channel, stage.integration_id)).unwrap_or_default()
}
