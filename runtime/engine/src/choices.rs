//! What a stage comes to for one contact: its own settings or one of its alternatives, with the agent and the integration.

use std::collections::HashMap;

use serde_json::{Map, Value};
use stratagem_domain::{
    alternative::{self, Alternative},
    channel::{ChannelKind, IntegrationKind},
    step::Sender,
};
use stratagem_store::{
    Scope,
    entities::{agent, stage},
};
use uuid::Uuid;

use crate::{Engine, EngineError, documents::object};

/// One way in which a stage may reach a contact.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    /// The alternative's label; none for the stage's own settings.
    pub(crate) label: Option<String>,
    /// Channel by name.
    pub(crate) channel: String,
    pub(crate) agent_id: Option<Uuid>,
    /// Its own integration, else its agent's of the channel's kind.
    pub(crate) integration_id: Option<Uuid>,
    pub(crate) settings: Map<String, Value>,
}

impl Choice {
    /// The lane of its sends.
    pub(crate) fn sender(&self) -> String {
        let Self { channel, integration_id, agent_id, .. } = self;
        Sender { channel, integration_id: *integration_id, agent_id: *agent_id }.to_string()
    }
}

/// A stage's alternatives, as they are stored.
pub(crate) fn alternatives(stage: &stage::Model) -> Result<Vec<Alternative>, EngineError> {
    serde_json::from_value(stage.alternatives.0.clone())
        .map_err(|error| EngineError::Internal(format!("alternatives of stage {}: {error}", stage.id)))
}

/// Every choice of a stage, the stage's own settings first.
pub(crate) fn all(stage: &stage::Model, agents: &HashMap<Uuid, agent::Model>) -> Result<Vec<Choice>, EngineError> {
    let own = Choice {
        label: None,
        channel: stage.channel.clone(),
        agent_id: stage.agent_id,
        integration_id: stage.integration_id,
        settings: object(&stage.settings),
    };
    let others = alternatives(stage)?.into_iter().map(|other| Choice {
        label: Some(other.label),
        channel: other.channel,
        agent_id: other.agent_id,
        integration_id: other.integration_id,
        settings: other.settings,
    });
    let with_integration = |mut choice: Choice| {
        let agent = choice.agent_id.and_then(|id| agents.get(&id));
        choice.integration_id = choice.integration_id.or_else(|| integration_of(agent?, &choice.channel));
        choice
    };
    Ok(std::iter::once(own).chain(others).map(with_integration).collect())
}

/// A stage's choices in the order in which they are tried for the contact.
pub(crate) fn ordered(
    stage: &stage::Model,
    agents: &HashMap<Uuid, agent::Model>,
    contact_id: Uuid,
) -> Result<Vec<Choice>, EngineError> {
    let weights: Vec<f64> = alternatives(stage)?.iter().map(|alternative| alternative.weight).collect();
    let choices = all(stage, agents)?;
    let order = alternative::order(contact_id, stage.id, &weights);
    Ok(order.into_iter().filter_map(|place| choices.get(place).cloned()).collect())
}

/// The agent's integration that a channel sends through.
fn integration_of(agent: &agent::Model, channel: &str) -> Option<Uuid> {
    let kind = match ChannelKind::parse(channel)? {
        ChannelKind::EmailNotification | ChannelKind::EmailCommunication => IntegrationKind::Smtp,
        ChannelKind::WhatsappMeta => IntegrationKind::WhatsappMeta,
        ChannelKind::WhatsappBird => IntegrationKind::WhatsappBird,
        ChannelKind::Telegram => IntegrationKind::Telegram,
        ChannelKind::Twilio => IntegrationKind::Twilio,
        ChannelKind::Sip => IntegrationKind::Sip,
        ChannelKind::Human | ChannelKind::None => return None,
    };
    agent.integrations.get(kind.as_str())?.as_str()?.parse().ok()
}

impl Engine {
    /// The agents that these stages name.
    pub(crate) async fn agents_of(
        &self,
        scope: Scope,
        stages: &[stage::Model],
    ) -> Result<HashMap<Uuid, agent::Model>, EngineError> {
        let mut ids = Vec::new();
        for stage in stages {
            ids.extend(stage.agent_id);
            ids.extend(alternatives(stage)?.into_iter().filter_map(|alternative| alternative.agent_id));
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(self.store().agents_by_id(scope, &ids).await?)
    }
}
