use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratagem_engine::Engine;
use utoipa::{IntoParams, ToSchema};

use super::{load, newest};
use crate::{
    auth::CanRead,
    error::Problem,
    extract::{Id, Search},
};

/// Which version is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// The newest where it is absent.
    version: Option<i32>,
}

/// A strategy's source.
#[derive(Serialize, ToSchema)]
pub(crate) struct Source {
    /// The version that it is of.
    version: i32,
    /// Name of the entry point.
    function: String,
    /// BLAKE3 of the source, in hex.
    hash: String,
    /// Python text of the module that has the entry point.
    source: String,
    /// Path of that module, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    /// All modules by their paths, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    files: Option<Value>,
}

/// A strategy's source
#[utoipa::path(get, path = "/strategies/{id}/source", tag = "strategies", params(Id, Which),
    responses((status = 200, body = Source)))]
pub(crate) async fn get_source(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
    Search(which): Search<Which>,
) -> Result<Json<Source>, Problem> {
    let row = load(&engine, scope, id).await?;
    let version = match which.version {
        Some(version) => {
            let found = engine.store().strategy_version(scope, id, version).await?;
            found.ok_or_else(|| Problem::not_found("version"))?
        }
        None => newest(&engine, scope, &row).await?,
    };
    if version.component_hash.is_some() {
        return Err(Problem::conflict("The strategy is a component: its bytes are at `/strategies/{id}/component`."));
    }
    Ok(Json(Source {
        version: version.version,
        function: version.function,
        hash: version.hash,
        source: version.source,
        entry: version.entry,
        files: version.modules.map(Into::into),
    }))
}
