//! The database, and nothing else knows SQL.
//!
//! One file per noun holds its queries. The durable queue is [`steps`] in [`lanes`], taken by [`claims`], and [`commit`] applies
//! the results of steps in batches. Raw SQL that differs between databases is in `dialect`. Every function that touches a tenant's rows takes
//! the tenant's [`Scope`] first.

pub mod access;
pub mod agents;
pub mod backup;
mod bulk;
pub mod campaigns;
pub mod claims;
pub mod commit;
pub mod communications;
pub mod contacts;
mod database;
pub mod dead;
pub mod deferred;
mod dialect;
pub mod entities;
pub mod events;
pub mod fetches;
pub mod figures;
pub mod files;
pub mod heard;
pub mod held;
pub mod idempotency;
pub mod identities;
pub mod imports;
pub mod integrations;
mod json;
pub mod lanes;
pub mod messages;
pub mod page;
#[cfg(test)]
mod plans;
pub mod rates;
pub mod retention;
pub mod runs;
mod seats;
pub mod secrets;
pub mod sessions;
pub mod stages;
pub mod steps;
pub mod strategies;
pub mod suppressions;
#[cfg(test)]
mod testing;
mod unique;

pub use database::{Store, StoreError};
pub use json::Json;
pub use page::Page;

use uuid::Uuid;

/// Whose rows a query may see: the first argument of every function that touches a tenant's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope(pub Uuid);
