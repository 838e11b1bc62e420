//! Integrations with their secrets opened, for the moment of a send.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use stratagem_channels::{Integration, Keeper, Kept};
use stratagem_domain::channel::IntegrationKind;
use stratagem_store::{Scope, Store, StoreError, entities::integration};
use uuid::Uuid;

use crate::{Engine, EngineError, Vault, documents::object};

/// How long to wait before a secret is stored again that could not be.
const PAUSE: Duration = Duration::from_secs(1);

impl Engine {
    /// The integration of that id, ready to send through; none where the tenant has none of it.
    pub async fn open_integration(&self, scope: Scope, id: Uuid) -> Result<Option<Integration>, EngineError> {
        let Some(row) = self.store().integration(scope, id).await? else { return Ok(None) };
        self.unseal(row).map(Some)
    }

    /// The integration with its secrets opened.
    pub(crate) fn unseal(&self, row: integration::Model) -> Result<Integration, EngineError> {
        let kind = IntegrationKind::parse(&row.kind).ok_or_else(|| {
            EngineError::Internal(format!("integration {} has the unknown kind `{}`", row.id, row.kind))
        })?;
        let mut secrets = HashMap::new();
        for (name, sealed) in object(&row.secrets) {
            let secret = self.vault().open(row.tenant_id, row.id, &name, sealed.as_str().unwrap_or_default()).map_err(
                |error| EngineError::Internal(format!("secret `{name}` of integration {}: {error}", row.id)),
            )?;
            secrets.insert(name, secret);
        }
        Ok(Integration {
            id: row.id.to_string(),
            version: u64::try_from(row.version).unwrap_or(0),
            kind,
            settings: object(&row.settings),
            secrets,
            kept: Kept(Some(Arc::new(Secrets {
                store: self.store().clone(),
                vault: self.vault().clone(),
                tenant: row.tenant_id,
                id: row.id,
            }))),
        })
    }
}

/// An integration's secrets in the database. Connections hold on to it, so it holds no engine, which holds the connections.
struct Secrets {
    store: Store,
    vault: Vault,
    tenant: Uuid,
    id: Uuid,
}

impl Secrets {
    async fn row(&self) -> Result<integration::Model, String> {
        let row = self.store.integration(Scope(self.tenant), self.id).await.map_err(|error| error.to_string())?;
        row.ok_or_else(|| "the integration is not there any more".to_owned())
    }

    fn open(&self, row: &integration::Model, name: &str) -> Result<Option<SecretString>, String> {
        let sealed = row.secrets.get(name).and_then(Value::as_str);
        let opened = sealed.map(|sealed| self.vault.open(self.tenant, self.id, name, sealed)).transpose();
        opened.map_err(|error| format!("secret `{name}`: {error}"))
    }

    /// False where the row has changed meanwhile.
    async fn try_exchange(&self, name: &str, old: &SecretString, new: &SecretString) -> Result<bool, StoreError> {
        let Some(before) = self.store.integration(Scope(self.tenant), self.id).await? else { return Ok(true) };
        let kept = self.open(&before, name).ok().flatten();
        if kept.is_none_or(|kept| kept.expose_secret() != old.expose_secret()) {
            return Ok(true);
        }
        let mut secrets = before.secrets.clone();
        secrets[name] = self.vault.seal(self.tenant, self.id, name, new).into();
        self.store.exchange_secrets(&before, secrets).await
    }
}

#[async_trait]
impl Keeper for Secrets {
    async fn read(&self, name: &str) -> Result<Option<SecretString>, String> {
        self.open(&self.row().await?, name)
    }

    async fn exchange(&self, name: &str, old: &SecretString, new: &SecretString) -> Result<(), String> {
        loop {
            match self.try_exchange(name, old, new).await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                // The old one may be worth nothing by now, and the new one is known here alone.
                Err(error) if error.is_passing() => {
                    tracing::error!(%error, integration = %self.id, "a secret could not be stored and will be tried again");
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => return Err(error.to_string()),
            }
        }
    }
}
