//! Bearer tokens: 256 random bits, of which the database knows a hash and nothing else. They are too long to guess, so a
//! plain fast hash is enough.

use secrecy::{ExposeSecret, SecretString};
use stratagem_domain::{access::Role, clock::Clock, random::Random};
use stratagem_store::entities::token;
use uuid::Uuid;

/// What every token begins with, so that people and secret scanners recognise one.
const PREFIX: &str = "stg_";

/// A new token.
pub(crate) fn generate(random: &dyn Random) -> SecretString {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{PREFIX}{digits}").into()
}

/// What is stored of a token, and looked up by.
pub(crate) fn hash(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex().to_string()
}

/// The row of a token; without a tenant it is a platform admin's.
pub(crate) fn row(
    random: &dyn Random,
    clock: &dyn Clock,
    tenant_id: Option<Uuid>,
    (name, role): (String, Role),
    token: &SecretString,
) -> token::Model {
    token::Model {
        id: random.id(clock.now()),
        tenant_id,
        name,
        role: role.as_str().to_owned(),
        hash: hash(token.expose_secret()),
        created_at_ms: clock.now_ms(),
    }
}
