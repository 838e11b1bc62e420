//! Integrations with their secrets opened, for the moment of a send.

use std::collections::HashMap;

use stratagem_channels::Integration;
use stratagem_domain::channel::IntegrationKind;
use stratagem_store::{Scope, entities::integration};
use uuid::Uuid;

use crate::{Engine, EngineError, documents::object};

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
        })
    }
}
