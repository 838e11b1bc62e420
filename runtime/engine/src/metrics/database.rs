//! What is asked of the database whenever somebody looks.

use std::{
    sync::atomic::AtomicU64,
    time::{Duration, Instant},
};

use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use stratagem_domain::step::{StepKind, StepState};
use stratagem_store::{StoreError, figures::StepCount};
use tokio::{sync::Mutex, time::timeout};

use super::labels::{Kind, KindState, Pool, PoolState};
use crate::Engine;

/// A count of steps is good for this many times the time that it took, however often somebody looks: counting takes at most
/// 2% of one connection's time.
const COUNT_SHARE: u32 = 50;
/// How long the database has for an answer: less than a scrape usually may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// States that are counted: the others are of steps that are over, of which there may be millions.
const COUNTED: [StepState; 3] = [StepState::Scheduled, StepState::Claimed, StepState::Dead];

pub(super) struct Database {
    up: Gauge,
    /// Without labels; a family, so that it can be left out.
    sends_held: Family<Vec<(&'static str, &'static str)>, Gauge>,
    steps: Family<KindState, Gauge>,
    oldest_due: Family<Kind, Gauge<f64, AtomicU64>>,
    connections: Family<PoolState, Gauge>,
    most_connections: Family<Pool, Gauge>,
    /// When steps are to be counted again.
    next_count: Mutex<Option<Instant>>,
}

impl Database {
    pub(super) fn register(to: &mut Registry) -> Self {
        let made = Self {
            up: Gauge::default(),
            sends_held: Family::default(),
            steps: Family::default(),
            oldest_due: Family::default(),
            connections: Family::default(),
            most_connections: Family::default(),
            next_count: Mutex::default(),
        };
        to.register("database_up", "Whether the database answered this time", made.up.clone());
        let help = "Whether every send is held since a restore, until an operator releases them";
        to.register("sends_held", help, made.sends_held.clone());
        let help = "Steps that wait (scheduled), are claimed or were given up on (dead), those of paused campaigns included. \
                    Counted at most 2% of the time: among a million that wait, every 10 s or so";
        to.register("steps", help, made.steps.clone());
        let help = "For how long the longest waiting step has been due, on the campaigns' clock, paused campaigns left out; \
                    0 where none is due. It may be over-estimated for a moment, after steps were canceled";
        to.register_with_unit("oldest_due_step_age", help, Unit::Seconds, made.oldest_due.clone());
        to.register("database_connections", "Open connections to the database", made.connections.clone());
        let help = "As many connections to the database as there may be";
        to.register("database_connections_max", help, made.most_connections.clone());
        made
    }

    async fn measure(&self, engine: &Engine) -> Result<(), StoreError> {
        let held = engine.store().sends_held().await?.is_some();
        self.sends_held.get_or_create(&Vec::new()).set(i64::from(held));
        let now_ms = engine.clock().now_ms();
        let oldest = engine.store().oldest_due(now_ms).await?;
        for kind in StepKind::ALL.map(StepKind::as_str) {
            let due_ms = oldest.iter().find(|(of, _)| of == kind).map_or(now_ms, |(_, due_ms)| *due_ms);
            let age = Duration::from_millis(u64::try_from(now_ms - due_ms).unwrap_or(0));
            self.oldest_due.get_or_create(&Kind { kind }).set(age.as_secs_f64());
        }
        // Whoever comes while somebody counts waits for the same count.
        let mut next_count = self.next_count.lock().await;
        let began = Instant::now();
        if next_count.is_none_or(|next| next <= began) {
            self.set_steps(&engine.store().step_counts().await?);
            *next_count = Some(Instant::now() + began.elapsed() * COUNT_SHARE);
        }
        Ok(())
    }

    fn set_steps(&self, counts: &[StepCount]) {
        for kind in StepKind::ALL.map(StepKind::as_str) {
            for state in COUNTED {
                let count = counts.iter().find(|count| count.kind == kind && count.state == state);
                let steps = count.map_or(0, |count| count.steps);
                self.steps.get_or_create(&KindState { kind, state: state.as_str() }).set(steps);
            }
        }
    }

    fn set_connections(&self, engine: &Engine) {
        for pool in engine.store().connections() {
            let name = pool.pool;
            for (state, connections) in [("in_use", pool.in_use), ("idle", pool.idle)] {
                self.connections.get_or_create(&PoolState { pool: name, state }).set(i64::from(connections));
            }
            self.most_connections.get_or_create(&Pool { pool: name }).set(i64::from(pool.most));
        }
    }
}

impl Engine {
    /// Brings the figures up to date that are read from the database. Where it does not answer they are left out: old ones
    /// would look like good news.
    pub async fn measure(&self) {
        let figures = &self.metrics().database;
        figures.set_connections(self);
        let measured = match timeout(PATIENCE, figures.measure(self)).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the figures of the database are left out");
                false
            }
            Err(_) => {
                tracing::warn!("the database did not answer in time; its figures are left out");
                false
            }
        };
        figures.up.set(i64::from(measured));
        if !measured {
            figures.sends_held.clear();
            figures.steps.clear();
            figures.oldest_due.clear();
            *figures.next_count.lock().await = None;
        }
    }
}
