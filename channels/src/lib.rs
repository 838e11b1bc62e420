//! The channels: one folder each behind the [`Channel`] port, the list of them ([`Registry`]), the fake that stands in for
//! any of them ([`Memory`]), and the one conformance suite that all of them pass.
//!
//! A new channel is a folder here that passes `conformance`, and a line in `registry.rs`.

mod address_policy;
mod email_notification;
mod memory;
mod none;
mod port;
mod registry;
mod settings;
mod smtp;
mod template;

#[cfg(test)]
mod conformance;

pub use address_policy::{ALLOW_PRIVATE, AddressError, AddressPolicy, Lookup};
pub use memory::Memory;
pub use port::{Ambiguity, CONNECTIONS, Channel, Draft, Integration, PrepareError, Prepared, SendOutcome, Traits};
pub use registry::{Registry, check_integration};
