//! Agents: rows as the agent sees them, and one turn.

use serde_json::{Map, Value, json};
use stratagem_agent::Aloud;
use stratagem_domain::{
    agent::{Act, AgentError, AgentKind, AgentSpec, Role, Turn, Usage, Utterance},
    channel::ChannelKind,
    communication::Delivery,
};
use stratagem_store::{
    Scope,
    entities::{agent, campaign, contact, message, session, stage},
};

use crate::{
    Engine, EngineError,
    documents::{self, plain},
};

/// An agent as it was configured.
pub fn spec(row: &agent::Model) -> Result<AgentSpec, EngineError> {
    let wrong = |what: &str| EngineError::Internal(format!("agent {} has an unreadable {what}", row.id));
    Ok(AgentSpec {
        name: row.name.clone(),
        kind: AgentKind::parse(&row.kind).ok_or_else(|| wrong("kind"))?,
        instructions: row.instructions.clone(),
        rules: row.rules.clone(),
        states: serde_json::from_value(row.states.0.clone()).map_err(|_| wrong("list of states"))?,
        result_schema: row.result_schema.as_ref().map(|schema| schema.0.clone()),
    })
}

/// Everything that a turn is about.
pub(crate) struct About<'a> {
    pub(crate) session: &'a session::Model,
    pub(crate) contact: &'a contact::Model,
    pub(crate) campaign: &'a campaign::Model,
    pub(crate) stage: Option<&'a stage::Model>,
    pub(crate) messages: &'a [message::Model],
}

/// The conversation as the agent is given it: this contact's, and nobody else's.
pub(crate) fn turn(about: &About<'_>) -> Turn {
    let utterance =
        |row: &message::Model| Some(Utterance { role: Role::parse(&row.role)?, content: row.content.clone() });
    let said = about.messages.iter().filter(|row| !row.automatic && !row.content.is_empty());
    let zone = documents::zone(about.contact.time_zone.as_deref(), about.campaign);
    let context = json!({
        "name": about.contact.name,
        "params": plain(&about.contact.params),
        "results": plain(&about.contact.results),
        "campaign": about.campaign.name,
        "stage": about.stage.map(|stage| stage.name.as_str()),
        "time_zone": zone.name(),
    });
    let spoken = ChannelKind::parse(&about.session.channel).is_some_and(|kind| ChannelKind::CALLS.contains(&kind));
    Turn {
        messages: said.filter_map(utterance).collect(),
        state: about.session.state.clone(),
        context: documents::object(&context),
        spoken,
    }
}

impl Engine {
    /// Has the agent act, aloud where somebody can hear it meanwhile.
    pub(crate) async fn act(
        &self,
        scope: Scope,
        row: &agent::Model,
        turn: &Turn,
        aloud: Option<&Aloud>,
    ) -> Result<Result<Act, AgentError>, EngineError> {
        let integration = match row.llm_integration_id {
            Some(id) => self.open_integration(scope, id).await?,
            None => None,
        };
        Ok(self.agents().act(&spec(row)?, integration.as_ref(), turn, aloud).await)
    }
}

/// Whether it is a message of ours whose turn goes on, or was lost: of one in a call the beginning is said before the rest is known.
pub(crate) fn is_begun(message: &message::Model) -> bool {
    message.step_id.is_some() && message.delivery.as_deref() == Some(Delivery::Sending.as_str())
}

/// What all turns took so far, this one included.
pub(crate) fn usage(session: &session::Model, of_turn: Usage) -> Value {
    let before: Usage =
        session.usage.clone().and_then(|usage| serde_json::from_value(usage.0).ok()).unwrap_or_default();
    let sum = Usage {
        requests: before.requests.saturating_add(of_turn.requests),
        prompt_tokens: before.prompt_tokens.saturating_add(of_turn.prompt_tokens),
        completion_tokens: before.completion_tokens.saturating_add(of_turn.completion_tokens),
        cost_micros: before.cost_micros.saturating_add(of_turn.cost_micros),
    };
    serde_json::to_value(sum).unwrap_or_default()
}

/// What is to follow once a message of ours has been said; it is kept with the message, so that a crash loses none of it.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Follows {
    /// The session ends with these results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end: Option<Map<String, Value>>,
    /// It goes out although the contact is suppressed: it says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) confirms: bool,
    /// An agent said it, so the answer analysis looks at it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) analyzed: bool,
}

impl Follows {
    /// Reads what is kept with a message.
    pub(crate) fn of(message: &message::Model) -> Self {
        message.thread.clone().and_then(|kept| serde_json::from_value(kept.0).ok()).unwrap_or_default()
    }

    /// As it is kept.
    pub(crate) fn kept(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
