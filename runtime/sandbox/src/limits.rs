//! What an instance may hold: one linear memory up to the tenant's limit, and a bounded number of everything else.

use wasmtime::{ResourceLimiter, Result};

/// Core instances of one run; a component of Python that was not flattened has 14.
pub(crate) const INSTANCES: usize = 32;

/// Tables of one run; the Python runtime has 2.
pub(crate) const TABLES: usize = 4;

/// Elements of one table; the Python runtime's largest has some 12,000, and it never grows.
pub(crate) const TABLE_ELEMENTS: usize = 50_000;

/// Grants and refuses growth, and remembers both.
#[derive(Debug)]
pub(crate) struct Limiter {
    allowed: usize,
    peak: usize,
    refused: bool,
}

impl Limiter {
    /// A limiter for one run.
    pub(crate) fn new(memory_bytes: u64) -> Self {
        Self { allowed: usize::try_from(memory_bytes).unwrap_or(usize::MAX), peak: 0, refused: false }
    }

    /// Counts a memory that is larger when it is handed out than its type says. Refused where it is larger than allowed.
    pub(crate) fn begin_with(&mut self, bytes: usize) -> Result<()> {
        match self.memory_growing(0, bytes, None)? {
            true => Ok(()),
            false => wasmtime::bail!("the image of {bytes} bytes is larger than the memory that the run may have"),
        }
    }

    /// The most linear memory that the run has had, in bytes.
    pub(crate) fn peak(&self) -> u64 {
        self.peak as u64
    }

    /// True once growth was refused. Python then raises `MemoryError`, which the strategy may catch: so this alone does
    /// not make a run fail, but it explains why one did.
    pub(crate) fn refused(&self) -> bool {
        self.refused
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, _current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        let granted = desired <= self.allowed && maximum.is_none_or(|maximum| desired <= maximum);
        if granted {
            self.peak = self.peak.max(desired);
        } else {
            self.refused = true;
        }
        Ok(granted)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> Result<()> {
        self.refused = true;
        Ok(())
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    /// One, so that the limit on it is the limit on all linear memory.
    fn memories(&self) -> usize {
        1
    }
}
