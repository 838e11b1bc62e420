//! A send that is due, and how it is found.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;
use stratagem_domain::{
    communication::{Delivery, Status},
    session::results_of_send,
};
use stratagem_store::{
    Scope,
    commit::{CommunicationWrite, Ending, Writes},
    entities::{agent, campaign, communication, contact, identity, stage, step},
};
use uuid::Uuid;

use super::ahead::{Ahead, Setting, look_ahead};
use crate::{
    EngineError,
    choices::{self, Choice},
    scheduler::Shared,
    steps::{close_session_step_at, commit},
};

/// A send that is due, with everything that it needs.
pub(super) struct Due {
    pub(super) setting: Arc<Setting>,
    pub(super) communication: communication::Model,
    pub(super) found: Found,
    pub(super) contact: contact::Model,
    pub(super) campaign: campaign::Model,
    pub(super) stage: stage::Model,
    /// How the stage is tried for the contact now.
    pub(super) choice: Choice,
    /// How it is tried where that cannot reach the contact.
    pub(super) others: Vec<Choice>,
    /// Who talks.
    pub(super) agent: Option<agent::Model>,
    /// How many communications the contact has had from the stage.
    pub(super) earlier: u32,
    /// How the contact is known at providers, by integration.
    pub(super) identities: HashMap<Uuid, identity::Model>,
}

/// How the step finds its communication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing was handed over yet.
    Planned,
    /// The process died while it was handed over.
    Lost,
    /// An earlier attempt may have reached the contact, and it is to be sent again.
    Unconfirmed,
    /// Sent, canceled or skipped: there is nothing to do.
    Over,
}

impl Found {
    fn of(row: &communication::Model) -> Self {
        match (Status::parse(&row.status), Delivery::parse(&row.delivery)) {
            (Some(Status::Planned), Some(Delivery::None)) => Self::Planned,
            (Some(Status::Planned), Some(Delivery::Sending)) => Self::Lost,
            (Some(Status::Started), Some(Delivery::Unknown)) => Self::Unconfirmed,
            _ => Self::Over,
        }
    }

    /// What the communication must still be for anything to be written before it is handed over.
    fn stands(self) -> Option<(Status, Delivery)> {
        match self {
            Self::Planned => Some((Status::Planned, Delivery::None)),
            Self::Lost | Self::Unconfirmed | Self::Over => self.under_way(),
        }
    }

    /// The same while it is handed over. What is sent again is `unknown` already.
    fn under_way(self) -> Option<(Status, Delivery)> {
        match self {
            Self::Planned | Self::Lost => Some((Status::Planned, Delivery::Sending)),
            Self::Unconfirmed => Some((Status::Started, Delivery::Unknown)),
            Self::Over => None,
        }
    }
}

impl Due {
    /// What the communication must still be for anything to be written before it is handed over.
    pub(super) fn as_found(&self) -> Option<(Status, Delivery)> {
        self.found.stands()
    }

    /// What it must still be for what came of it to be written.
    pub(super) fn under_way(&self) -> Option<(Status, Delivery)> {
        self.found.under_way()
    }
}

/// What the step is about; none where it is gone, and then the step has ended.
pub(super) async fn load(
    shared: &Shared,
    step: &step::Model,
    ahead: Option<Ahead>,
) -> Result<Option<Due>, EngineError> {
    let ahead = match ahead.filter(Ahead::is_fresh) {
        Some(ahead) => Some(ahead),
        None => look_ahead(&shared.engine, std::slice::from_ref(step)).await?.remove(&step.id),
    };
    let Some(Ahead { setting, communication, contact, earlier, identities }) = ahead else { return Ok(None) };
    let stage = setting.stages.iter().find(|stage| stage.name == communication.stage_name).cloned();
    let Some(stage) = stage else {
        without_stage(shared, step, &communication).await?;
        return Ok(None);
    };
    let mut choices = choices::ordered(&stage, &setting.agents, contact.id)?;
    // Those before the one that is noted have been tried; where it is not there any more, the stage was changed.
    let tried = choices.iter().position(|choice| choice.label == communication.alternative).unwrap_or(0);
    let mut choices = choices.split_off(tried).into_iter();
    let Some(choice) = choices.next() else { return Ok(None) };
    let agent = choice.agent_id.and_then(|id| setting.agents.get(&id)).cloned();
    let campaign = setting.campaign.clone();
    let (found, others) = (Found::of(&communication), choices.collect());
    Ok(Some(Due {
        setting,
        communication,
        found,
        contact,
        campaign,
        stage,
        choice,
        others,
        agent,
        earlier,
        identities,
    }))
}

/// The stage was removed: nothing is sent, and what may have left is `unknown`.
async fn without_stage(shared: &Shared, step: &step::Model, row: &communication::Model) -> Result<(), EngineError> {
    let found = Found::of(row);
    let (status, delivery) = match found {
        Found::Planned => (Status::Skipped, None),
        Found::Lost | Found::Unconfirmed => (Status::Unknown, Some(Delivery::Unknown)),
        Found::Over => return Ok(()),
    };
    let session = match row.session_id {
        Some(id) => shared.engine.store().session(Scope(row.tenant_id), id).await?,
        None => None,
    };
    let (results, now_ms) =
        (Value::Object(results_of_send(delivery.unwrap_or(Delivery::None))), shared.engine.clock().now_ms());
    let write = CommunicationWrite {
        id: row.id,
        expected: found.stands(),
        status: Some(status),
        delivery,
        reason: Some(format!("stage `{}` was removed", row.stage_name)),
        waiting_for: Some(None),
        ..Default::default()
    };
    let steps = session.iter().map(|session| close_session_step_at(session, results.clone(), now_ms)).collect();
    let writes = Writes { communications: vec![write], steps, ..Writes::default() };
    commit(shared, step, Ending::Continues, writes).await?;
    Ok(())
}
