//! Randomness as an argument.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, Utc};
use rand::{RngCore, SeedableRng, rngs::StdRng};
use uuid::{Builder, Uuid};

/// A source of random bytes, good enough for tokens.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);

    /// A random number.
    fn next_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A number that rises with each call, from a random start.
    fn sequence(&self) -> u64;

    /// A new id: UUIDv7, so that ids sort by the time of their making. Within a millisecond, which on a jumping clock may
    /// hold a whole campaign, a counter keeps the order (RFC 9562, 6.2, method 1); four random bytes follow it.
    fn id(&self, now: DateTime<Utc>) -> Uuid {
        let count = self.sequence();
        let mut bytes = [0; 10];
        self.fill(&mut bytes[6..]);
        // The top four bits of the first byte and the top two of the third belong to version and variant.
        bytes[..2].copy_from_slice(&((count >> 30) as u16).to_be_bytes());
        bytes[2..6].copy_from_slice(&((count & 0x3fff_ffff) as u32).to_be_bytes());
        let ms = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(ms, &bytes).into_uuid()
    }
}

/// A generator with its counter.
struct Generator {
    bytes: Mutex<StdRng>,
    count: AtomicU64,
}

impl Generator {
    fn new(mut bytes: StdRng) -> Self {
        // A start in the lower half of the counter's 42 bits leaves room for two million million ids.
        let count = AtomicU64::new(bytes.next_u64() >> 23);
        Self { bytes: Mutex::new(bytes), count }
    }
}

impl Random for Generator {
    fn fill(&self, bytes: &mut [u8]) {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }

    fn sequence(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }
}

/// Randomness that is seeded by the operating system. Fails where it gives none.
#[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
pub fn system() -> Result<Arc<dyn Random>, getrandom::Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    Ok(Arc::new(Generator::new(StdRng::from_seed(seed))))
}

/// Spreads a number's bits: numbers that are near to each other have results that are not (SplitMix64's finaliser, by Steele,
/// Lea and Flood, 2014). No secret is safe behind it.
pub fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// The same bytes each time, for tests and simulations.
pub fn seeded(seed: u64) -> Arc<dyn Random> {
    Arc::new(Generator::new(StdRng::seed_from_u64(seed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_millisecond_keep_their_order() {
        let random = seeded(7);
        let ids: Vec<Uuid> = (0..10_000).map(|_| random.id(DateTime::UNIX_EPOCH)).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}
