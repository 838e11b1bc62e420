//! The account behind models.

use async_trait::async_trait;
use serde_json::{Map, Value, json};
use stratagem_channels::{AddressPolicy, Integration, Provider};
use stratagem_domain::channel::{FieldError, IntegrationKind};

use super::{
    endpoint::Endpoint,
    settings::{self, Settings},
    speaker::Speaker,
};

/// Integrations of kind `llm`: any server that speaks OpenAI's chat completions, with settings `{base_url, model, temperature?,
/// timeout_s?, prompt_price_per_million?, completion_price_per_million?}` and the secret `{api_key?}`.
pub struct LlmProvider {
    endpoint: Endpoint,
}

impl LlmProvider {
    /// Dials what `policy` allows.
    pub fn new(policy: AddressPolicy) -> Self {
        Self { endpoint: Endpoint::new(policy) }
    }
}

#[async_trait]
impl Provider for LlmProvider {
    fn kind(&self) -> IntegrationKind {
        IntegrationKind::Llm
    }

    fn check(&self, settings: &Map<String, Value>, secrets: &[&str]) -> Result<(), Vec<FieldError>> {
        settings::check(settings, secrets)
    }

    /// Asks the model for one word. A list of models would be cheaper, but some servers give that to anybody, whatever the key.
    async fn probe(&self, integration: &Integration) -> Result<(), String> {
        let settings = Settings::of(integration)?;
        let request = json!({
            "model": settings.model,
            "messages": [{ "role": "user", "content": "Answer with the word OK and nothing else." }],
        });
        self.endpoint
            .complete(&settings, request, &mut Speaker::silent())
            .await
            .map(drop)
            .map_err(|error| error.to_string())
    }
}
