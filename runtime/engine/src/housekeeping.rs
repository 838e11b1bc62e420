//! Forgets what has been kept long enough, and says what a person has to know.

use std::time::Duration;

use stratagem_store::StoreError;

use crate::{Engine, EngineError};

/// Between two rounds, on real time.
const EVERY: Duration = Duration::from_secs(600);
/// Files are looked through in one of so many rounds: an object store asks money for each list.
const ROUNDS_BETWEEN_SWEEPS: u64 = 6;
/// How long answers to requests that named themselves are kept, on real time.
const KEEP_ANSWERS_MS: i64 = DAY_MS;
/// How long events are kept, on the campaigns' clock: who was away for longer reads everything afresh.
const KEEP_EVENTS_MS: i64 = DAY_MS;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// How many days things are kept; 0 is for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// What runs were given, logged and were answered, and what was said in conversations. What came of them is kept with their
    /// campaign.
    pub runs_days: u32,
    /// Steps that are over; those that were given up on are kept until somebody sees to them.
    pub steps_days: u32,
    /// What was wrong with rows of imports.
    pub receipts_days: u32,
}

impl Default for Keep {
    fn default() -> Self {
        Self { runs_days: 30, steps_days: 7, receipts_days: 90 }
    }
}

/// How much was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Runs that lost their input, logs and transcript.
    pub runs: u64,
    /// Messages of conversations that have ended.
    pub messages: u64,
    /// Steps.
    pub steps: u64,
    /// Receipts of imports.
    pub receipts: u64,
    /// Answers to requests that named themselves.
    pub answers: u64,
    /// Rate limits of which nothing is used.
    pub buckets: u64,
    /// Events, and recordings to which nobody listens any more.
    pub events: u64,
}

/// Does a round now and then, until the task is aborted.
pub(crate) async fn run(engine: Engine) {
    for round in 0_u64.. {
        remind_of_held_sends(&engine).await;
        forget(&engine).await;
        if round.is_multiple_of(ROUNDS_BETWEEN_SWEEPS) {
            sweep(&engine).await;
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn remind_of_held_sends(engine: &Engine) {
    match engine.store().sends_held().await {
        Ok(Some(reason)) => tracing::warn!(reason, "no message is sent: release them with `stratagem steps release`"),
        Ok(None) => {}
        Err(error) => tracing::error!(%error, "whether sends are held is not known"),
    }
}

async fn forget(engine: &Engine) {
    match engine.forget_old().await {
        Ok(forgotten) if forgotten == Forgotten::default() => {}
        Ok(Forgotten { runs, messages, steps, receipts, answers, buckets, events }) => {
            tracing::info!(runs, messages, steps, receipts, answers, buckets, events, "old rows were forgotten");
        }
        Err(error) => tracing::error!(%error, "old rows could not be forgotten; the next round goes on"),
    }
}

async fn sweep(engine: &Engine) {
    match engine.sweep_files().await {
        Ok(0) => {}
        Ok(files) => tracing::info!(files, "files that nothing refers to were removed"),
        Err(error) => tracing::error!(%error, "old files could not be removed; a later round goes on"),
    }
}

impl Engine {
    /// Forgets what has been kept long enough. Several processes may do so at the same time.
    pub async fn forget_old(&self) -> Result<Forgotten, EngineError> {
        let (store, keep, now_ms) = (self.store(), self.0.parts.keep, self.clock().now_ms());
        let mut forgotten = Forgotten::default();
        if let Some(before_ms) = before(now_ms, keep.runs_days) {
            forgotten.runs = all(|| store.forget_runs(before_ms)).await?;
            forgotten.messages = all(|| store.forget_messages(before_ms)).await?;
        }
        if let Some(before_ms) = before(now_ms, keep.steps_days) {
            let mut after = Some(0);
            while let Some(position) = after {
                let (steps, next) = store.forget_steps(before_ms, position).await?;
                (forgotten.steps, after) = (forgotten.steps + steps, next);
            }
        }
        if let Some(before_ms) = before(now_ms, keep.receipts_days) {
            forgotten.receipts = all(|| store.forget_receipts(before_ms)).await?;
        }
        let real_now_ms = self.real_ms();
        // A request without an answer may still be under way; after a day it is not.
        let before_ms = real_now_ms.saturating_sub(KEEP_ANSWERS_MS);
        forgotten.answers = store.purge_idempotency_keys(before_ms, before_ms).await?;
        forgotten.buckets = all(|| store.purge_rate_buckets(real_now_ms)).await?;
        forgotten.events = all(|| store.forget_events(real_now_ms, now_ms.saturating_sub(KEEP_EVENTS_MS))).await?;
        Ok(forgotten)
    }
}

/// Batch after batch, until one is empty.
async fn all<F: Future<Output = Result<u64, StoreError>>>(batch: impl Fn() -> F) -> Result<u64, StoreError> {
    let mut sum = 0;
    loop {
        match batch().await? {
            0 => return Ok(sum),
            count => sum += count,
        }
    }
}

/// The moment before which things are forgotten; none where they are kept for ever.
fn before(now_ms: i64, days: u32) -> Option<i64> {
    (days > 0).then(|| now_ms.saturating_sub(i64::from(days).saturating_mul(DAY_MS)))
}
