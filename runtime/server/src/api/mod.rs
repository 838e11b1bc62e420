//! The endpoints, one file each: `<noun>/<verb>.rs`. What the answers of a noun look like is in its `mod.rs`.

pub(crate) mod agents;
pub(crate) mod campaigns;
pub(crate) mod contacts;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod imports;
pub(crate) mod inbox;
pub(crate) mod integrations;
pub(crate) mod me;
pub(crate) mod metrics;
pub(crate) mod rates;
pub(crate) mod runs;
pub(crate) mod secrets;
pub(crate) mod sends;
pub(crate) mod sessions;
pub(crate) mod stages;
pub(crate) mod steps;
pub(crate) mod strategies;
pub(crate) mod suppressions;
pub(crate) mod tenants;
pub(crate) mod tokens;
