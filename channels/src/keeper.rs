//! The port by which a secret that a provider exchanged for another gets back to where it is kept.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

/// Where the secrets of one integration are kept.
#[async_trait]
pub trait Keeper: Send + Sync {
    /// The secret as it is kept now; none where there is none of that name.
    ///
    /// # Errors
    /// What kept it from being read, without the secret.
    async fn read(&self, name: &str) -> Result<Option<SecretString>, String>;

    /// Keeps `new` in the place of `old`. Where `old` is not what is kept any more, because somebody set another or another server was
    /// first, that stays.
    ///
    /// # Errors
    /// What kept it from being stored, without the secret. It was tried for as long as that made sense.
    async fn exchange(&self, name: &str, old: &SecretString, new: &SecretString) -> Result<(), String>;
}

/// The way to an integration's [`Keeper`]. Without one, as by default, what a provider exchanges is forgotten.
#[derive(Clone, Default)]
pub struct Kept(pub Option<Arc<dyn Keeper>>);

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Kept" } else { "NotKept" })
    }
}
