use chrono::{DateTime, Utc};
use stratagem_domain::strategy::{Sources, StrategyType};

use crate::component::Component;

/// What is run, and as what.
#[derive(Debug, Clone, Copy)]
pub struct Strategy<'a> {
    /// Its code.
    pub code: Code<'a>,
    /// The hook that it is called as.
    pub hook: StrategyType,
}

/// The code of a strategy.
#[derive(Debug, Clone, Copy)]
pub enum Code<'a> {
    /// Python, which the Python runtime loads.
    Python {
        /// Its modules.
        sources: &'a Sources,
        /// Name of the entry point in the entry module.
        function: &'a str,
        /// What the clock shows while the modules' top level runs, which is once for all runs: when the version was made.
        loaded_at: DateTime<Utc>,
    },
    /// A component of one of the public worlds.
    Component(&'a Component),
}

/// The time and the luck of one run. With the same moment, strategy, input, limits, HTTP answers and [`crate::Sandbox::runtime_hash`]
/// a run gives the same bytes and uses the same fuel.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// What every clock of the run shows, from its beginning to its end.
    pub now: DateTime<Utc>,
    /// IANA name of the zone that local times of the run are in.
    pub time_zone: &'a str,
    /// Everything random in the run follows from it.
    pub seed: u64,
}

impl<'a> Strategy<'a> {
    /// A source strategy.
    pub fn python(sources: &'a Sources, function: &'a str, hook: StrategyType, loaded_at: DateTime<Utc>) -> Self {
        Self { code: Code::Python { sources, function, loaded_at }, hook }
    }

    /// A compiled strategy.
    pub fn component(component: &'a Component, hook: StrategyType) -> Self {
        Self { code: Code::Component(component), hook }
    }
}

/// A source strategy and all that its image depends on, beside the runtime.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) function: &'a str,
    pub(crate) hook: StrategyType,
    pub(crate) loaded_at: DateTime<Utc>,
}
