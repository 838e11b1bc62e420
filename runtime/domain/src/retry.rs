//! How long to wait before a step is tried again.

use std::time::Duration;

/// Exponential back-off with jitter (the wait is uniform between half of the ceiling and the ceiling), so that many steps
/// that failed together do not come back together, and none comes back at once.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// Ceiling of the first wait.
    pub first: Duration,
    /// By how much the ceiling grows from one wait to the next.
    pub factor: u32,
    /// Ceiling of every later wait.
    pub longest: Duration,
    /// Attempts in all, the first included.
    pub attempts: u32,
}

impl Backoff {
    /// For sends and for failures of our own parts: five minutes at first, which outlasts greylisting, up to six hours.
    pub const SEND: Self =
        Self { first: Duration::from_secs(300), factor: 2, longest: Duration::from_secs(6 * 3600), attempts: 10 };

    /// For an integration that is at fault: a look every minute at first, then every hour, for three days.
    pub const MISCONFIGURED: Self =
        Self { first: Duration::from_secs(60), factor: 2, longest: Duration::from_secs(3600), attempts: 80 };

    /// For steps that touch only our own data.
    pub const INTERNAL: Self =
        Self { first: Duration::from_secs(2), factor: 2, longest: Duration::from_secs(600), attempts: 10 };

    /// For too many messages to one contact in a short time: 4^n seconds after the n-th attempt (Meta, error 131056), and up to as
    /// much again, so that several messages to the contact do not meet again.
    pub const PAIR: Self =
        Self { first: Duration::from_secs(8), factor: 4, longest: Duration::from_secs(6 * 3600), attempts: 10 };

    /// The wait after `attempt` attempts (1 for the first), with `random` uniform over all numbers; none where no attempt
    /// is left.
    pub fn after(&self, attempt: u32, random: u64) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let growth = self.factor.saturating_pow(attempt.saturating_sub(1));
        let ceiling = self.first.saturating_mul(growth).min(self.longest);
        let half = ceiling.as_millis() as u64 / 2;
        Some(Duration::from_millis(half + random % (half + 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_that_got_too_much_gets_four_times_as_long_a_pause_each_time() {
        for (attempt, seconds) in [(1, 4), (2, 16), (3, 64), (4, 256), (5, 1024)] {
            for random in [0, 1, 777_777, u64::MAX] {
                let wait = Backoff::PAIR.after(attempt, random).unwrap().as_secs_f64();
                assert!((f64::from(seconds)..=f64::from(2 * seconds)).contains(&wait), "{attempt} {random}: {wait}");
            }
        }
        assert_eq!(Backoff::PAIR.after(9, u64::MAX / 2).unwrap().max(Backoff::PAIR.longest), Backoff::PAIR.longest);
        assert_eq!(Backoff::PAIR.after(10, 0), None);
    }
}
