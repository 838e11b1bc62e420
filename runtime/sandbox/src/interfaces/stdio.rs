//! Stdout and stderr of the guest: lines of the run's log.
//!
//! Python's `print` does not come this way (the runtime replaces it); what does is what C code writes, above all the last
//! words of a process that aborts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use crate::log::{Raw, SharedLog};

/// Bytes that the guest may write at once. Small, because what is written costs the guest fuel by the call.
const PERMIT: usize = 4 << 10;

/// Bytes after which a stream is closed: its writer then fails. Far beyond what a log keeps.
const MOST: usize = 4 << 20;

/// One of the two streams.
#[derive(Clone)]
pub(crate) struct Captured {
    log: SharedLog,
    stream: Raw,
    /// Bytes written so far, through all handles of the stream.
    written: Arc<AtomicUsize>,
}

impl Captured {
    pub(crate) fn new(log: &SharedLog, stream: Raw) -> Self {
        Self { log: log.clone(), stream, written: Arc::default() }
    }
}

impl IsTerminal for Captured {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Captured {
    /// Never asked for: it belongs to WASI 0.3, which is not linked.
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for Captured {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        // A guest need not ask first what it may write.
        if bytes.len() > PERMIT || self.written.load(Ordering::Relaxed) >= MOST {
            return Err(StreamError::Closed);
        }
        self.log.raw(self.stream, &bytes);
        self.written.fetch_add(bytes.len(), Ordering::Relaxed);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        match self.written.load(Ordering::Relaxed) < MOST {
            true => Ok(PERMIT),
            false => Err(StreamError::Closed),
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Captured {
    async fn ready(&mut self) {}
}
