//! What crosses the boundary of a strategy, as a security reviewer asks for it.

use serde::Serialize;
use serde_json::Value;
use stratagem_domain::strategy::Limits;
use stratagem_engine::Engine;
use stratagem_store::{Scope, entities::strategy_version};
use utoipa::ToSchema;

use crate::error::Problem;

/// Everything that a strategy can reach, and everything that can be asked of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Boundary {
    /// World in `/wit` that its component is built for.
    world: &'static str,
    /// BLAKE3 of the source, in hex.
    source_hash: String,
    /// BLAKE3 of the component that runs it, in hex.
    component_hash: String,
    /// The component's size.
    component_bytes: usize,
    /// What runs the component.
    #[schema(example = "wasmtime 48.0.8")]
    engine: String,
    /// What the component can call.
    imports: Vec<Import>,
    /// What can be called.
    exports: Vec<Export>,
    /// What one run may use.
    #[schema(value_type = Object)]
    limits: Value,
}

/// An interface that the component imports.
#[derive(Serialize, ToSchema)]
pub(crate) struct Import {
    /// Package, interface and version.
    name: String,
    /// What the host does when it is called.
    answered_by: &'static str,
    /// The functions that the component uses of it.
    functions: Vec<String>,
}

/// A function that the component exports.
#[derive(Serialize, ToSchema)]
pub(crate) struct Export {
    /// Its name in the world.
    name: String,
    /// Names of its parameters.
    parameters: Vec<String>,
}

impl Boundary {
    /// The boundary of a source strategy is that of the Python runtime; the limits are the tenant's.
    pub(super) async fn of(engine: &Engine, scope: Scope, version: &strategy_version::Model) -> Result<Self, Problem> {
        let stored = engine.store().tenant_limits(scope).await?;
        let limits: Limits = serde_json::from_value(stored).unwrap_or_default();
        let runtime = engine.sandbox().boundary().clone();
        let import =
            |i: stratagem_sandbox::Import| Import { name: i.name, answered_by: i.answered_by, functions: i.functions };
        let export = |e: stratagem_sandbox::Export| Export { name: e.name, parameters: e.parameters };
        Ok(Self {
            world: runtime.world,
            source_hash: version.hash.clone(),
            component_hash: runtime.component_hash,
            component_bytes: runtime.component_bytes,
            engine: runtime.engine,
            imports: runtime.imports.into_iter().map(import).collect(),
            exports: runtime.exports.into_iter().map(export).collect(),
            limits: serde_json::to_value(limits).unwrap_or_default(),
        })
    }
}
