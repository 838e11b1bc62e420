//! The HTTP API and the command line: what stands around the engine.
//!
//! [`App`] is the whole server without its process: [`App::build`] opens the database, runs the migrations and makes the
//! router, [`App::serve`] answers calls until it is told to stop. Tests build one on a temporary folder with their own clock
//! and one sandbox for all; `cli/serve.rs` does the same with what the operator set.
//!
//! To find an endpoint, read `router.rs`; each is one file in `api/`.

mod answer;
mod api;
mod app;
mod around;
mod auth;
pub mod cli;
mod docs;
mod error;
mod extract;
mod hooks;
mod idempotency;
mod master_key;
mod openapi;
mod page;
mod request_id;
mod router;
mod time;
mod tokens;

pub use api::metrics::MetricsAccess;
pub use app::{App, FirstTokens, Setup, StartError, channels};

/// A decision makes many small values on one thread that another one frees, which is what the C library's own allocator is slow at; and
/// whoever has compiled the Python runtime should not keep the memory that this took. Its settings are in `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The OpenAPI 3.1 document, as `GET /api/openapi.json` gives it.
pub fn openapi() -> serde_json::Value {
    serde_json::to_value(router::document()).unwrap_or_default()
}
