//! The tenant's own logic.

mod boundary;
pub(crate) mod component;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod get_boundary;
pub(crate) mod list;
pub(crate) mod source;
pub(crate) mod test_run;
pub(crate) mod update;
mod upload;
pub(crate) mod versions;

use serde::Serialize;
use stratagem_domain::strategy::{RunErrorKind, Sources, StrategyType};
use stratagem_engine::Engine;
use stratagem_sandbox::ComponentError;
use stratagem_store::{
    Scope,
    entities::{strategy, strategy_version},
};
use utoipa::ToSchema;
use uuid::Uuid;

use self::{boundary::Boundary, upload::Code};
use crate::{error::Problem, time::rfc3339};

/// A strategy, in its newest version.
#[derive(Serialize, ToSchema)]
pub(crate) struct Strategy {
    /// Its id.
    id: Uuid,
    /// Its campaign.
    campaign_id: Uuid,
    /// Its name.
    name: String,
    /// `data_load`, `aggregation` or `answer_analysis`.
    #[serde(rename = "type")]
    #[schema(example = "data_load")]
    kind: String,
    /// Name of the entry point.
    #[schema(example = "run")]
    function: String,
    /// From 1; each change of source or function makes a new one.
    version: i32,
    /// BLAKE3 of the source or the component, in hex.
    hash: String,
    /// Of the newest version: `ready`; for a component also `compiling`, and `failed` with `status_reason`.
    #[schema(example = "ready")]
    status: String,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<String>,
    /// The version that runs, which is older than `version` while that one is compiling or where it failed.
    version_in_force: Option<i32>,
    /// Whether it is the one of its type that runs.
    active: bool,
    /// What it can reach, and what can be asked of it.
    boundary: Boundary,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last changed.
    #[schema(format = DateTime)]
    updated_at: String,
}

/// The tenant's strategy, or 404.
async fn load(engine: &Engine, scope: Scope, id: Uuid) -> Result<strategy::Model, Problem> {
    engine.store().strategy(scope, id).await?.ok_or_else(|| Problem::not_found("strategy"))
}

/// The newest version.
async fn newest(engine: &Engine, scope: Scope, row: &strategy::Model) -> Result<strategy_version::Model, Problem> {
    let version = engine.store().newest_version(scope, row.id).await?;
    version.ok_or_else(|| Problem::internal(format!("strategy {} has no version", row.id)))
}

/// The strategy and its newest version as they stood at one moment: whoever sees that it is ready is to see that it is in force.
async fn with_newest(
    engine: &Engine,
    scope: Scope,
    row: strategy::Model,
) -> Result<(strategy::Model, strategy_version::Model), Problem> {
    let version = newest(engine, scope, &row).await?;
    let came_into_force = version.status == READY && (row.version < version.version || !row.active);
    let row = if came_into_force { load(engine, scope, row.id).await? } else { row };
    Ok((row, version))
}

/// The version that is in force; 409 where a component has not been compiled yet, or does not compile.
async fn in_force(engine: &Engine, scope: Scope, row: &strategy::Model) -> Result<strategy_version::Model, Problem> {
    let version = engine.store().strategy_version(scope, row.id, row.version).await?;
    let version =
        version.ok_or_else(|| Problem::internal(format!("strategy {} has no version {}", row.id, row.version)))?;
    match version.status.as_str() {
        READY => Ok(version),
        status => {
            let reason = version.status_reason.map_or(String::new(), |reason| format!(": {reason}"));
            Err(Problem::conflict(format!("The component is not ready, its status is `{status}`{reason}.")))
        }
    }
}

const READY: &str = "ready";
const COMPILING: &str = "compiling";
const FAILED: &str = "failed";

