//! The rows, table by table. They are plain data: what they mean is in `stratagem_domain`.

pub mod agent;
pub mod campaign;
pub mod communication;
pub mod contact;
pub mod event;
pub mod fetch;
pub mod idempotency_key;
pub mod identity;
pub mod import;
pub mod import_receipt;
pub mod integration;
pub mod lane;
pub mod listener;
pub mod message;
pub mod rate_bucket;
pub mod run;
pub mod secret;
pub mod session;
pub mod setting;
pub mod stage;
pub mod step;
pub mod strategy;
pub mod strategy_version;
pub mod suppression;
pub mod tenant;
pub mod token;
