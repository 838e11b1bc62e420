use axum::extract::State;
use stratagem_engine::Engine;

use super::load;
use crate::{answer::Done, api::imports::spool, auth::CanBuild, error::Problem, extract::Id};

/// Delete a campaign
///
/// With everything in it: stages, strategies, contacts and what was planned for them, runs, imports.
#[utoipa::path(delete, path = "/campaigns/{id}", tag = "campaigns", params(Id), responses((status = 204)))]
pub(crate) async fn delete_campaign(
    State(engine): State<Engine>,
    CanBuild(scope): CanBuild,
    Id(id): Id,
) -> Result<Done, Problem> {
    load(&engine, scope, id).await?;
    let imports = engine.store().imports(scope, id).await?;
    engine.store().delete_campaign(scope, id).await?;
    for import in imports {
        spool::remove(engine.spool(), &import.file).await;
    }
    Ok(Done)
}
