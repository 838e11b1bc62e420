use axum::extract::{Path, State};
use stratagem_engine::Engine;

use crate::{answer::Done, auth::CanAdminister, error::Problem};

/// Delete a secret
///
/// Requests that mention it are denied from then on.
#[utoipa::path(delete, path = "/secrets/{name}", tag = "strategies",
    params(("name" = String, Path, description = "Its name.")), responses((status = 204)))]
pub(crate) async fn delete_secret(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    Path(name): Path<String>,
) -> Result<Done, Problem> {
    match engine.store().delete_secret(scope, &name).await? {
        true => Ok(Done),
        false => Err(Problem::not_found("secret")),
    }
}
