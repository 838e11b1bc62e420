use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value};
use stratagem_domain::rate::Rate;
use stratagem_engine::Engine;
use stratagem_store::entities::integration;
use utoipa::ToSchema;

use super::{Integration, check, kind, set_secrets};
use crate::{
    answer::Created,
    api::rates,
    auth::CanAdminister,
    error::{Faults, Problem},
    extract::{Body, name},
};

/// An integration to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewIntegration {
    /// Its name.
    name: String,
    /// `smtp`, `imap`, `whatsapp_meta`, `whatsapp_bird`, `telegram`, `twilio`, `sip` or `llm`.
    #[schema(example = "smtp")]
    kind: String,
    /// For `smtp`: `host`, `port`, `tls` (`none`, `starttls` or `tls`), `from`, `reply_domain?`; for `imap`: `host`, `port`, `tls`, `mailbox?`. Both
    /// take `"auth": "xoauth2"` for accounts at Google or Microsoft that have no password, with `token_url`, `client_id` and `scope?`.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"host": "mail.example.com", "port": 587, "tls": "starttls", "from": "Ann <ann@example.com>"}))]
    settings: Map<String, Value>,
    /// For `smtp`: `username?`, `password?`; for `imap`: `username`, `password`; with `xoauth2` for both `username`, `refresh_token` and
    /// `client_secret?`, or `client_secret` alone. Written, never read back.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"username": "ann", "password": "…"}))]
    secrets: Map<String, Value>,
    /// Limit of all that is sent through it: `sends` in `per_s` seconds, and at most `burst` at once; without it what the provider
    /// is known to allow, or no limit.
    #[schema(value_type = Option<Object>, example = json!({"sends": 10, "per_s": 60, "burst": 2}))]
    send_rate: Option<Rate>,
    /// Limit of what one contact gets through it: `sends` in `per_s` seconds, and at most `burst` at once; without it what the
    /// provider is known to allow, or no limit.
    #[schema(value_type = Option<Object>, example = json!({"sends": 10, "per_s": 60, "burst": 2}))]
    pair_rate: Option<Rate>,
}

/// Make an integration
///
/// Settings are checked and secrets sealed before anything is stored. `POST /integrations/{id}/test` tries it.
#[utoipa::path(post, path = "/integrations", tag = "integrations", request_body = NewIntegration,
    responses((status = 201, body = Integration)))]
pub(crate) async fn create_integration(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    Body(new): Body<NewIntegration>,
) -> Result<Created<Integration>, Problem> {
    let mut faults = Faults::default();
    let name = faults.check("name", name(&new.name));
    let kind = faults.check("kind", kind(&new.kind));
    let send_rate = rates::stored("send_rate", new.send_rate, &mut faults);
    let pair_rate = rates::stored("pair_rate", new.pair_rate, &mut faults);
    faults.finish()?;
    // What the provider is known to allow holds where the tenant says nothing else.
    let known = kind.and_then(|kind| engine.channels().provider(kind));
    let known = known.map(|provider| provider.rates(&new.settings)).unwrap_or_default();
    let (send_rate, pair_rate) = (send_rate.or(rates::known(known.send)), pair_rate.or(rates::known(known.pair)));
    let now_ms = engine.clock().now_ms();
    let mut row = integration::Model {
        id: engine.random().id(engine.clock().now()),
        tenant_id: scope.0,
        name: name.unwrap_or_default(),
        kind: new.kind,
        settings: Value::Object(new.settings).into(),
        secrets: Value::Object(Map::new()).into(),
        send_rate,
        pair_rate,
        version: 1,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    };
    set_secrets(&engine, &mut row, new.secrets)?;
    if let Some(kind) = kind {
        check(&engine, kind, &row)?;
    }
    engine.store().insert_integration(row.clone()).await?;
    Ok(Created(row.into()))
}
