//! A tenant's compiled strategy: from an upload that nobody has looked at to a component that can be run.
//!
//! 1. [`Shape::read`] walks the bytes once and refuses what is no component or out of all proportion, before anything that
//!    takes time with the size of its input sees them; [`crate::Boundary::check`] judges imports and exports.
//! 2. [`Compiler`] has it compiled by a process of its own ([`compile_here`] is what that process does), because wasmtime
//!    promises nothing about how long compiling takes. The result is authenticated and kept.
//! 3. [`Component`] is linked against the interfaces; a first instance shows whether the hook fits.

mod child;
mod compiler;
mod shape;

pub use child::compile_here;
pub use compiler::Compiler;
pub(crate) use shape::Shape;

use std::fmt;

use wasmtime::component::{InstancePre, Linker};

use crate::state::RunState;

/// Why a component is no strategy.
#[derive(Debug, thiserror::Error)]
pub enum ComponentError {
    /// The tenant's trouble: it would be refused again.
    #[error("{0}")]
    Refused(String),
    /// The host's trouble: it may be tried again.
    #[error("{0}")]
    Host(String),
}

impl ComponentError {
    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused(reason.into())
    }

    fn host(what: &str, error: impl fmt::Display) -> Self {
        Self::Host(format!("{what}: {error}"))
    }
}

/// A compiled strategy, ready to be run. Cloning it is cheap.
#[derive(Clone)]
pub struct Component {
    prepared: InstancePre<RunState>,
    hash: String,
}

impl Component {
    /// Connects it to the interfaces. An interface's function that the host does not have is refused here.
    pub(crate) fn link(
        linker: &Linker<RunState>,
        compiled: wasmtime::component::Component,
        hash: &str,
    ) -> Result<Self, ComponentError> {
        let prepared = linker
            .instantiate_pre(&compiled)
            .map_err(|error| ComponentError::refused(format!("the component does not fit the boundary: {error:#}")))?;
        Ok(Self { prepared, hash: hash.to_owned() })
    }

    pub(crate) fn prepared(&self) -> &InstancePre<RunState> {
        &self.prepared
    }

    /// BLAKE3 of the component that it was compiled from, 64 hexadecimal digits.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Component").field(&self.hash).finish()
    }
}
