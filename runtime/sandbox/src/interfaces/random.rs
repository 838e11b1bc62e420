//! `wasi:random`: bytes that look random and follow from the run's seed alone, so that a replay gets the same ones.

use wasmtime::bail;
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};

/// Bytes handed out by one call; libc asks for 256 at most.
const MAX_BYTES: u64 = 1 << 20;

/// An endless stream of bytes: BLAKE3's extendable output over the seed. `random`, `uuid`, `secrets` and `os.urandom` of a
/// strategy all draw from it. Nothing secret may depend on it, and nothing does: a guest has no use for keys.
pub(crate) struct RunRandom(blake3::OutputReader);

impl RunRandom {
    pub(crate) fn new(seed: u64) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("stratagem: randomness of a run, 2026");
        Self(hasher.update(&seed.to_le_bytes()).finalize_xof())
    }

    fn bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        if len > MAX_BYTES {
            bail!("{len} random bytes were asked for at once, {MAX_BYTES} are allowed");
        }
        let mut bytes = vec![0; usize::try_from(len)?];
        self.0.fill(&mut bytes);
        Ok(bytes)
    }

    fn number(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

impl random::Host for RunRandom {
    fn get_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        self.bytes(len)
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        Ok(self.number())
    }
}

impl insecure::Host for RunRandom {
    fn get_insecure_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        self.bytes(len)
    }

    fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        Ok(self.number())
    }
}

impl insecure_seed::Host for RunRandom {
    fn insecure_seed(&mut self) -> wasmtime::Result<(u64, u64)> {
        Ok((self.number(), self.number()))
    }
}
