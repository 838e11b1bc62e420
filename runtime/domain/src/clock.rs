//! Time as an argument.

use std::{
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use chrono::{DateTime, TimeZone, Utc};

/// Tells the campaign's time. Leases, time-outs and rate buckets run on real time instead, which is another clock.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> DateTime<Utc>;

    /// The present moment in milliseconds since 1970, as the store keeps times.
    fn now_ms(&self) -> i64 {
        self.now().timestamp_millis()
    }

    /// Whether the clock stands still until somebody moves it.
    fn as_jumping(&self) -> Option<&JumpingClock> {
        None
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Real time that no change of the machine's clock moves: it was told the time once and counts on from there. Told again, by a
/// database that several machines share, it is the time that all of them agree on.
#[derive(Debug)]
pub struct SteadyClock {
    told: RwLock<(i64, Instant)>,
}

impl SteadyClock {
    /// A clock that shows `now_ms` at this moment.
    pub fn new(now_ms: i64) -> Self {
        Self { told: RwLock::new((now_ms, Instant::now())) }
    }

    /// Tells it the time.
    pub fn set(&self, now_ms: i64) {
        *self.told.write().unwrap_or_else(PoisonError::into_inner) = (now_ms, Instant::now());
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> DateTime<Utc> {
        let (told_ms, at) = *self.told.read().unwrap_or_else(PoisonError::into_inner);
        from_ms(told_ms.saturating_add(i64::try_from(at.elapsed().as_millis()).unwrap_or(i64::MAX)))
    }
}

/// A clock that stands still and jumps to the next thing that is due, so that weeks pass in seconds: for the demo,
/// simulations and tests. It never goes back.
#[derive(Debug)]
pub struct JumpingClock {
    now_ms: AtomicI64,
}

impl JumpingClock {
    /// A clock that stands at `start`.
    pub fn new(start: DateTime<Utc>) -> Self {
        Self { now_ms: AtomicI64::new(start.timestamp_millis()) }
    }

    /// Moves the clock forward to `at_ms`; an earlier moment is ignored.
    pub fn jump_to(&self, at_ms: i64) {
        self.now_ms.fetch_max(at_ms, Ordering::SeqCst);
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> DateTime<Utc> {
        from_ms(self.now_ms.load(Ordering::SeqCst))
    }

    fn as_jumping(&self) -> Option<&JumpingClock> {
        Some(self)
    }
}

/// The moment of a stored time; one beyond chrono's range becomes its limit.
pub fn from_ms(ms: i64) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(ms).single().unwrap_or(if ms < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}
