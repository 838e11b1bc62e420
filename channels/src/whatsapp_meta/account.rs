//! Integrations of the kind `whatsapp_meta`: a business phone number at Meta.

use async_trait::async_trait;
use serde_json::{Map, Value};
use stratagem_domain::channel::{FieldError, IntegrationKind};
use stratagem_domain::rate::Rate;
use url::Url;

use super::{answer, receive};
use crate::settings::Fields;
use crate::whatsapp::account;
use crate::{Integration, Provider, Rates, ReceiveError, Received, Web, WebhookCall};

/// Where the Cloud API is.
const BASE_URL: &str = "https://graph.facebook.com";
const SECRETS: [&str; 3] = ["access_token", "app_secret", "verify_token"];

/// The adapter of [`IntegrationKind::WhatsappMeta`].
///
/// Settings: `api_version` (`v23.0`), `phone_number_id`, `default_language` (`en_US`), and `base_url` where it is not Meta's own.
/// Secrets: `access_token` sends, `app_secret` signs webhooks, `verify_token` is the tenant's own word for setting them up.
pub(crate) struct MetaAccount {
    web: Web,
}

impl MetaAccount {
    pub(crate) fn new(web: Web) -> Self {
        Self { web }
    }
}

#[async_trait]
impl Provider for MetaAccount {
    fn kind(&self) -> IntegrationKind {
        IntegrationKind::WhatsappMeta
    }

    fn check(&self, settings: &Map<String, Value>, secrets: &[&str]) -> Result<(), Vec<FieldError>> {
        let mut fields = Fields::new(settings, &["base_url", "api_version", "phone_number_id", "default_language"]);
        account::check_base_url(&mut fields);
        if let Some(version) = fields.required_text("api_version")
            && !is_version(version)
        {
            fields.wrong("api_version", "must be like `v23.0`");
        }
        account::check_path_part(&mut fields, "phone_number_id");
        if fields.required_text("default_language").is_some() {
            check_language(&mut fields, "default_language");
        }
        account::finish(fields, secrets, &SECRETS)
    }

    /// Meta's limits of a number, and of one number to one contact.
    fn rates(&self, _: &Map<String, Value>) -> Rates {
        Rates {
            send: Some(Rate { sends: 80, per_s: 1, burst: None }),
            pair: Some(Rate { sends: 1, per_s: 6, burst: None }),
        }
    }

    /// Reads the number's name, which needs the same permission as sending.
    async fn probe(&self, integration: &Integration) -> Result<(), String> {
        let mut url = url(integration, &[])?;
        url.set_query(Some("fields=verified_name"));
        let token = integration.secret("access_token").ok_or("the secret access_token is missing")?;
        let answer = self.web.call(&url, |client, url| client.get(url).bearer_auth(token)).await;
        match answer {
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

/// Notes a language that is no code of a translation, such as `en` or `pt_BR`.
pub(super) fn check_language(fields: &mut Fields<'_>, name: &str) {
    if let Some(language) = fields.text(name)
        && !language.is_empty()
        && !(language.len() <= 20 && language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
    {
        fields.wrong(name, "must be a language code as Meta writes it, like `en` or `pt_BR`");
    }
}

fn url(integration: &Integration, rest: &[&str]) -> Result<Url, String> {
    let setting =
        |name| integration.setting(name).ok_or_else(|| format!("the integration's settings.{name} is missing"));
    let (version, number) = (setting("api_version")?, setting("phone_number_id")?);
    account::address(&integration.settings, BASE_URL, &[&[version, number], rest].concat())
}

fn is_version(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.strip_prefix('v').and_then(|rest| rest.split_once('.')).is_some_and(|(a, b)| digits(a) && digits(b))
}
