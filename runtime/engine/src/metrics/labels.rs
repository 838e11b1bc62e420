//! What figures are told apart by.

use prometheus_client::encoding::EncodeLabelSet;

macro_rules! labels {
    ($($(#[doc = $doc:literal])* $name:ident { $($field:ident),+ })+) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
        pub(super) struct $name {
            $(pub(super) $field: &'static str,)+
        }
    )+};
}

labels! {
    /// `steps` or `nothing`.
    Found { found }
    /// A kind of step.
    Kind { kind }
    /// A kind of step in a state.
    KindState { kind, state }
    /// A kind of step that ended as `done`, `again` or `dead`.
    Ended { kind, ending }
    /// A type of strategy.
    Hook { hook }
    /// A type of strategy, and what came of its run.
    Decision { hook, outcome }
    /// A channel.
    Channel { channel }
    /// A channel, and what came of a message.
    Send { channel, outcome }
    /// A channel, and why nobody knows: `no_answer` or `crash`.
    Cause { channel, cause }
    /// `applied`, `fenced` or `changed`.
    Verdict { verdict }
    /// `created`, `updated` or `rejected`.
    Outcome { outcome }
    /// A pool of connections.
    Pool { pool }
    /// A pool's connections that are `in_use` or `idle`.
    PoolState { pool, state }
}
