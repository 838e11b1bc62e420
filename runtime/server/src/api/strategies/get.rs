use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::{Strategy, load, show};
use crate::{auth::CanRead, error::Problem, extract::Id};

/// A strategy
#[utoipa::path(get, path = "/strategies/{id}", tag = "strategies", params(Id), responses((status = 200, body = Strategy)))]
pub(crate) async fn get_strategy(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
) -> Result<Json<Strategy>, Problem> {
    // Before its strategy: who sees that it is ready is also to see that it is in force.
    let version = engine.store().newest_version(scope, id).await?;
    let row = load(&engine, scope, id).await?;
    let version = version.ok_or_else(|| Problem::not_found("strategy"))?;
    show(&engine, scope, row, &version).await.map(Json)
}
