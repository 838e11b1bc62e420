//! Who must not be written to: by address, whatever campaign or import it comes from.

use chrono::{DateTime, Utc};
use stratagem_domain::channel::ChannelKind;
use stratagem_store::{
    Scope,
    entities::{contact, suppression},
};

use crate::{Engine, EngineError};

const KEY: &str = "stratagem 2026-11 suppressions: hashes of addresses";

impl Engine {
    /// The hash by which an address is found. E-mail addresses count without their case, numbers by their digits.
    pub fn address_hash(&self, scope: Scope, address: &str) -> String {
        let key = self.vault().derive_key(KEY);
        blake3::keyed_hash(&key, format!("{} {}", scope.0, canonical(address)).as_bytes()).to_hex().to_string()
    }

    /// A suppression of an address, on one channel or on all, still to be stored.
    pub fn suppression_of(
        &self,
        scope: Scope,
        address: &str,
        channel: Option<ChannelKind>,
        reason: &str,
        now: DateTime<Utc>,
    ) -> suppression::Model {
        suppression::Model {
            id: self.random().id(now),
            tenant_id: scope.0,
            hash: self.address_hash(scope, address),
            address: Some(canonical(address)),
            channel: channel.map_or("", ChannelKind::as_str).to_owned(),
            reason: reason.to_owned(),
            created_at_ms: now.timestamp_millis(),
        }
    }

    /// Suppresses an address; false where it was already.
    pub(crate) async fn suppress(
        &self,
        scope: Scope,
        address: &str,
        channel: Option<ChannelKind>,
        reason: &str,
    ) -> Result<bool, EngineError> {
        let row = self.suppression_of(scope, address, channel, reason, self.clock().now());
        Ok(self.store().suppress(row).await?)
    }

    /// Suppresses an address on these channels, or on all where there are none.
    pub(crate) async fn suppress_on(
        &self,
        scope: Scope,
        address: &str,
        channels: &[ChannelKind],
        reason: &str,
    ) -> Result<(), EngineError> {
        if channels.is_empty() {
            self.suppress(scope, address, None, reason).await?;
        }
        for channel in channels {
            self.suppress(scope, address, Some(*channel), reason).await?;
        }
        Ok(())
    }

    /// Why none of these addresses may be written to on the channel; none where they may.
    pub(crate) async fn suppressed(
        &self,
        scope: Scope,
        addresses: &[&str],
        channel: &str,
    ) -> Result<Option<String>, EngineError> {
        let hashes: Vec<String> = addresses
            .iter()
            .filter(|address| !address.is_empty())
            .map(|address| self.address_hash(scope, address))
            .collect();
        if hashes.is_empty() {
            return Ok(None);
        }
        let found = self.store().suppression(scope, &hashes, channel).await?;
        Ok(found.map(|row| format!("the address is suppressed: {}", row.reason)))
    }

    /// Erases a contact with everything that is known of it. Its addresses stay suppressed, by their hashes alone.
    ///
    /// False where the tenant has none of that id.
    pub async fn erase_contact(&self, scope: Scope, id: uuid::Uuid) -> Result<bool, EngineError> {
        let Some(contact) = self.store().contact(scope, id).await? else { return Ok(false) };
        let now = self.clock().now();
        let rows: Vec<suppression::Model> = addresses(&contact)
            .into_iter()
            .map(|address| suppression::Model {
                address: None,
                ..self.suppression_of(scope, address, None, "the contact was erased", now)
            })
            .collect();
        Ok(self.store().erase_contact(scope, id, &rows).await?)
    }
}

/// A contact's own addresses.
pub(crate) fn addresses(contact: &contact::Model) -> Vec<&str> {
    let filled = |address: &Option<String>| address.as_deref().is_some_and(|address| !address.trim().is_empty());
    [&contact.email, &contact.phone].into_iter().filter(|a| filled(a)).filter_map(|a| a.as_deref()).collect()
}

fn canonical(address: &str) -> String {
    let address = address.trim();
    if address.contains('@') {
        return address.to_lowercase();
    }
    let digits: String = address.chars().filter(char::is_ascii_digit).collect();
    let number = address.chars().all(|c| c.is_ascii_digit() || "+-() .".contains(c)) && digits.len() >= 6;
    if number { digits } else { address.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_one() {
        assert_eq!(canonical(" Ada@Example.ORG "), "ada@example.org");
        for number in ["+31 6 1234-5678", "31612345678", "(31) 612345678"] {
            assert_eq!(canonical(number), "31612345678");
        }
        assert_eq!(canonical("US.1349120"), "US.1349120");
    }
}
