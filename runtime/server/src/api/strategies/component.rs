use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::Deserialize;
use stratagem_engine::Engine;
use stratagem_store::{
    Scope,
    entities::{strategy, strategy_version},
};
use utoipa::IntoParams;

use super::{in_force, load, strategy_type};
use crate::{
    auth::CanRead,
    error::Problem,
    extract::{Id, Search},
};

/// Which version is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichComponent {
    /// The one that runs where it is absent.
    version: Option<i32>,
}

/// A strategy as one component
///
/// One self-contained `.wasm` of the strategy's public world (`/wit`), which any host of components can run, and which can be
/// uploaded as a strategy. Of source it is the Python runtime with the strategy loaded, some 24 MB, the same bytes each time on the
/// same version of the server; of a component the bytes that were uploaded.
///
/// 409 where the version that runs is a component that is not ready, or where the source can no longer be loaded under the
/// tenant's limits.
#[utoipa::path(get, path = "/strategies/{id}/component", tag = "strategies", params(Id, WhichComponent),
    responses((status = 200, body = Vec<u8>, content_type = "application/wasm")))]
pub(crate) async fn get_component(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
    Search(which): Search<WhichComponent>,
) -> Result<Response, Problem> {
    let row = load(&engine, scope, id).await?;
    let version = match which.version {
        Some(version) => {
            let found = engine.store().strategy_version(scope, id, version).await?;
            found.ok_or_else(|| Problem::not_found("version"))?
        }
        None => in_force(&engine, scope, &row).await?,
    };
    let bytes = match &version.component_hash {
        Some(hash) => engine.component_bytes(scope, hash).await?,
        None => standalone(&engine, scope, &row, &version).await?,
    };
    Ok(([(header::CONTENT_TYPE, "application/wasm")], bytes).into_response())
}

async fn standalone(
    engine: &Engine,
    scope: Scope,
    row: &strategy::Model,
    version: &strategy_version::Model,
) -> Result<Bytes, Problem> {
    let kind = strategy_type(&row.kind).map_err(Problem::internal)?;
    match engine.standalone(scope, kind, version).await? {
        Ok(component) => Ok(component.into()),
        Err(error) => Err(Problem::conflict(format!("The source can no longer be loaded: {error}"))),
    }
}
