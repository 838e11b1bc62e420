//! `wasi:random`: bytes that look random and follow from the run's seed alone, so that a replay gets the same ones.

use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};

use crate::outcome::{HostCallLimit, grouped};

/// An endless stream of bytes: BLAKE3's extendable output over the seed. `random`, `uuid`, `secrets` and `os.urandom` of a
/// strategy all draw from it. Nothing secret may depend on it, and nothing does: a guest has no use for keys.
pub(crate) struct RunRandom {
    stream: blake3::OutputReader,
    /// Bytes that one call may ask for; libc asks for 256 at most.
    most: usize,
}

impl RunRandom {
    pub(crate) fn new(seed: u64, most: usize) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("stratagem: randomness of a run, 2026");
        Self { stream: hasher.update(&seed.to_le_bytes()).finalize_xof(), most }
    }

    fn bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        if len > self.most {
            return Err(HostCallLimit(format!(
                "{} random bytes were asked for at once, {} are allowed",
                grouped(len as u64),
                grouped(self.most as u64)
            ))
            .into());
        }
        let mut bytes = vec![0; len];
        self.stream.fill(&mut bytes);
        Ok(bytes)
    }

    fn number(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.stream.fill(&mut bytes);
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

#[cfg(test)]
mod tests {
    use wasmtime_wasi::p2::bindings::random::random::Host;

    use super::*;

    #[test]
    fn one_call_gives_so_many_bytes_and_no_more() {
        let mut random = RunRandom::new(7, 64);
        assert_eq!(random.get_random_bytes(64).unwrap().len(), 64);
        for len in [65, u64::MAX] {
            let error = random.get_random_bytes(len).unwrap_err();
            assert!(error.is::<HostCallLimit>(), "{error}");
        }
    }
}
