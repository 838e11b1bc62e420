//! Integrations of the kind `whatsapp_bird`: a WhatsApp channel in a workspace at Bird.

use async_trait::async_trait;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::{Map, Value};
use stratagem_domain::channel::{FieldError, IntegrationKind};
use stratagem_domain::rate::Rate;
use url::Url;

use super::{answer, receive};
use crate::settings::Fields;
use crate::whatsapp::account;
use crate::{Integration, Provider, Rates, ReceiveError, Received, Web, WebhookCall};

/// Where the Channels API is.
const BASE_URL: &str = "https://api.bird.com";
const SECRETS: [&str; 2] = ["access_key", "signing_key"];

/// The adapter of [`IntegrationKind::WhatsappBird`].
///
/// Settings: `workspace_id`, `channel_id`, and `base_url` where it is not Bird's own. Secrets: `access_key` sends, `signing_key` is the
/// one that the webhook subscriptions (`whatsapp.inbound`, `whatsapp.outbound`, `whatsapp.interaction`) were made with.
pub(crate) struct BirdAccount {
    web: Web,
}

impl BirdAccount {
    pub(crate) fn new(web: Web) -> Self {
        Self { web }
    }
}

#[async_trait]
impl Provider for BirdAccount {
    fn kind(&self) -> IntegrationKind {
        IntegrationKind::WhatsappBird
    }

    fn check(&self, settings: &Map<String, Value>, secrets: &[&str]) -> Result<(), Vec<FieldError>> {
        let mut fields = Fields::new(settings, &["base_url", "workspace_id", "channel_id"]);
        account::check_base_url(&mut fields);
        account::check_path_part(&mut fields, "workspace_id");
        account::check_path_part(&mut fields, "channel_id");
        account::finish(fields, secrets, &SECRETS)
    }

    /// WhatsApp's limit of a number. Bird itself takes more, and holds back what WhatsApp does not take yet.
    fn rates(&self, _: &Map<String, Value>) -> Rates {
        Rates { send: Some(Rate { sends: 80, per_s: 1, burst: None }), pair: None }
    }

    /// Reads the channel.
    async fn probe(&self, integration: &Integration) -> Result<(), String> {
        let (url, key) = (url(integration, &[])?, access_key(integration)?);
        match self.web.call(&url, |client, url| client.get(url).header(AUTHORIZATION, key)).await {
            Ok(answer) if answer.is_success() => Ok(()),
            Ok(answer) => Err(answer::explain(&answer)),
            Err(error) => Err(error.to_string()),
        }
    }

    fn receive(&self, call: &WebhookCall<'_>, integration: &Integration) -> Result<Received, ReceiveError> {
        receive::receive(call, integration)
    }
}

/// Where messages are sent to.
///
/// # Errors
/// In plain words; never for settings that were checked.
pub(super) fn messages_url(integration: &Integration) -> Result<Url, String> {
    url(integration, &["messages"])
}

/// The value of the `Authorization` header.
///
/// # Errors
/// In plain words.
pub(super) fn access_key(integration: &Integration) -> Result<HeaderValue, String> {
    let key = integration.secret("access_key").ok_or("the secret access_key is missing")?;
    let mut value =
        HeaderValue::from_str(&format!("AccessKey {key}")).map_err(|_| "the secret access_key is no key of Bird's")?;
    value.set_sensitive(true);
    Ok(value)
}

fn url(integration: &Integration, rest: &[&str]) -> Result<Url, String> {
    let setting =
        |name| integration.setting(name).ok_or_else(|| format!("the integration's settings.{name} is missing"));
    let (workspace, channel) = (setting("workspace_id")?, setting("channel_id")?);
    account::address(&integration.settings, BASE_URL, &[&["workspaces", workspace, "channels", channel], rest].concat())
}
