use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::{Strategy, load, show, with_newest};
use crate::{auth::CanRead, error::Problem, extract::Id};

/// A strategy
#[utoipa::path(get, path = "/strategies/{id}", tag = "strategies", params(Id), responses((status = 200, body = Strategy)))]
pub(crate) async fn get_strategy(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
) -> Result<Json<Strategy>, Problem> {
    let row = load(&engine, scope, id).await?;
    let (row, version) = with_newest(&engine, scope, row).await?;
    show(&engine, scope, row, &version).await.map(Json)
}
