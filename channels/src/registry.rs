//! Which channels and integrations this version has.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use stratagem_domain::channel::{ChannelKind, FieldError, IntegrationKind};

use crate::email_notification::EmailNotification;
use crate::none::NoCommunication;
use crate::smtp::{self, Mailer};
use crate::{AddressPolicy, Channel, Integration};

/// The channels, by kind.
pub struct Registry {
    channels: HashMap<ChannelKind, Arc<dyn Channel>>,
    mailer: Arc<Mailer>,
}

impl Registry {
    /// **The list**: a new channel is a line here.
    pub fn standard(policy: AddressPolicy) -> Self {
        let mailer = Arc::new(Mailer::new(policy, smtp::Limits::default()));
        Self { channels: HashMap::new(), mailer: Arc::clone(&mailer) }
            .with(Arc::new(EmailNotification::new(mailer)))
            .with(Arc::new(NoCommunication))
    }

    /// Adds a channel, or puts it in the place of the one of its kind, e.g. a [`crate::Memory`].
    #[must_use]
    pub fn with(mut self, channel: Arc<dyn Channel>) -> Self {
        self.channels.insert(channel.kind(), channel);
        self
    }

    /// The channel of that kind; none where this version has no adapter for it.
    pub fn get(&self, kind: ChannelKind) -> Option<&Arc<dyn Channel>> {
        self.channels.get(&kind)
    }

    /// Tries an integration without sending anything: for a mail server connect, encrypt, EHLO, authenticate, QUIT.
    ///
    /// # Errors
    /// Why it does not work, for the tenant to read.
    pub async fn probe(&self, integration: &Integration) -> Result<(), String> {
        match integration.kind {
            IntegrationKind::Smtp => self.mailer.probe(integration).await,
            other => Err(not_available(other)),
        }
    }
}

/// Checks an integration's settings, and the names of all secrets that it will have, before it is stored.
///
/// # Errors
/// Every fault, with paths such as `settings.port` or `secrets.password`; for a kind that this version cannot use, the
/// field is `kind`.
pub fn check_integration(
    kind: IntegrationKind,
    settings: &Map<String, Value>,
    secrets: &[&str],
) -> Result<(), Vec<FieldError>> {
    match kind {
        IntegrationKind::Smtp => smtp::check(settings, secrets),
        other => Err(vec![FieldError::new("kind", not_available(other))]),
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
            let there = matches!(kind, ChannelKind::EmailNotification | ChannelKind::None);
            assert_eq!(registry.get(kind).map(|channel| channel.kind()), there.then_some(kind));
        }
        let replaced = registry.with(Arc::new(Memory::new(ChannelKind::Telegram)));
        assert!(replaced.get(ChannelKind::Telegram).is_some());
    }

    #[tokio::test]
    async fn other_integrations_are_not_available() {
        for kind in IntegrationKind::ALL.into_iter().filter(|kind| *kind != IntegrationKind::Smtp) {
            let errors = check_integration(kind, &Map::new(), &[]).unwrap_err();
            assert_eq!((errors.len(), errors[0].field.as_str()), (1, "kind"));
            let integration =
                Integration { id: "i".to_owned(), version: 1, kind, settings: Map::new(), secrets: HashMap::new() };
            let registry = Registry::standard(AddressPolicy::default());
            assert!(registry.probe(&integration).await.unwrap_err().contains("not available"));
        }
    }
}