/// An upload's code as a row, checked. Of a component it is known by now that it may be compiled.
async fn new_version(
    engine: &Engine,
    scope: Scope,
    kind: StrategyType,
    function: String,
    code: Code,
) -> Result<strategy_version::Model, Problem> {
    let mut row = strategy_version::Model {
        strategy_id: Uuid::nil(),
        version: 1,
        tenant_id: scope.0,
        function,
        source: String::new(),
        hash: String::new(),
        entry: None,
        modules: None,
        component_hash: None,
        component_bytes: None,
        boundary: None,
        status: READY.to_owned(),
        status_reason: None,
        created_at_ms: engine.clock().now_ms(),
    };
    match code {
        Code::Python(sources) => {
            check_source(engine, scope, kind, &row, &sources).await?;
            row.hash = source_hash(&sources);
            row.source = sources.entry_text().to_owned();
            if !sources.is_single() {
                row.entry = Some(sources.entry().to_owned());
                row.modules = Some(serde_json::to_value(sources.modules()).map_err(Problem::internal)?.into());
            }
        }
        Code::Component(wasm) => {
            let bytes = wasm.len();
            let boundary = match engine.keep_component(scope, kind, wasm).await? {
                Ok(boundary) => boundary,
                Err(ComponentError::Refused(reason)) => return Err(Problem::field("file", reason)),
                Err(ComponentError::Host(reason)) => return Err(Problem::internal(reason)),
            };
            // The world says what is called.
            row.function = kind.default_function().to_owned();
            row.hash = boundary.component_hash.clone();
            row.component_hash = Some(boundary.component_hash.clone());
            row.component_bytes = i64::try_from(bytes).ok();
            row.boundary = serde_json::to_value(boundary).ok().map(Into::into);
            row.status = COMPILING.to_owned();
        }
    }
    Ok(row)
}

/// What the API shows of a strategy.
async fn show(
    engine: &Engine,
    scope: Scope,
    row: strategy::Model,
    version: &strategy_version::Model,
) -> Result<Strategy, Problem> {
    let in_force = engine.store().strategy_version(scope, row.id, row.version).await?;
    Ok(Strategy {
        version_in_force: in_force.filter(|version| version.status == READY).map(|version| version.version),
        id: row.id,
        campaign_id: row.campaign_id,
        name: row.name,
        kind: row.kind,
        function: version.function.clone(),
        version: version.version,
        hash: version.hash.clone(),
        status: version.status.clone(),
        status_reason: version.status_reason.clone(),
        active: row.active,
        boundary: Boundary::of(engine, scope, version).await?,
        created_at: rfc3339(row.created_at_ms),
        updated_at: rfc3339(row.updated_at_ms),
    })
}

/// The type of that name.
fn strategy_type(name: &str) -> Result<StrategyType, String> {
    StrategyType::parse(name).ok_or_else(|| "must be `data_load`, `aggregation` or `answer_analysis`".to_owned())
}

/// The name of an entry point: a Python identifier.
fn function_name(name: String) -> Result<String, String> {
    let mut chars = name.chars();
    let begins = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    if begins && chars.all(|c| c.is_alphanumeric() || c == '_') && name.len() <= 200 {
        Ok(name)
    } else {
        Err("is no name of a Python function".to_owned())
    }
}

/// Loads a source in the sandbox; what is wrong with it is the caller's to know, line by line.
async fn check_source(
    engine: &Engine,
    scope: Scope,
    kind: StrategyType,
    row: &strategy_version::Model,
    sources: &Sources,
) -> Result<(), Problem> {
    match engine.check_source(scope, kind, &row.function, sources, row.created_at_ms).await?.outcome {
        Ok(_) => Ok(()),
        Err(error) if error.kind == RunErrorKind::Internal => Err(Problem::internal(error)),
        Err(error) => Err(Problem::source(error)),
    }
}

/// BLAKE3 of a source, in hex. Of several modules it covers the entry's path and each path and text.
fn source_hash(sources: &Sources) -> String {
    if sources.is_single() {
        return blake3::hash(sources.entry_text().as_bytes()).to_hex().to_string();
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(sources.entry().as_bytes());
    for (path, text) in sources.modules() {
        hasher.update(format!("\0{path}\0{}\0", text.len()).as_bytes()).update(text.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
