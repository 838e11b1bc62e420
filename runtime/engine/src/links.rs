//! Links that only we can make: to unsubscribe, and by which a contact makes itself known at a provider.

use serde_json::{Map, Value};
use stratagem_domain::channel::{ChannelKind, IntegrationKind};
use stratagem_store::{
    Scope,
    entities::{communication, integration},
};
use uuid::Uuid;

use crate::{
    Engine, EngineError,
    choices::{self, Choice},
    suppressing,
};

const UNSUBSCRIBE: &str = "stratagem 2026-11 links: unsubscribe";
const JOIN: &str = "stratagem 2026-11 links: contacts at providers";

/// Bytes of the proof that follows the id, as hexadecimal digits.
const PROOF: usize = 16;

impl Engine {
    /// Where the contact of this communication unsubscribes.
    pub(crate) fn unsubscribe_url(&self, of: &communication::Model) -> String {
        let base = self.0.parts.public_url.trim_end_matches('/');
        format!("{base}/u/{}", token(self, UNSUBSCRIBE, of.id, ""))
    }

    /// The token of a link by which the contact makes itself known through the integration: `[a-z0-9]{48}`.
    pub(crate) fn join_token(&self, integration_id: Uuid, contact_id: Uuid) -> String {
        token(self, JOIN, contact_id, &integration_id.to_string())
    }

    /// The links by which the contact makes itself known to the tenant's bots, by integration, and whether it has.
    pub async fn bot_links(&self, scope: Scope, contact_id: Uuid) -> Result<Vec<(Uuid, String, bool)>, EngineError> {
        let mut links = Vec::new();
        for row in self.store().integrations_of_kind(scope, IntegrationKind::Telegram.as_str()).await? {
            let linked = self.store().identity(scope, row.id, contact_id).await?.is_some();
            let (id, integration) = (row.id, self.unseal(row)?);
            let url = stratagem_channels::deep_link(&integration, &self.join_token(id, contact_id));
            links.extend(url.map(|url| (id, url, linked)));
        }
        Ok(links)
    }

    /// Where the contact makes itself known to the campaign's bot, for templates; none where no template of these settings asks for
    /// it, or there is no such bot.
    pub(crate) async fn telegram_url(
        &self,
        scope: Scope,
        campaign_id: Uuid,
        contact_id: Uuid,
        settings: &Map<String, Value>,
    ) -> Result<Option<String>, EngineError> {
        if !asks_for_bot(settings) {
            return Ok(None);
        }
        let Some(row) = self.bot_of(scope, campaign_id).await? else { return Ok(None) };
        let token = self.join_token(row.id, contact_id);
        Ok(stratagem_channels::deep_link(&self.unseal(row)?, &token))
    }

    /// The bot that a campaign's contacts are sent to: that of its first stage on Telegram, else the tenant's only one.
    pub(crate) async fn bot_of(
        &self,
        scope: Scope,
        campaign_id: Uuid,
    ) -> Result<Option<integration::Model>, EngineError> {
        let stages = self.store().stages(scope, campaign_id).await?;
        let agents = self.agents_of(scope, &stages).await?;
        let mut bots = self.store().integrations_of_kind(scope, IntegrationKind::Telegram.as_str()).await?;
        for stage in &stages {
            let telegram = |choice: &Choice| choice.channel == ChannelKind::Telegram.as_str();
            for choice in choices::all(stage, &agents)?.into_iter().filter(telegram) {
                if let Some(place) = bots.iter().position(|bot| Some(bot.id) == choice.integration_id) {
                    return Ok(Some(bots.swap_remove(place)));
                }
            }
        }
        Ok(bots.pop().filter(|_| bots.is_empty()))
    }

    /// Whether the token is one of ours, and unsubscribing by it would do something.
    pub fn knows_unsubscribe_token(&self, token: &str) -> bool {
        id_of(self, UNSUBSCRIBE, token, "").is_some()
    }

    /// Does what the link says; false where it is none of ours. Somebody who is gone already is no error.
    pub async fn unsubscribe(&self, token: &str) -> Result<bool, EngineError> {
        let Some(id) = id_of(self, UNSUBSCRIBE, token, "") else { return Ok(false) };
        let Some(row) = self.store().communication_of_link(id).await? else { return Ok(true) };
        let scope = Scope(row.tenant_id);
        let Some(contact) = self.store().contact(scope, row.contact_id).await? else { return Ok(true) };
        let mail = ChannelKind::parse(&row.channel)
            .is_some_and(|kind| matches!(kind, ChannelKind::EmailNotification | ChannelKind::EmailCommunication));
        let addresses = suppressing::addresses(&contact);
        for address in addresses.into_iter().filter(|address| !mail || address.contains('@')) {
            self.suppress(scope, address, None, "the contact unsubscribed").await?;
        }
        Ok(true)
    }
}

/// Whether any template of these settings has the link to a bot in it.
pub(crate) fn asks_for_bot(settings: &Map<String, Value>) -> bool {
    settings.values().any(|value| value.to_string().contains("telegram_url"))
}

/// The contact of a token that [`Engine::join_token`] made for this integration.
pub(crate) fn contact_of(engine: &Engine, integration_id: Uuid, token: &str) -> Option<Uuid> {
    id_of(engine, JOIN, token, &integration_id.to_string())
}

fn token(engine: &Engine, purpose: &str, id: Uuid, place: &str) -> String {
    format!("{}{}", id.simple(), proof(engine, purpose, id, place))
}

fn id_of(engine: &Engine, purpose: &str, token: &str, place: &str) -> Option<Uuid> {
    let (id, given) = token.split_at_checked(32)?;
    let id = Uuid::try_parse(id).ok()?;
    // Hashes of both are compared, so that the time says nothing about where they differ.
    let (given, right) = (blake3::hash(given.as_bytes()), blake3::hash(proof(engine, purpose, id, place).as_bytes()));
    (given == right).then_some(id)
}

fn proof(engine: &Engine, purpose: &str, id: Uuid, place: &str) -> String {
    let key = engine.vault().derive_key(purpose);
    let hash = blake3::keyed_hash(&key, format!("{id} {place}").as_bytes());
    hash.to_hex().chars().take(PROOF).collect()
}
