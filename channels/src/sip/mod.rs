//! Phone calls over SIP, as far as this version goes: stages and trunks are checked and kept, and cannot be used.

use async_trait::async_trait;
use serde_json::{Map, Value};
use stratagem_domain::channel::{ChannelKind, FieldError, IntegrationKind};

use crate::settings::{Fields, check_secrets};
use crate::template::Templates;
use crate::{Ambiguity, Channel, Draft, Integration, PrepareError, Prepared, Provider, SendOutcome, Traits, spoken};

const WHY_NOT: &str = "calls over SIP cannot be made in this version: it has no media engine that turns speech into text; use a stage of \
                       the channel `twilio`";

/// The adapter of [`ChannelKind::Sip`], and what stands behind its integrations.
///
/// Stage settings, none required: `start_state`, `greeting` (a template) and `language` (BCP 47). An integration's: `registrar`, `domain`,
/// `transport`, `from`, `max_calls`; secrets `username` and `password`.
pub(crate) struct Sip {
    templates: Templates,
}

impl Sip {
    pub(crate) fn new() -> Self {
        Self { templates: Templates::new() }
    }
}

#[async_trait]
impl Channel for Sip {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Sip
    }

    fn traits(&self) -> Traits {
        Traits {
            one_way: false,
            needs_agent: true,
            integration: Some(IntegrationKind::Sip),
            ambiguity: Ambiguity::AtMostOnce,
            sends: true,
            voice: true,
        }
    }

    fn check_settings(&self, settings: &Map<String, Value>) -> Result<(), Vec<FieldError>> {
        let mut fields = Fields::new(settings, &["start_state", "greeting", "language"]);
        fields.text("start_state");
        spoken::check(&mut fields, &self.templates);
        fields.finish()
    }

    fn prepare(&self, _: &Draft<'_>) -> Result<Prepared, PrepareError> {
        Err(PrepareError::Misconfigured { reason: WHY_NOT.to_owned() })
    }

    async fn send(&self, _: &Prepared, _: Option<&Integration>) -> SendOutcome {
        SendOutcome::Misconfigured { reason: WHY_NOT.to_owned() }
    }

    fn unavailable(&self) -> Option<&'static str> {
        Some(WHY_NOT)
    }
}

#[async_trait]
impl Provider for Sip {
    fn kind(&self) -> IntegrationKind {
        IntegrationKind::Sip
    }

    fn check(&self, settings: &Map<String, Value>, secrets: &[&str]) -> Result<(), Vec<FieldError>> {
        let mut fields = Fields::new(settings, &["registrar", "domain", "transport", "from", "max_calls"]);
        for name in ["registrar", "domain"] {
            if fields.required_text(name).is_some_and(|host| !is_host(host)) {
                fields.wrong(name, "must be a host's name or address, with a port where it is not the usual one");
            }
        }
        fields.required("transport");
        fields.one_of("transport", &["udp", "tcp", "tls"]);
        let from = fields.required_text("from");
        if from.is_some_and(|from| {
            from.len() > 64 || !from.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-_.".contains(&b))
        }) {
            fields.wrong("from", "must be a number or the name of a user, without a domain");
        }
        fields.required("max_calls");
        fields.whole("max_calls", 1..=10_000);
        let mut errors = fields.into_errors();
        let names = ["username", "password"];
        errors.extend(check_secrets(secrets, &names, &names));
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    async fn probe(&self, _: &Integration) -> Result<(), String> {
        Err(WHY_NOT.to_owned())
    }
}

fn is_host(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:[]".contains(&byte);
    text.len() <= 253 && text.bytes().all(fits)
}

#[cfg(test)]
mod tests;
