//! What a campaign still lacks before it may run.

use stratagem_channels::Channel;
use stratagem_domain::{
    channel::{ChannelKind, FieldError, IntegrationKind},
    strategy::StrategyType,
};
use stratagem_store::{
    Scope,
    entities::{campaign, stage},
};

use crate::{Engine, EngineError, documents::object};

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
        for stage in &stages {
            missing.extend(self.missing_for_stage(scope, stage).await?);
        }
        for kind in [StrategyType::DataLoad, StrategyType::Aggregation] {
            if self.store().active_strategy(scope, campaign.id, kind).await?.is_none() {
                missing.push(FieldError::new("strategies", format!("the campaign has no {kind} strategy")));
            }
        }
        Ok(missing)
    }

    async fn missing_for_stage(&self, scope: Scope, stage: &stage::Model) -> Result<Vec<FieldError>, EngineError> {
        let at = |field: &str| format!("stages.{}.{field}", stage.name);
        let channel = ChannelKind::parse(&stage.channel).and_then(|kind| self.channels().get(kind));
        let Some(channel) = channel else {
            let message = format!("channel `{}` is not available in this version", stage.channel);
            return Ok(vec![FieldError::new(at("channel"), message)]);
        };
        let mut missing: Vec<FieldError> = channel
            .check_settings(&object(&stage.settings))
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|error| FieldError::new(at(&error.field), error.message))
            .collect();
        if let Some(kind) = channel.traits().integration {
            missing.extend(self.missing_integration(scope, stage, &**channel, kind).await?);
        }
        Ok(missing)
    }

    async fn missing_integration(
        &self,
        scope: Scope,
        stage: &stage::Model,
        channel: &dyn Channel,
        kind: IntegrationKind,
    ) -> Result<Option<FieldError>, EngineError> {
        let found = match stage.integration_id {
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
        Ok(Some(FieldError::new(format!("stages.{}.integration_id", stage.name), message)))
    }
}
