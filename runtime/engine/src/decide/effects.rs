//! What a decision writes beside the contact: communications, and the steps that will send them.

use serde_json::{Value, json};
use stratagem_domain::{
    communication::{Delivery, Status, StatusChange},
    step::StepKind,
    strategy::{ContactChange, NewCommunication, PlannedChange},
};
use stratagem_store::{
    commit::{CommunicationWrite, Writes},
    entities::{communication, stage, step as row},
    steps::NewStep,
};
use uuid::Uuid;

use super::Ground;
use crate::{
    Engine, EngineError,
    choices::{self, Choice},
};

/// Adds the planned and changed communications, with the steps that send them.
pub(super) fn apply(
    engine: &Engine,
    step: &row::Model,
    ground: &Ground,
    change: ContactChange,
    writes: &mut Writes,
) -> Result<(), EngineError> {
    for (ordinal, new) in (0_i32..).zip(change.planned) {
        let choice = choice(ground, &new.stage_name)?;
        let row = planned(engine, step, ground, ordinal, new, choice.as_ref());
        writes.steps.push(deliver_step(&row, choice.map(|choice| choice.sender()).unwrap_or_default()));
        writes.planned.push(row);
    }
    for change in change.changed {
        let Ok(id) = change.id.parse::<Uuid>() else { continue };
        let Some(before) = ground.communications.iter().find(|row| row.id == id) else { continue };
        moved(ground, before, change, writes)?;
    }
    Ok(())
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
        None => {
            let expected = as_found(before);
            writes.communications.push(CommunicationWrite {
                id,
                expected,
                status: Some(settled),
                ..Default::default()
            });
        }
    }
}

fn planned(
    engine: &Engine,
    step: &row::Model,
    ground: &Ground,
    ordinal: i32,
    new: NewCommunication,
    choice: Option<&Choice>,
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
        channel: choice.map(|choice| choice.channel.clone()).unwrap_or_default(),
        stage_name: new.stage_name,
        alternative: choice.and_then(|choice| choice.label.clone()),
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

fn moved(
    ground: &Ground,
    before: &communication::Model,
    change: PlannedChange,
    writes: &mut Writes,
) -> Result<(), EngineError> {
    let was_planned = before.status == Status::Planned.as_str();
    let start_at_ms = change.start_date.map(|start| start.timestamp_millis());
    let rescheduled = start_at_ms.is_some() || change.stage_name.is_some();
    let stays_planned = change.status.is_none_or(|status| status == Status::Planned);
    if was_planned && rescheduled && stays_planned {
        let mut after = before.clone();
        after.start_at_ms = start_at_ms.unwrap_or(before.start_at_ms);
        let stage = change.stage_name.as_deref().unwrap_or(&before.stage_name);
        let sender = choice(ground, stage)?.map(|choice| choice.sender()).unwrap_or_default();
        writes.steps.push(deliver_step(&after, sender));
    }
    let moves = match &change.stage_name {
        Some(name) => choice(ground, name)?.map(|choice| (name.clone(), choice)),
        None => None,
    };
    let unschedule = was_planned && (rescheduled || !stays_planned);
    writes.communications.push(CommunicationWrite {
        id: before.id,
        expected: as_found(before),
        status: change.status,
        stage: moves.as_ref().map(|(name, choice)| (name.clone(), choice.channel.clone())),
        alternative: moves.map(|(_, choice)| (choice.label, choice.channel)),
        start_at_ms,
        params: change.params.map(Value::Object),
        waiting_for: unschedule.then_some(None),
        unschedule,
        ..Default::default()
    });
    Ok(())
}

/// What a communication must still be when the decision about it is stored: its provider may report meanwhile, which does not change
/// the contact.
fn as_found(before: &communication::Model) -> Option<(Status, Delivery)> {
    Some((Status::parse(&before.status)?, Delivery::parse(&before.delivery)?))
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
    ground.setting.stages.iter().find(|stage| stage.name == name)
}

/// How the contact gets it from the stage, as long as that reaches it.
fn choice(ground: &Ground, stage_name: &str) -> Result<Option<Choice>, EngineError> {
    let Some(stage) = stage_of(ground, stage_name) else { return Ok(None) };
    Ok(choices::ordered(stage, &ground.setting.agents, ground.contact.id)?.into_iter().next())
}
