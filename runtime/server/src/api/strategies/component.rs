use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use stratagem_engine::Engine;

use super::{in_force, load};
use crate::{auth::CanRead, error::Problem, extract::Id};

/// A compiled strategy's component
///
/// The bytes that were uploaded. A source strategy has none of its own: it runs on the Python runtime, whose hash is in its
/// boundary; 409 then.
#[utoipa::path(get, path = "/strategies/{id}/component", tag = "strategies", params(Id),
    responses((status = 200, body = Vec<u8>, content_type = "application/wasm")))]
pub(crate) async fn get_component(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
) -> Result<Response, Problem> {
    let row = load(&engine, scope, id).await?;
    let version = in_force(&engine, scope, &row).await?;
    let Some(hash) = version.component_hash else {
        return Err(Problem::conflict(
            "The strategy is Python source: `python -m stratagem build` makes a component of it.",
        ));
    };
    let bytes = engine.component_bytes(scope, &hash).await?;
    Ok(([(header::CONTENT_TYPE, "application/wasm")], bytes).into_response())
}
