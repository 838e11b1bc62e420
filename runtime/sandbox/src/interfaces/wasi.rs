//! The rest of WASI: what CPython's C library imports and a strategy has no business with.
//!
//! wasmtime's implementation with everything left out: no directory, no variable, no argument, no socket, empty stdin.
//! A guest that tries gets the error that an empty machine would give.

use std::time::Duration;

use chrono::{DateTime, Utc};
use wasmtime::component::{HasData, ResourceTable};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtx, WasiView};

use super::stdio::Captured;
use crate::log::{Raw, SharedLog};
use crate::state::RunState;

/// A context for one run, whose clock stands still at `now`.
pub(crate) fn context(now: DateTime<Utc>, log: &SharedLog) -> WasiCtx {
    WasiCtx::builder()
        .wall_clock(StandingAt::new(now))
        .monotonic_clock(StandingAtZero)
        .stdout(Captured::new(log, Raw::Stdout))
        .stderr(Captured::new(log, Raw::Stderr))
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .build()
}

/// The wall clock. It does not move during a run: a decision is taken at one moment, and a replay sees the same one.
struct StandingAt(Duration);

impl StandingAt {
    /// WASI counts from 1970 on; an earlier moment becomes 1970.
    fn new(now: DateTime<Utc>) -> Self {
        Self((now - DateTime::UNIX_EPOCH).to_std().unwrap_or_default())
    }
}

impl HostWallClock for StandingAt {
    fn resolution(&self) -> Duration {
        Duration::from_micros(1)
    }

    fn now(&self) -> Duration {
        self.0
    }
}

struct StandingAtZero;

impl HostMonotonicClock for StandingAtZero {
    fn resolution(&self) -> u64 {
        1_000
    }

    fn now(&self) -> u64 {
        0
    }
}

/// Tells the linker that `wasi:io` lives in the run's resource table.
pub(crate) struct Resources;

impl HasData for Resources {
    type Data<'a> = &'a mut ResourceTable;
}

impl Resources {
    pub(crate) fn of(state: &mut RunState) -> &mut ResourceTable {
        state.ctx().table
    }
}
