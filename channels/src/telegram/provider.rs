//! Bots as integrations: checked, tried with `getMe`, and listened to by webhook or by fetching.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Map, Value, json};
use stratagem_domain::channel::{FieldError, IntegrationKind};
use stratagem_domain::rate::Rate;
use subtle::ConstantTimeEq;

use super::Telegram;
use super::api::Bot;
use super::{settings, updates};
use crate::{
    Event, Integration, PollError, Polled, Provider, Rates, ReceiveError, Received, WebhookAnswer, WebhookCall,
};

/// The header that carries the secret that `setWebhook` was given.
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
/// Longer waits end at proxies in between.
const LONGEST_WAIT: Duration = Duration::from_secs(50);
/// What an answer takes beyond the time that it waits, at most.
const MARGIN: Duration = Duration::from_secs(10);

/// The webhook is set once by whoever owns the bot, since only they know what else it does:
///
/// ```text
/// curl https://api.telegram.org/bot$TOKEN/setWebhook -d url=https://…/hooks/$INTEGRATION -d secret_token=$SECRET \
///   -d 'allowed_updates=["message","my_chat_member"]'
/// ```
#[async_trait]
impl Provider for Telegram {
    fn kind(&self) -> IntegrationKind {
        IntegrationKind::Telegram
    }

    fn check(&self, settings: &Map<String, Value>, secrets: &[&str]) -> Result<(), Vec<FieldError>> {
        settings::check(settings, secrets)
    }

    /// Telegram's FAQ for bots: about 30 messages a second to different chats, and one a second to the same one.
    fn rates(&self, _: &Map<String, Value>) -> Rates {
        let a_second = |sends| Some(Rate { sends, per_s: 1, burst: None });
        Rates { send: a_second(30), pair: a_second(1) }
    }

    async fn probe(&self, integration: &Integration) -> Result<(), String> {
        let named = settings::read(&integration.settings)?.username;
        let bot = Bot::new(&self.web, integration)?;
        let me = bot.call("getMe", &json!({})).await.map_err(|fault| fault.reason())?;
        let username = me["username"].as_str().unwrap_or_default();
        if username.eq_ignore_ascii_case(named) {
            return Ok(());
        }
        Err(format!("secrets.bot_token is that of @{username}, not of @{named}"))
    }

    fn receive(&self, call: &WebhookCall<'_>, integration: &Integration) -> Result<Received, ReceiveError> {
        if !call.path.is_empty() || call.request.method() != http::Method::POST {
            return Err(ReceiveError::NotFound);
        }
        let given = call.request.headers().get(SECRET_HEADER).map(http::HeaderValue::as_bytes).unwrap_or_default();
        let secret = integration.secret("secret_token").unwrap_or_default().as_bytes();
        if secret.is_empty() || !bool::from(given.ct_eq(secret)) {
            return Err(ReceiveError::Forged("the secret token is not the one that the webhook was set with"));
        }
        let update: Value = serde_json::from_slice(call.request.body())
            .map_err(|error| ReceiveError::Malformed(format!("the body is no JSON: {error}")))?;
        let events = updates::read(&update).map_err(ReceiveError::Malformed)?.into_iter().collect();
        Ok(Received { events, answer: WebhookAnswer::ok() })
    }

    fn polls(&self, integration: &Integration) -> bool {
        settings::read(&integration.settings).is_ok_and(|settings| settings.polls)
    }

    /// The cursor is the id of the next update. Asking for it tells Telegram that all before it are kept.
    async fn poll(&self, integration: &Integration, cursor: Option<&str>, wait: Duration) -> Result<Polled, PollError> {
        let wait = wait.min(LONGEST_WAIT);
        let web = self.web.with_time_limit(wait + MARGIN);
        let bot = Bot::new(&web, integration).map_err(PollError::Misconfigured)?;
        let offset = cursor.and_then(|cursor| cursor.parse::<i64>().ok());
        let mut parameters = json!({"limit": 100, "timeout": wait.as_secs(), "allowed_updates": updates::KINDS});
        if let Some(offset) = offset {
            parameters["offset"] = json!(offset);
        }
        let result = bot.call("getUpdates", &parameters).await?;
        let updates = result.as_array().map(Vec::as_slice).unwrap_or_default();
        let next =
            updates.iter().filter_map(|update| update["update_id"].as_i64()).max().map(|last| last.saturating_add(1));
        let events: Vec<Event> = updates.iter().filter_map(|update| readable(update, integration)).collect();
        let cursor = next.or(offset).map(|next| next.to_string()).unwrap_or_default();
        Ok(Polled { events, cursor })
    }
}

/// One that cannot be read must not keep all later ones from coming.
fn readable(update: &Value, integration: &Integration) -> Option<Event> {
    updates::read(update).unwrap_or_else(|reason| {
        tracing::warn!(integration = integration.id, reason, "an update from Telegram was left out");
        None
    })
}
