//! The tenant's own logic.

mod boundary;
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
use stratagem_domain::strategy::{RunErrorKind, StrategyType};
use stratagem_engine::Engine;
use stratagem_store::{
    Scope,
    entities::{strategy, strategy_version},
};
use utoipa::ToSchema;
use uuid::Uuid;

use self::boundary::Boundary;
use crate::{error::Problem, time::rfc3339};

/// A strategy, in the version that is in force.
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
    /// BLAKE3 of the source, in hex.
    hash: String,
    /// `ready`.
    status: &'static str,
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

/// The version that is in force.
async fn current(engine: &Engine, scope: Scope, row: &strategy::Model) -> Result<strategy_version::Model, Problem> {
    let version = engine.store().strategy_version(scope, row.id, row.version).await?;
    version.ok_or_else(|| Problem::internal(format!("strategy {} has no version {}", row.id, row.version)))
}

/// What the API shows of a strategy.
async fn show(
    engine: &Engine,
    scope: Scope,
    row: strategy::Model,
    version: &strategy_version::Model,
) -> Result<Strategy, Problem> {
    Ok(Strategy {
        id: row.id,
        campaign_id: row.campaign_id,
        name: row.name,
        kind: row.kind,
        function: version.function.clone(),
        version: version.version,
        hash: version.hash.clone(),
        status: "ready",
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
    function: &str,
    source: &str,
) -> Result<(), Problem> {
    match engine.check_source(scope, kind, function, source).await?.outcome {
        Ok(_) => Ok(()),
        Err(error) if error.kind == RunErrorKind::Internal => Err(Problem::internal(error)),
        Err(error) => Err(Problem::source(error)),
    }
}

/// BLAKE3 of a source, in hex.
fn source_hash(source: &str) -> String {
    blake3::hash(source.as_bytes()).to_hex().to_string()
}
