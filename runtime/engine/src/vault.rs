//! Secrets at rest. A stolen database gives none of them away, and a sealed one moved to another row does not open.

use std::sync::Arc;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use stratagem_domain::random::Random;
use uuid::Uuid;

/// Bytes of XChaCha20's nonce: long enough to be drawn at random for every secret.
const NONCE_BYTES: usize = 24;
/// Begins every sealed text, so that a later scheme can be told from this one.
const VERSION: &str = "v1:";

/// Seals and opens secrets under keys that are derived from the installation's master key.
#[derive(Clone)]
pub struct Vault {
    master: Arc<SecretBox<[u8; 32]>>,
    random: Arc<dyn Random>,
}

/// Why a secret does not open.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The text was not sealed by a vault.
    #[error("it is not in the form that secrets are stored in")]
    Malformed,
    /// Another master key, another row or field, or changed bytes.
    #[error("it does not open: the master key is another one, or the stored bytes were changed or moved")]
    Refused,
}

impl Vault {
    /// A vault under a master key of 32 random bytes. Nonces come from `random`.
    pub fn new(master_key: [u8; 32], random: Arc<dyn Random>) -> Self {
        Self { master: Arc::new(SecretBox::new(Box::new(master_key))), random }
    }

    /// Seals a secret for one field of one row (an integration, say) of one tenant. The same secret gives another text
    /// each time.
    pub fn seal(&self, tenant_id: Uuid, row_id: Uuid, field: &str, secret: &SecretString) -> String {
        let mut nonce = [0; NONCE_BYTES];
        self.random.fill(&mut nonce);
        let place = place(tenant_id, row_id, field);
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: &place };
        // The cipher refuses only messages beyond 256 GiB; an empty text then opens nowhere.
        let sealed = self.cipher().encrypt(XNonce::from_slice(&nonce), payload).unwrap_or_default();
        format!("{VERSION}{}{}", hex(&nonce), hex(&sealed))
    }

    /// Opens what [`Vault::seal`] sealed for that place.
    pub fn open(&self, tenant_id: Uuid, row_id: Uuid, field: &str, sealed: &str) -> Result<SecretString, VaultError> {
        let bytes = sealed.strip_prefix(VERSION).and_then(unhex).ok_or(VaultError::Malformed)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES).ok_or(VaultError::Malformed)?;
        let place = place(tenant_id, row_id, field);
        let payload = Payload { msg: sealed, aad: &place };
        let secret =
            self.cipher().decrypt(XNonce::from_slice(nonce), payload).map_err(|_refused| VaultError::Refused)?;
        String::from_utf8(secret).map(SecretString::from).map_err(|_not_text| VaultError::Malformed)
    }

    /// A key for another purpose, e.g. the authentication of compiled artefacts. Purposes are whole sentences that no
    /// two places of the project share.
    pub fn derive_key(&self, purpose: &str) -> [u8; 32] {
        blake3::derive_key(purpose, self.master.expose_secret())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.derive_key("stratagem 2026-11 vault: secrets in the database").into())
    }
}

/// What a sealed text is bound to. Both ids have a fixed length, so no two places give the same bytes.
fn place(tenant_id: Uuid, row_id: Uuid, field: &str) -> Vec<u8> {
    [tenant_id.as_bytes(), row_id.as_bytes(), field.as_bytes()].concat()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use stratagem_domain::random::seeded;

    fn vault(key: u8) -> Vault {
        Vault::new([key; 32], seeded(1))
    }

    #[test]
    fn a_secret_opens_in_its_own_place_only() {
        let (tenant, row) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let sealed = vault(7).seal(tenant, row, "password", &"s3cret-canary".into());
        assert!(!sealed.contains("canary"));
        let opened = vault(7).open(tenant, row, "password", &sealed).unwrap();
        assert_eq!(opened.expose_secret(), "s3cret-canary");

        assert!(matches!(vault(7).open(row, row, "password", &sealed), Err(VaultError::Refused)));
        assert!(matches!(vault(7).open(tenant, tenant, "password", &sealed), Err(VaultError::Refused)));
        assert!(matches!(vault(7).open(tenant, row, "username", &sealed), Err(VaultError::Refused)));
        assert!(matches!(vault(8).open(tenant, row, "password", &sealed), Err(VaultError::Refused)));
    }

    #[test]
    fn changed_bytes_are_refused() {
        let (tenant, row) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let sealed = vault(7).seal(tenant, row, "password", &"x".into());
        let last = if sealed.ends_with('0') { "1" } else { "0" };
        let flipped = format!("{}{last}", &sealed[..sealed.len() - 1]);
        assert!(matches!(vault(7).open(tenant, row, "password", &flipped), Err(VaultError::Refused)));
        for malformed in ["", "x", "v1:", "v1:zz", "v1:abc", &sealed[3..]] {
            assert!(vault(7).open(tenant, row, "password", malformed).is_err(), "{malformed}");
        }
    }

    #[test]
    fn the_same_secret_is_sealed_differently_each_time() {
        let vault = vault(7);
        let seal = || vault.seal(Uuid::nil(), Uuid::nil(), "password", &"x".into());
        assert_ne!(seal(), seal());
        assert_ne!(vault.derive_key("one purpose"), vault.derive_key("another purpose"));
    }
}
