use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use secrecy::{ExposeSecret, SecretString};
use stratagem_engine::Engine;

use super::Exposition;
use crate::{
    auth::{CanPlatform, bearer},
    error::Problem,
};

/// Who may read the figures.
pub struct MetricsAccess {
    /// A token's hash, so that comparing takes the same time whatever was sent.
    token: Option<blake3::Hash>,
    open: bool,
}

impl MetricsAccess {
    /// With a token, whoever has it. Without one everybody, where `development` says that the server is there for its own
    /// machine alone. Platform admins always may.
    pub fn new(token: Option<SecretString>, development: bool) -> Self {
        let open = development && token.is_none();
        Self { token: token.map(|token| blake3::hash(token.expose_secret().as_bytes())), open }
    }

    fn admits(&self, sent: Option<&str>) -> bool {
        let known = sent.is_some_and(|sent| self.token == Some(blake3::hash(sent.as_bytes())));
        self.open || known
    }
}

/// May read the figures.
pub(crate) struct CanMeasure(pub(super) Arc<Exposition>);

impl FromRequestParts<Engine> for CanMeasure {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        let exposition = parts.extensions.get::<Arc<Exposition>>().cloned();
        let exposition = exposition.ok_or_else(|| Problem::internal("there are no figures"))?;
        if !exposition.access.admits(bearer(&parts.headers)) {
            CanPlatform::from_request_parts(parts, engine).await?;
        }
        Ok(Self(exposition))
    }
}
