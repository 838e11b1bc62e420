//! The sandbox, seen from outside: what strategies can do, how they fail, and what they cannot touch.
//!
//! One binary, because each would load the Python runtime anew. The runtime is compiled once into
//! `~/.cache/stratagem/artefacts-test/sandbox`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests, which may")]

mod artefact;
mod boundary;
mod common;
mod corpus;
mod determinism;
mod failures;
mod hostile;
mod http;
mod measure;
mod modules;
mod places;
mod samples;
mod stdlib;
mod threads;
mod verify;
