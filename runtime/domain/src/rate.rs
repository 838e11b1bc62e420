//! Rate limits: so many messages in so many seconds.
//!
//! A bucket of tokens is one number, the moment at which it will be full again (the generic cell rate algorithm): each token taken
//! moves it by one interval. That is one row to lock and one number to write, exact across restarts and processes.

use serde::{Deserialize, Serialize};

/// A limit: `sends` in `per_s` seconds, spread evenly, after a burst of at most `burst`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many.
    pub sends: u32,
    /// In how many seconds.
    pub per_s: u32,
    /// How many at once after a rest; without it as many as a second allows, at least one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
}

impl Rate {
    /// What is wrong with it, in plain words; it names the field.
    pub fn check(&self) -> Result<(), String> {
        const MOST: u32 = 1_000_000;
        const LONGEST: u32 = 30 * 24 * 3600;
        if !(1..=MOST).contains(&self.sends) {
            return Err(format!("sends must be 1 to {MOST}"));
        }
        if !(1..=LONGEST).contains(&self.per_s) {
            return Err(format!("per_s must be 1 to {LONGEST}"));
        }
        if self.burst.is_some_and(|burst| !(1..=MOST).contains(&burst)) {
            return Err(format!("burst must be 1 to {MOST}"));
        }
        Ok(())
    }

    /// How many tokens there are now. Times are microseconds of real time.
    pub fn available(&self, full_at_us: i64, now_us: i64) -> u64 {
        let missing = self.sane(full_at_us, now_us) - now_us;
        u64::try_from((self.capacity_us() - missing) / self.interval_us()).unwrap_or(0)
    }

    /// The bucket as it has to be stored anew, where it is emptier than empty: a clock that went back, or a rate that was raised,
    /// makes it that, and left so it would be empty until the clock has caught up.
    pub fn corrected(&self, full_at_us: i64, now_us: i64) -> Option<i64> {
        let sane = self.sane(full_at_us, now_us);
        (sane < full_at_us).then_some(sane)
    }

    /// When a bucket that has none has a few again: one, or what a tenth of a second brings, so that fast ones are
    /// served in batches.
    pub fn ready_at(&self, full_at_us: i64, now_us: i64) -> i64 {
        let few = (100_000 / self.interval_us()).clamp(1, self.burst());
        self.sane(full_at_us, now_us) - self.capacity_us() + few * self.interval_us()
    }

    /// The bucket after `count` tokens were taken from it.
    pub fn take(&self, full_at_us: i64, now_us: i64, count: u64) -> i64 {
        self.sane(full_at_us, now_us).saturating_add(self.cost_us(count))
    }

    /// The bucket after `count` tokens were given back to it.
    pub fn give_back(&self, full_at_us: i64, count: u64) -> i64 {
        full_at_us.saturating_sub(self.cost_us(count))
    }

    fn cost_us(&self, count: u64) -> i64 {
        i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(self.interval_us())
    }

    fn burst(&self) -> i64 {
        i64::from(self.burst.unwrap_or_else(|| self.sends.div_ceil(self.per_s.max(1))).max(1))
    }

    fn interval_us(&self) -> i64 {
        (i64::from(self.per_s) * 1_000_000 / i64::from(self.sends.max(1))).max(1)
    }

    fn capacity_us(&self) -> i64 {
        self.burst().saturating_mul(self.interval_us())
    }

    /// Never fuller than full, nor emptier than empty.
    fn sane(&self, full_at_us: i64, now_us: i64) -> i64 {
        full_at_us.clamp(now_us, now_us.saturating_add(self.capacity_us()))
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} in {} s", self.sends, self.per_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    /// Takes what there is at each moment, and says how much that was in all.
    fn drain(rate: Rate, moments: impl Iterator<Item = i64>) -> i64 {
        let mut full_at = 0;
        moments
            .map(|now| {
                let count = rate.available(full_at, now);
                full_at = rate.take(full_at, now, count);
                i64::try_from(count).unwrap()
            })
            .sum()
    }

    #[test]
    fn a_clock_that_went_back_holds_nobody_up_for_longer_than_an_empty_bucket() {
        let rate = Rate { sends: 1, per_s: 2, burst: Some(3) };
        let full_at = rate.take(0, 700 * SECOND, 1);
        assert_eq!(rate.corrected(full_at, 700 * SECOND), None);
        let corrected = rate.corrected(full_at, 100 * SECOND).unwrap();
        let ready_at = rate.ready_at(corrected, 100 * SECOND);
        assert!(rate.available(corrected, ready_at) > 0 && ready_at <= 102 * SECOND, "{ready_at}");
        assert_eq!(rate.available(corrected, 106 * SECOND), 3);
    }

    #[test]
    fn no_more_than_the_rate_and_one_burst_leave_however_often_somebody_looks() {
        for (sends, per_s, burst) in [(1, 6, None), (10, 60, None), (7, 3, Some(20)), (500, 1, None), (3, 1, Some(1))] {
            let rate = Rate { sends, per_s, burst };
            for step in [1_000, 333_333, 2 * SECOND] {
                let span = 600 * SECOND;
                let sent = drain(rate, (0..span / step).map(|n| n * step));
                let allowed = 600 * i64::from(sends) / i64::from(per_s) + rate.burst();
                assert!(sent <= allowed, "{rate}: {sent} of {allowed}");
                let possible = rate.burst() * (span / step).min(600);
                // Whoever looks late loses a little.
                assert!(sent >= (allowed - rate.burst()).min(possible) * 9 / 10, "{rate} every {step} µs: {sent}");
            }
        }
    }

    #[test]
    fn an_empty_bucket_says_when_to_come_back_and_then_has_some() {
        for rate in [Rate { sends: 1, per_s: 6, burst: None }, Rate { sends: 2_000, per_s: 1, burst: Some(50) }] {
            let now = 1_000 * SECOND;
            let all = rate.available(0, now);
            let full_at = rate.take(0, now, all);
            assert_eq!(rate.available(full_at, now), 0);
            let ready = rate.ready_at(full_at, now);
            assert!(ready > now && rate.available(full_at, ready) >= 1, "{rate}");
            assert_eq!(rate.available(rate.give_back(full_at, all), now), all, "what was given back is there");
        }
    }

    #[test]
    fn a_clock_that_goes_back_an_hour_stops_nothing_for_an_hour() {
        let rate = Rate { sends: 1, per_s: 6, burst: None };
        let full_at = rate.take(0, 3_600 * SECOND, 1);
        assert_eq!(rate.available(full_at, 0), 0);
        assert_eq!(rate.ready_at(full_at, 0), 6 * SECOND);
    }
}
