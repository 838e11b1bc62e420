use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What one run may use. A platform admin sets others than the defaults per tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Fuel to compile a source and run its top level, once per run while nothing of it is kept.
    pub load_fuel: u64,
    /// Fuel for the hook's call: about 60 ms of pure Python.
    pub run_fuel: u64,
    /// Wall clock of a whole run, load and host calls included, in milliseconds.
    pub wall_ms: u64,
    /// Linear memory of the instance, in bytes.
    pub memory_bytes: u64,
    /// A source's size, all its modules together, in bytes.
    pub source_bytes: usize,
    /// A compiled component's size, in bytes.
    pub component_bytes: usize,
    /// Sizes of all compiled components that are kept for the tenant, together, in bytes.
    pub stored_component_bytes: u64,
    /// A hook's input or output as JSON text, in bytes.
    pub contact_bytes: usize,
    /// Log lines that are kept.
    pub log_lines: usize,
    /// Bytes of log lines that are kept.
    pub log_bytes: usize,
    /// Bytes of an error's message, and of its traceback.
    pub error_bytes: usize,
    /// HTTP requests of a run.
    pub http_requests: usize,
    /// Bytes of the body of one HTTP answer.
    pub http_response_bytes: usize,
    /// Milliseconds that one HTTP request may take, redirects included.
    pub http_ms: u64,
    /// Bytes that the guest may hand to the host in one call.
    pub hostcall_bytes: usize,
    /// Handles of the component model that may be alive at a time.
    pub handles: usize,
    /// Host resources (streams, pollables) behind them.
    pub resources: usize,
    /// Random bytes that one call gives.
    pub random_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            load_fuel: 5_000_000_000,
            run_fuel: 500_000_000,
            wall_ms: 10_000,
            memory_bytes: 128 << 20,
            source_bytes: 256 << 10,
            component_bytes: 32 << 20,
            stored_component_bytes: 1 << 30,
            contact_bytes: 1 << 20,
            log_lines: 200,
            log_bytes: 64 << 10,
            error_bytes: 8 << 10,
            http_requests: 10,
            http_response_bytes: 1 << 20,
            http_ms: 5_000,
            hostcall_bytes: 2 << 20,
            handles: 1_000,
            resources: 1_000,
            random_bytes: 64 << 10,
        }
    }
}

impl Limits {
    /// Wall clock of a whole run.
    pub fn wall(&self) -> Duration {
        Duration::from_millis(self.wall_ms)
    }
}
