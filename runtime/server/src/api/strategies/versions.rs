use axum::{Json, extract::State};
use serde::Serialize;
use stratagem_engine::Engine;
use stratagem_store::entities::strategy_version;
use utoipa::ToSchema;

use super::load;
use crate::{
    auth::CanRead,
    error::Problem,
    extract::{Id, Search},
    page::{Listing, Paging},
    time::rfc3339,
};

/// A version of a strategy. Its code never changes.
#[derive(Serialize, ToSchema)]
pub(crate) struct Version {
    /// From 1.
    version: i32,
    /// Name of the entry point.
    function: String,
    /// BLAKE3 of the source or the component, in hex.
    hash: String,
    /// `ready`; for a component also `compiling` and `failed`.
    status: String,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<strategy_version::Model> for Version {
    fn from(row: strategy_version::Model) -> Self {
        Self {
            version: row.version,
            function: row.function,
            hash: row.hash,
            status: row.status,
            status_reason: row.status_reason,
            created_at: rfc3339(row.created_at_ms),
        }
    }
}

/// A strategy's versions
///
/// Oldest first.
#[utoipa::path(get, path = "/strategies/{id}/versions", tag = "strategies", params(Id, Paging),
    responses((status = 200, body = Listing<Version>)))]
pub(crate) async fn list_versions(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
    Search(paging): Search<Paging>,
) -> Result<Json<Listing<Version>>, Problem> {
    load(&engine, scope, id).await?;
    let after = paging.after(|text| text.parse::<i32>().ok())?.unwrap_or(0);
    let mut rows = engine.store().strategy_versions(scope, id).await?;
    rows.retain(|row| row.version > after);
    Ok(Json(Listing::new(rows, paging.limit()?, |row| row.version.to_string(), Version::from)))
}
