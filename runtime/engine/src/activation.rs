//! What a campaign still lacks before it may run.

use std::collections::HashMap;

use stratagem_channels::Channel;
use stratagem_domain::{
    channel::{ChannelKind, FieldError, IntegrationKind},
    strategy::StrategyType,
};
use stratagem_store::{
    Scope,
    entities::{agent, campaign, stage},
};
use uuid::Uuid;

use crate::{
    Engine, EngineError,
    choices::{self, Choice},
    links,
};

impl Engine {
    /// Everything that keeps the campaign from running; empty where nothing does.
    pub async fn missing_for_activation(
        &self,
        scope: Scope,
        campaign: &campaign::Model,
    ) -> Result<Vec<FieldError>, EngineError> {
        let mut missing = Vec::new();
        let stages = self.store().stages(scope, campaign.id).await?;
        if stages.is_empty() {
            missing.push(FieldError::new("stages", "the campaign has no stage"));
        }
        let agents = self.agents_of(scope, &stages).await?;
        for stage in &stages {
            for choice in choices::all(stage, &agents)? {
                missing.extend(self.missing_for_choice(scope, stage, &choice, &agents).await?);
                if links::asks_for_bot(&choice.settings) && self.bot_of(scope, campaign.id).await?.is_none() {
                    let place =
                        choice.label.as_ref().map_or_else(String::new, |label| format!("alternatives.{label}."));
                    let message = "`telegram_url` leads to the bot of the campaign's Telegram stage, or to the tenant's only one, \
                                   and there is neither";
                    missing.push(FieldError::new(format!("stages.{}.{place}settings", stage.name), message));
                }
            }
        }
        for kind in [StrategyType::DataLoad, StrategyType::Aggregation] {
            if self.store().active_strategy(scope, campaign.id, kind).await?.is_none() {
                missing.push(FieldError::new("strategies", format!("the campaign has no {kind} strategy")));
            }
        }
        Ok(missing)
    }

    async fn missing_for_choice(
        &self,
        scope: Scope,
        stage: &stage::Model,
        choice: &Choice,
        agents: &HashMap<Uuid, agent::Model>,
    ) -> Result<Vec<FieldError>, EngineError> {
        let place = choice.label.as_ref().map_or_else(String::new, |label| format!("alternatives.{label}."));
        let at = |field: &str| format!("stages.{}.{place}{field}", stage.name);
        let channel = ChannelKind::parse(&choice.channel).and_then(|kind| self.channels().get(kind));
        let Some(channel) = channel else {
            let message = format!("channel `{}` is not available in this version", choice.channel);
            return Ok(vec![FieldError::new(at("channel"), message)]);
        };
        let mut missing: Vec<FieldError> = channel
            .check_settings(&choice.settings)
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|error| FieldError::new(at(&error.field), error.message))
            .collect();
        if let Some(reason) = channel.unavailable() {
            missing.push(FieldError::new(at("channel"), reason));
        }
        match choice.agent_id.map(|id| agents.contains_key(&id)) {
            Some(true) => {}
            Some(false) => missing.push(FieldError::new(at("agent_id"), "there is no such agent any more")),
            None if channel.traits().needs_agent => {
                let message = format!("channel `{}` needs an agent", channel.kind());
                missing.push(FieldError::new(at("agent_id"), message));
            }
            None => {}
        }
        if let Some(kind) = channel.traits().integration {
            let message = self.missing_integration(scope, choice, &**channel, kind).await?;
            missing.extend(message.map(|message| FieldError::new(at("integration_id"), message)));
        }
        Ok(missing)
    }

    async fn missing_integration(
        &self,
        scope: Scope,
        choice: &Choice,
        channel: &dyn Channel,
        kind: IntegrationKind,
    ) -> Result<Option<String>, EngineError> {
        let found = match choice.integration_id {
            Some(id) => self.store().integration(scope, id).await?,
            None => None,
        };
        let message = match found {
            Some(integration) if integration.kind == kind.as_str() => return Ok(None),
            Some(integration) => {
                format!("channel `{}` sends through kind `{kind}`, not `{}`", channel.kind(), integration.kind)
            }
            None => format!("channel `{}` needs an integration of kind `{kind}`", channel.kind()),
        };
        Ok(Some(message))
    }
}
