use std::sync::Arc;
use std::time::Instant;

use stratagem_domain::strategy::Limits;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::interfaces;
use crate::interfaces::http::HttpCalls;
use crate::interfaces::random::RunRandom;
use crate::limits::Limiter;
use crate::log::SharedLog;
use crate::outbound::Outbound;
use crate::pool::Place;
use crate::strategy::Moment;

/// All that the host keeps for one run. It lives as long as the run's store.
pub(crate) struct RunState {
    pub(crate) log: SharedLog,
    pub(crate) random: RunRandom,
    pub(crate) limiter: Limiter,
    pub(crate) http: HttpCalls,
    /// When the run's wall clock limit is over.
    pub(crate) deadline: Instant,
    /// Its place among the runs of a pool, if it has one.
    pub(crate) place: Option<Place>,
    wasi: WasiCtx,
    resources: ResourceTable,
}

impl RunState {
    pub(crate) fn new(at: &Moment<'_>, limits: &Limits, outbound: Arc<dyn Outbound>, started: Instant) -> Self {
        let log = SharedLog::new(limits);
        let mut resources = ResourceTable::new();
        resources.set_max_capacity(limits.resources);
        Self {
            random: RunRandom::new(at.seed, limits.random_bytes),
            limiter: Limiter::new(limits.memory_bytes),
            http: HttpCalls::new(outbound, limits),
            deadline: started + limits.wall(),
            place: None,
            wasi: interfaces::wasi::context(at.now, &log),
            log,
            resources,
        }
    }

    /// Whether the guest has no handle of anything of the host's: then its memory can be used by another instance.
    pub(crate) fn holds_nothing(&self) -> bool {
        self.resources.is_empty()
    }
}

impl WasiView for RunState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.resources }
    }
}
