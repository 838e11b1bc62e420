use std::sync::atomic::AtomicU64;

use prometheus_client::{
    metrics::gauge::Gauge,
    registry::{Registry, Unit},
};
use stratagem_domain::clock::{Clock, SystemClock};

/// Figures of the process, under the names that all programs have them under.
pub(super) struct Process {
    resident_memory: Gauge,
}

impl Process {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let to = registry.sub_registry_with_prefix("process");
        let (resident_memory, start_time) = (Gauge::default(), Gauge::<f64, AtomicU64>::default());
        // Of the machine's clock, not of the campaigns'.
        start_time.set(SystemClock.now_ms() as f64 / 1e3);
        to.register_with_unit("resident_memory", "Resident memory", Unit::Bytes, resident_memory.clone());
        to.register_with_unit("start_time", "When the server started, since 1970", Unit::Seconds, start_time);
        Self { resident_memory }
    }

    pub(super) fn measure(&self) {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        self.resident_memory.set(resident(&status).unwrap_or(0));
    }
}

/// Bytes of `VmRSS`, which Linux gives in KiB.
fn resident(status: &str) -> Option<i64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<i64>().ok()?.checked_mul(1024)
}
