use stratagem_domain::strategy::Limits;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::interfaces;
use crate::interfaces::random::RunRandom;
use crate::limits::Limiter;
use crate::log::SharedLog;
use crate::sandbox::Moment;

/// Handles to host resources (streams, pollables) that one run may hold at a time.
const MAX_RESOURCES: usize = 1_000;

/// All that the host keeps for one run. It lives as long as the run's store.
pub(crate) struct RunState {
    pub(crate) log: SharedLog,
    pub(crate) random: RunRandom,
    pub(crate) limiter: Limiter,
    wasi: WasiCtx,
    resources: ResourceTable,
}

impl RunState {
    pub(crate) fn new(at: &Moment<'_>, limits: &Limits) -> Self {
        let log = SharedLog::new(limits);
        let mut resources = ResourceTable::new();
        resources.set_max_capacity(MAX_RESOURCES);
        Self {
            random: RunRandom::new(at.seed),
            limiter: Limiter::new(limits.memory_bytes),
            wasi: interfaces::wasi::context(at.now, &log),
            log,
            resources,
        }
    }
}

impl WasiView for RunState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.resources }
    }
}
