//! Two ways of doing the same, in turns.

use std::time::Duration;

/// How long each way has taken so far.
#[derive(Default)]
pub(crate) struct Ratio {
    pub(crate) raw: Duration,
    pub(crate) store: Duration,
}

impl Ratio {
    pub(crate) fn print(&self, database: &str, what: &str, rows: u64) {
        let a_second = |took: Duration| rows as f64 / took.as_secs_f64();
        let (raw, store) = (a_second(self.raw), a_second(self.store));
        println!("  {database:<11} {what:<44} raw {raw:>8.0}   store {store:>8.0}   ratio {:>5.2}", store / raw);
    }
}

impl std::ops::Add for Ratio {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { raw: self.raw + other.raw, store: self.store + other.store }
    }
}
