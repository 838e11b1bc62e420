//! Providers that cannot be had in tests: small servers on loopback that keep state, answer as the provider's published interface
//! says, and call our webhooks with real signatures.
//!
//! Each is a module with a `start` that binds a free port; its handle says where it is, what it was asked, and lets a test have a
//! contact write, read, block or hang up.

pub mod bird;
pub mod calls;
pub mod contacts;
mod hook;
pub mod llm;
pub mod meta;
pub mod oauth;
pub mod telegram;
pub mod twilio;
