//! Accounts as integrations: checked, and looked up to try them.

use async_trait::async_trait;
use serde_json::{Map, Value};
use stratagem_domain::channel::{FieldError, IntegrationKind};
use stratagem_domain::rate::Rate;

use super::{Twilio, calls, settings};
use crate::{Integration, Provider, Rates, Voice};

#[async_trait]
impl Provider for Twilio {
    fn kind(&self) -> IntegrationKind {
        IntegrationKind::Twilio
    }

    fn check(&self, settings: &Map<String, Value>, secrets: &[&str]) -> Result<(), Vec<FieldError>> {
        settings::check(settings, secrets)
    }

    /// Twilio queues what is above its rate for up to a day, and would call in the night: so it is held back here.
    fn rates(&self, settings: &Map<String, Value>) -> Rates {
        let sends = settings::read(settings).map_or(1, |account| account.calls_per_second);
        Rates { send: Some(Rate { sends, per_s: 1, burst: None }), pair: None }
    }

    async fn probe(&self, integration: &Integration) -> Result<(), String> {
        calls::look_up(&self.web, integration).await
    }

    fn voice(&self) -> Option<&dyn Voice> {
        Some(self)
    }
}
