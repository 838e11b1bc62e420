//! How long to wait before a step is tried again.

use std::time::Duration;

/// Exponential back-off with jitter (the wait is uniform between half of the ceiling and the ceiling), so that many steps
/// that failed together do not come back together, and none comes back at once.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// Ceiling of the first wait.
    pub first: Duration,
    /// Ceiling of every later wait.
    pub longest: Duration,
    /// Attempts in all, the first included.
    pub attempts: u32,
}

impl Backoff {
    /// For sends and for failures of our own parts: five minutes at first, which outlasts greylisting, up to six hours.
    pub const SEND: Self =
        Self { first: Duration::from_secs(300), longest: Duration::from_secs(6 * 3600), attempts: 10 };

    /// For an integration that is at fault: a look every minute at first, then every hour, for three days.
    pub const MISCONFIGURED: Self =
        Self { first: Duration::from_secs(60), longest: Duration::from_secs(3600), attempts: 80 };

    /// For steps that touch only our own data.
    pub const INTERNAL: Self = Self { first: Duration::from_secs(2), longest: Duration::from_secs(600), attempts: 10 };

    /// The wait after `attempt` attempts (1 for the first), with `random` uniform over all numbers; none where no attempt
    /// is left.
    pub fn after(&self, attempt: u32, random: u64) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let ceiling = self.first.saturating_mul(1 << attempt.saturating_sub(1).min(20)).min(self.longest);
        let half = ceiling.as_millis() as u64 / 2;
        Some(Duration::from_millis(half + random % (half + 1)))
    }
}
