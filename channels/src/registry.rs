//! Which channels and integrations this version has.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use stratagem_domain::channel::{ChannelKind, FieldError, IntegrationKind};

use crate::email_communication::EmailCommunication;
use crate::email_notification::EmailNotification;
use crate::human::Human;
use crate::imap::{self, Mailboxes};
use crate::none::NoCommunication;
use crate::sip::Sip;
use crate::smtp::{self, Mailer};
use crate::telegram::Telegram;
use crate::twilio::Twilio;
use crate::whatsapp_bird::{BirdAccount, WhatsappBird};
use crate::whatsapp_meta::{MetaAccount, WhatsappMeta};
use crate::{AddressPolicy, Channel, Integration, Provider, Web};

/// How long a provider's answer may take.
const PROVIDER_TIME_LIMIT: Duration = Duration::from_secs(30);

/// The channels and providers, by kind.
pub struct Registry {
    channels: HashMap<ChannelKind, Arc<dyn Channel>>,
    providers: HashMap<IntegrationKind, Arc<dyn Provider>>,
}

impl Registry {
    /// **The list**: a new channel is a line here, and so is a new kind of account.
    pub fn standard(policy: AddressPolicy) -> Self {
        let web = Web::new(policy.clone(), PROVIDER_TIME_LIMIT);
        let mailer = Arc::new(Mailer::new(policy.clone(), smtp::Limits::default()));
        let telegram = Arc::new(Telegram::new(web.clone()));
        let (twilio, sip) = (Arc::new(Twilio::new(web.clone())), Arc::new(Sip::new()));
        Self { channels: HashMap::new(), providers: HashMap::new() }
            .with(Arc::new(EmailNotification::new(Arc::clone(&mailer))))
            .with(Arc::new(EmailCommunication::new(Arc::clone(&mailer))))
            .with(Arc::new(Human))
            .with(Arc::new(NoCommunication))
            .with(telegram.clone())
            .with(twilio.clone())
            .with(sip.clone())
            .with_provider(mailer)
            .with_provider(telegram)
            .with_provider(twilio)
            .with_provider(sip)
            .with(Arc::new(WhatsappBird::new(web.clone())))
            .with(Arc::new(WhatsappMeta::new(web.clone())))
            .with_provider(Arc::new(BirdAccount::new(web.clone())))
            .with_provider(Arc::new(MetaAccount::new(web)))
            .with_provider(Arc::new(Mailboxes::new(policy, imap::Limits::default())))
    }

    /// Adds a channel, or puts it in the place of the one of its kind, e.g. a [`crate::Memory`].
    #[must_use]
    pub fn with(mut self, channel: Arc<dyn Channel>) -> Self {
        self.channels.insert(channel.kind(), channel);
        self
    }

    /// Adds a kind of account, or puts it in the place of the one that was there.
    #[must_use]
    pub fn with_provider(mut self, provider: Arc<dyn Provider>) -> Self {
        self.providers.insert(provider.kind(), provider);
        self
    }

    /// The channel of that kind; none where this version has no adapter for it.
    pub fn get(&self, kind: ChannelKind) -> Option<&Arc<dyn Channel>> {
        self.channels.get(&kind)
    }

    /// What stands behind integrations of that kind; none where this version cannot use them.
    pub fn provider(&self, kind: IntegrationKind) -> Option<&Arc<dyn Provider>> {
        self.providers.get(&kind)
    }

    /// Tries an integration without sending anything: for a mail server connect, encrypt, EHLO, authenticate, QUIT.
    ///
    /// # Errors
    /// Why it does not work, for the tenant to read.
    pub async fn probe(&self, integration: &Integration) -> Result<(), String> {
        match self.provider(integration.kind) {
            Some(provider) => provider.probe(integration).await,
            None => Err(not_available(integration.kind)),
        }
    }

    /// Checks an integration's settings, and the names of all secrets that it will have, before it is stored.
    ///
    /// # Errors
    /// Every fault, with paths such as `settings.port` or `secrets.password`; for a kind that this version cannot use, the
    /// field is `kind`.
    pub fn check_integration(
        &self,
        kind: IntegrationKind,
        settings: &Map<String, Value>,
        secrets: &[&str],
    ) -> Result<(), Vec<FieldError>> {
        match self.provider(kind) {
            Some(provider) => provider.check(settings, secrets),
            None => Err(vec![FieldError::new("kind", not_available(kind))]),
        }
    }
}

fn not_available(kind: IntegrationKind) -> String {
    format!("`{kind}` is not available in this version")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    #[test]
    fn lists_what_this_version_has() {
        let registry = Registry::standard(AddressPolicy::default());
        for kind in ChannelKind::ALL {
            assert_eq!(registry.get(kind).map(|channel| channel.kind()), Some(kind));
        }
        let replaced = registry.with(Arc::new(Memory::new(ChannelKind::Human)));
        assert!(replaced.get(ChannelKind::Human).is_some());
    }

    #[tokio::test]
    async fn other_integrations_are_not_available() {
        let registry = Registry::standard(AddressPolicy::default());
        for kind in IntegrationKind::ALL.into_iter().filter(|kind| registry.provider(*kind).is_none()) {
            let errors = registry.check_integration(kind, &Map::new(), &[]).unwrap_err();
            assert_eq!((errors.len(), errors[0].field.as_str()), (1, "kind"));
            let integration = Integration {
                id: "i".to_owned(),
                version: 1,
                kind,
                settings: Map::new(),
                secrets: HashMap::new(),
                kept: Default::default(),
            };
            assert!(registry.probe(&integration).await.unwrap_err().contains("not available"));
        }
    }
}
