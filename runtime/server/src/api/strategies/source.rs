use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use stratagem_engine::Engine;
use utoipa::{IntoParams, ToSchema};

use super::{current, load};
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
    /// The one that is in force where it is absent.
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
    /// Python, one module.
    source: String,
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
        None => current(&engine, scope, &row).await?,
    };
    Ok(Json(Source {
        version: version.version,
        function: version.function,
        hash: version.hash,
        source: version.source,
    }))
}
