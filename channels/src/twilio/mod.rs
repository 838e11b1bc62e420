//! Phone calls through Twilio: the call is made with one request, and then Twilio asks our webhooks what to say.
//!
//! Two ways to talk, by the integration's `voice`: `gather` (a webhook for each turn) and `relay` (text over a WebSocket, which can be
//! interrupted). The webhooks, below `/hooks/{integration_id}`: `/voice/answer` when the call is taken, `/voice/gather` with what the contact said,
//! `/voice/wait` while an answer is awaited and when a relay has ended, `/voice/status` for how the call stands, and `/voice/relay/{reference}` for the WebSocket.

mod calls;
mod hear;
mod place;
mod provider;
mod relay;
mod settings;
mod signature;
mod speak;
mod voice;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stratagem_domain::address::dialable;
use stratagem_domain::channel::{ChannelKind, FieldError, IntegrationKind};

use self::place::Place;
use crate::settings::Fields;
use crate::template::{self, Format, Templates};
use crate::{
    Ambiguity, Channel, Content, Draft, Integration, PrepareError, Prepared, SendOutcome, Traits, Web, spoken,
};

/// How long it rings, in seconds, where the stage does not say; Twilio itself rings for 60.
const RING_S: u32 = 30;
/// How long a call lasts at most, in seconds, where the stage does not say.
const TIME_LIMIT_S: u32 = 900;

/// The adapter of [`ChannelKind::Twilio`], and what stands behind its integrations.
///
/// Stage settings: `start_state`, where the agent begins, is required; `greeting`, a template of what is said first; `language` (BCP 47);
/// `ring_s` (5 to 600) and `time_limit_s` (10 to 14,400); `machine`: `hang_up` on answering machines, which is usual, or `talk` to them.
pub(crate) struct Twilio {
    web: Web,
    templates: Templates,
}

/// What [`Prepared::payload`] is, as JSON.
#[derive(Serialize, Deserialize)]
struct Call {
    /// The fields of the request that makes the call.
    form: Vec<(String, String)>,
    greeting: Option<String>,
}

impl Twilio {
    pub(crate) fn new(web: Web) -> Self {
        Self { web, templates: Templates::new() }
    }

    fn greeting(&self, draft: &Draft<'_>) -> Result<Option<String>, PrepareError> {
        let Some(source) = draft.settings.get("greeting").and_then(Value::as_str) else { return Ok(None) };
        let rendered = self.templates.render("greeting", source, Format::Text, &template::scope(draft.scope));
        let greeting = rendered.map_err(|reason| PrepareError::Template { reason })?;
        Ok(Some(greeting).filter(|greeting| !greeting.trim().is_empty()))
    }
}

#[async_trait]
impl Channel for Twilio {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Twilio
    }

    fn traits(&self) -> Traits {
        Traits {
            one_way: false,
            needs_agent: true,
            integration: Some(IntegrationKind::Twilio),
            ambiguity: Ambiguity::AtMostOnce,
            sends: true,
            voice: true,
        }
    }

    fn check_settings(&self, settings: &Map<String, Value>) -> Result<(), Vec<FieldError>> {
        let known = ["start_state", "greeting", "language", "ring_s", "time_limit_s", "machine"];
        let mut fields = Fields::new(settings, &known);
        fields.required_text("start_state");
        spoken::check(&mut fields, &self.templates);
        fields.whole("ring_s", 5..=600);
        fields.whole("time_limit_s", 10..=14_400);
        fields.one_of("machine", &["hang_up", "talk"]);
        fields.finish()
    }

    fn prepare(&self, draft: &Draft<'_>) -> Result<Prepared, PrepareError> {
        let misconfigured = |reason: &str| PrepareError::Misconfigured { reason: reason.to_owned() };
        if matches!(draft.content, Content::Reply { .. }) {
            return Err(misconfigured("answers in a call are spoken while it lasts, not sent"));
        }
        let integration = draft.integration.ok_or_else(|| misconfigured("no Twilio account is set for this stage"))?;
        let account = settings::read(&integration.settings).map_err(|reason| PrepareError::Misconfigured { reason })?;
        if !draft.hook_url.starts_with("http") {
            return Err(misconfigured("the server has no public address that Twilio could call"));
        }
        let phone = draft.scope["contact"]["phone"].as_str().unwrap_or_default();
        if phone.trim().is_empty() {
            return Err(PrepareError::Unreachable { reason: "the contact has no phone number".to_owned() });
        }
        let to = dialable(phone)
            .map_err(|reason| PrepareError::Unreachable { reason: format!("the contact's phone number {reason}") })?;
        let greeting = self.greeting(draft)?;
        let form = form(draft, &to, account.from);
        let text = greeting.clone().unwrap_or_default();
        let payload =
            serde_json::to_vec(&Call { form, greeting }).map_err(|error| misconfigured(&error.to_string()))?;
        Ok(Prepared {
            address: to,
            sender: Some(account.from.to_owned()),
            reference: draft.reference.to_owned(),
            text,
            payload: Bytes::from(payload),
        })
    }

    async fn send(&self, prepared: &Prepared, integration: Option<&Integration>) -> SendOutcome {
        let misconfigured = |reason: &str| SendOutcome::Misconfigured { reason: reason.to_owned() };
        let Some(integration) = integration else { return misconfigured("no Twilio account is set for this stage") };
        let Ok(call) = serde_json::from_slice::<Call>(&prepared.payload) else {
            return misconfigured("the prepared call cannot be read");
        };
        let outcome = calls::create(&self.web, integration, &call.form).await;
        tracing::debug!(
            reference = prepared.reference,
            integration = integration.id,
            outcome = outcome.as_str(),
            "send"
        );
        outcome
    }
}

/// The fields of `POST …/Calls.json`.
fn form(draft: &Draft<'_>, to: &str, from: &str) -> Vec<(String, String)> {
    let setting = |name: &str| draft.settings.get(name).and_then(Value::as_str);
    let seconds = |name: &str, usual| draft.settings.get(name).and_then(Value::as_u64).unwrap_or(usual).to_string();
    let place = Place::new(draft.hook_url, draft.reference, setting("language"));
    let mut form = vec![
        ("To", to.to_owned()),
        ("From", from.to_owned()),
        ("Url", place.url("answer")),
        ("Method", "POST".to_owned()),
        ("StatusCallback", place.url("status")),
        ("StatusCallbackMethod", "POST".to_owned()),
    ];
    form.extend(["initiated", "ringing", "answered", "completed"].map(|e| ("StatusCallbackEvent", e.to_owned())));
    form.push(("Timeout", seconds("ring_s", RING_S.into())));
    form.push(("TimeLimit", seconds("time_limit_s", TIME_LIMIT_S.into())));
    if setting("machine") != Some("talk") {
        form.push(("MachineDetection", "Enable".to_owned()));
    }
    form.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests;
