//! Time as an argument.

use std::sync::atomic::{AtomicI64, Ordering};

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
