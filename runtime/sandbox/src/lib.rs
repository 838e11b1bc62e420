//! Runs tenants' strategies in WebAssembly sandboxes. The only crate that knows wasmtime.
//!
//! [`Sandbox::open`] loads the compiled Python runtime, [`Sandbox::check`] tells whether a source can be a strategy, and
//! [`Sandbox::run`] makes one decision: a fresh store and instance, JSON text in, a [`stratagem_domain::strategy::RunReport`]
//! out. Whatever the strategy does, the answer is a report: nothing here panics on a guest's account, and one run cannot
//! be told by another.
//!
//! `README.md` says what answers each import, and in which order to read the files.

mod bindings;
mod boundary;
mod compile;
mod engine;
mod error;
mod interfaces;
mod limits;
mod log;
mod outcome;
mod run;
mod sandbox;
mod state;

pub use boundary::{Boundary, Export, Import};
pub use compile::Progress;
pub use error::OpenError;
pub use sandbox::{Moment, Sandbox, SandboxConfig, Source};
