//! Reading the integrations that have to be asked: mailboxes, and bots without a webhook. One process at a time reads each.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use stratagem_channels::PollError;
use stratagem_domain::channel::IntegrationKind;
use stratagem_store::{Scope, entities::integration};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::{Engine, EngineError};

/// How often new integrations are looked for.
const LOOK: Duration = Duration::from_secs(2);
/// How long one question waits for something new.
const WAIT: Duration = Duration::from_secs(25);
/// How long a reader may be silent before another process reads, in milliseconds of real time.
const LEASE_MS: i64 = 90_000;
/// The rest after a failure: twice as long each time, up to this.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// Sees to it that every integration that has to be read is being read.
pub(crate) async fn run(engine: Engine, worker: String) {
    let mut readers: HashMap<(Uuid, i64), JoinHandle<()>> = HashMap::new();
    loop {
        match wanted(&engine).await {
            Ok(rows) => {
                readers.retain(|key, reader| {
                    let stays = !reader.is_finished() && rows.iter().any(|row| (row.id, row.version) == *key);
                    if !stays {
                        reader.abort();
                    }
                    stays
                });
                for row in rows {
                    let read = || tokio::spawn(read(engine.clone(), row.clone(), worker.clone()));
                    readers.entry((row.id, row.version)).or_insert_with(read);
                }
            }
            Err(error) => tracing::error!(%error, "integrations could not be looked for"),
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn wanted(engine: &Engine) -> Result<Vec<integration::Model>, EngineError> {
    let kinds = [IntegrationKind::Imap, IntegrationKind::Telegram].map(IntegrationKind::as_str);
    let mut rows = engine.store().integrations_of_kinds(&kinds).await?;
    rows.retain(|row| {
        let provider = IntegrationKind::parse(&row.kind).and_then(|kind| engine.channels().provider(kind));
        let opened = engine.unseal(row.clone());
        provider.zip(opened.ok()).is_some_and(|(provider, integration)| provider.polls(&integration))
    });
    Ok(rows)
}

async fn read(engine: Engine, row: integration::Model, worker: String) {
    let mut rest = Duration::from_secs(1);
    loop {
        let began = Instant::now();
        match once(&engine, &row, &worker).await {
            Ok(true) => rest = Duration::from_secs(1),
            Ok(false) => tokio::time::sleep(LOOK).await,
            Err(error) => {
                tracing::warn!(integration = %row.id, kind = row.kind, %error, "an integration cannot be read");
                tokio::time::sleep(rest).await;
                rest = (rest * 2).min(LONGEST_REST);
            }
        }
        if began.elapsed() < Duration::from_millis(10) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// One question; false where another process reads.
async fn once(engine: &Engine, row: &integration::Model, worker: &str) -> Result<bool, EngineError> {
    let real_now_ms = engine.real_ms();
    let leased = engine.store().lease_fetch(row, worker, real_now_ms, real_now_ms + LEASE_MS).await?;
    let Some(cursor) = leased else { return Ok(false) };
    let integration = engine.unseal(row.clone())?;
    let Some(provider) = engine.channels().provider(integration.kind) else { return Ok(false) };
    let polled = provider.poll(&integration, cursor.as_deref(), WAIT).await.map_err(|error| match error {
        PollError::Passing(reason) | PollError::Misconfigured(reason) => EngineError::Internal(reason),
    })?;
    // Stored before the cursor moves: what is told again is known by its id.
    for event in polled.events {
        engine.take_in(row, event).await?;
    }
    if cursor.as_deref() != Some(&polled.cursor) {
        engine.store().fetched(Scope(row.tenant_id), row, worker, &polled.cursor).await?;
    }
    Ok(true)
}
