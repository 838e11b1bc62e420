use std::collections::BTreeMap;

use axum::{Json, extract::State};
use serde::Serialize;
use stratagem_engine::Engine;
use utoipa::ToSchema;

use super::load;
use crate::{auth::CanRead, error::Problem, extract::Id};

/// What a campaign has come to, in numbers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Summary {
    /// Contacts in all.
    contacts: u64,
    /// Contacts by `current_stage`; those without one under the empty name.
    stages: BTreeMap<String, u64>,
    /// Communications by status.
    communications: BTreeMap<String, u64>,
    /// Ended sessions by `OutcomeStatus`; those without one under the empty name.
    outcomes: BTreeMap<String, u64>,
    /// Communications by the alternative that was chosen.
    alternatives: BTreeMap<String, u64>,
    /// The campaign's work.
    steps: StepCounts,
}

/// How much work there is.
#[derive(Serialize, ToSchema)]
pub(crate) struct StepCounts {
    /// Steps that wait or are being done.
    waiting: u64,
    /// Steps that were given up on.
    dead: u64,
}

/// What a campaign has come to
#[utoipa::path(get, path = "/campaigns/{id}/summary", tag = "campaigns", params(Id),
    responses((status = 200, body = Summary)))]
pub(crate) async fn summarize_campaign(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
) -> Result<Json<Summary>, Problem> {
    load(&engine, scope, id).await?;
    let summary = engine.store().summary(scope, id).await?;
    Ok(Json(Summary {
        contacts: summary.contacts,
        stages: summary.stages,
        communications: summary.communications,
        outcomes: summary.outcomes,
        alternatives: summary.alternatives,
        steps: StepCounts { waiting: summary.steps_waiting, dead: summary.steps_dead },
    }))
}
