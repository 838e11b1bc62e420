//! What crosses the boundary of a strategy, as a security reviewer asks for it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratagem_domain::strategy::Limits;
use stratagem_engine::Engine;
use stratagem_store::{Scope, entities::strategy_version};
use utoipa::ToSchema;

use crate::error::Problem;

/// Everything that a strategy can reach, and everything that can be asked of it.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct Boundary {
    /// World in `/wit` that the component is built for.
    #[schema(example = "stratagem:strategy/data-load@1.0.0")]
    world: String,
    /// BLAKE3 of the source or the component as it was uploaded, in hex.
    #[serde(default)]
    source_hash: String,
    /// BLAKE3 of the component that runs it, in hex: the Python runtime for source, else the strategy itself.
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
    #[serde(default)]
    #[schema(value_type = Object)]
    limits: Value,
}

/// An interface that the component imports.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct Import {
    /// Package, interface and version.
    name: String,
    /// What the host does when it is called.
    answered_by: String,
    /// The functions that the component uses of it.
    functions: Vec<String>,
}

/// A function that the component exports.
#[derive(Serialize, Deserialize, ToSchema)]
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
        let report = match &version.boundary {
            Some(report) => report.clone().into(),
            None => {
                let boundary = engine.sandbox().boundary().map_err(Problem::internal)?;
                serde_json::to_value(boundary).map_err(Problem::internal)?
            }
        };
        let boundary: Self = serde_json::from_value(report).map_err(Problem::internal)?;
        let limits = serde_json::to_value(limits).unwrap_or_default();
        Ok(Self { source_hash: version.hash.clone(), limits, ..boundary })
    }
}
