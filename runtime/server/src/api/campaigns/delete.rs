use axum::extract::State;
use stratagem_engine::{Engine, ObjectName};

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
    let under_way = engine.store().delete_campaign(scope, id).await?;
    for import in under_way.ok_or_else(|| Problem::not_found("campaign"))? {
        engine.files().discard(&ObjectName::import(scope, import)).await;
    }
    Ok(Done)
}
