//! Times of the same thing, taken many times.

use std::time::Duration;

/// The times, and how long all of it took: less than their sum where several went on at once.
#[derive(Default)]
pub(crate) struct Series {
    walls: Vec<Duration>,
    elapsed: Duration,
}

impl Series {
    /// Adds one that was taken alone.
    pub(crate) fn add(&mut self, wall: Duration) {
        self.add_all([wall], wall);
    }

    /// Adds some that took so long together.
    pub(crate) fn add_all(&mut self, walls: impl IntoIterator<Item = Duration>, elapsed: Duration) {
        self.walls.extend(walls);
        self.elapsed += elapsed;
    }

    pub(crate) fn median(&self) -> Duration {
        self.quantile(0.5)
    }

    pub(crate) fn p99(&self) -> Duration {
        self.quantile(0.99)
    }

    pub(crate) fn a_second(&self) -> f64 {
        self.walls.len() as f64 / self.elapsed.as_secs_f64()
    }

    pub(crate) fn len(&self) -> usize {
        self.walls.len()
    }

    /// Zero where there is none.
    fn quantile(&self, q: f64) -> Duration {
        let mut walls = self.walls.clone();
        walls.sort_unstable();
        let index = (walls.len().saturating_sub(1) as f64 * q).round() as usize;
        walls.get(index).copied().unwrap_or_default()
    }
}
