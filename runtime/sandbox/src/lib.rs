//! Runs tenants' strategies in WebAssembly sandboxes. The only crate that knows wasmtime.
//!
//! [`Sandbox::open`] loads the compiled Python runtime, [`Sandbox::check`] tells whether a source can be a strategy, and
//! [`Sandbox::run`] makes one decision: a fresh store and instance, a document in, a [`stratagem_domain::strategy::RunReport`]
//! out. Whatever the strategy does, the answer is a report: nothing here panics on a guest's account, and one run cannot
//! be told by another. Compiled strategies are looked at by [`Boundary::check`], compiled by a [`Compiler`], and run the same way.
//!
//! `README.md` says what answers each import, and in which order to read the files.

mod artefact;
mod bindings;
mod boundary;
mod component;
mod engine;
#[cfg(test)]
mod equivalence;
mod error;
mod hooks;
mod image;
mod interfaces;
mod limits;
mod log;
mod outbound;
mod outcome;
mod pool;
mod postmortem;
mod python;
mod run;
mod sandbox;
mod slots;
mod state;
mod strategy;

pub use boundary::{Boundary, Export, Import};
pub use component::{Compiler, Component, ComponentError, compile_here};
pub use error::OpenError;
pub use interfaces::interfaces;
pub use outbound::{Allowance, Closed, Outbound};
pub use python::{Progress, Way};
pub use sandbox::{Sandbox, SandboxConfig};
pub use strategy::{Code, Moment, Strategy};
