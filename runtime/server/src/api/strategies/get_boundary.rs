use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::{boundary::Boundary, load, newest};
use crate::{auth::CanRead, error::Problem, extract::Id};

/// A strategy's boundary
///
/// Imports, exports, hashes and limits: everything that it can reach.
#[utoipa::path(get, path = "/strategies/{id}/boundary", tag = "strategies", params(Id),
    responses((status = 200, body = Boundary)))]
pub(crate) async fn get_boundary(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
) -> Result<Json<Boundary>, Problem> {
    let row = load(&engine, scope, id).await?;
    let version = newest(&engine, scope, &row).await?;
    Boundary::of(&engine, scope, &version).await.map(Json)
}
