use axum::extract::State;
use stratagem_engine::{Engine, ObjectName};

use super::load;
use crate::{answer::Done, auth::CanBuild, error::Problem, extract::Id};

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
        engine.files().discard(&ObjectName::import(scope, import.id)).await;
    }
    Ok(Done)
}
