//! Time that the story moves.

use chrono::{DateTime, Utc};
use stratagem_domain::clock::{Clock, JumpingClock};

/// Stands still until somebody moves it. Unlike the jumping clock it hides that it can be moved, so the scheduler does not.
pub(crate) struct HandClock(JumpingClock);

impl HandClock {
    pub(crate) fn new(start: DateTime<Utc>) -> Self {
        Self(JumpingClock::new(start))
    }

    pub(crate) fn advance(&self, by: chrono::Duration) {
        self.0.jump_to((self.0.now() + by).timestamp_millis());
    }
}

impl Clock for HandClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }
}
