//! Steps that were given up on, for a person to see to.

pub(crate) mod drop;
pub(crate) mod drop_many;
pub(crate) mod list;
mod many;
pub(crate) mod retry;
pub(crate) mod retry_many;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::Serialize;
use stratagem_domain::step::{StepKind, StepState};
use stratagem_engine::Engine;
use stratagem_store::{Scope, entities::step};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        ObjectBuilder, Required, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};
use uuid::Uuid;

use crate::{error::Problem, time::rfc3339};

/// A step that was given up on.
#[derive(Serialize, ToSchema)]
pub(crate) struct Step {
    /// Its id.
    id: i64,
    /// What it was to do: `import`, `compile`, `load_data`, `deliver`, `reschedule`, `close_session` or `aggregate`.
    #[schema(example = "load_data")]
    kind: String,
    /// Its campaign.
    campaign_id: Uuid,
    /// The contact that it is about.
    contact_id: Option<Uuid>,
    /// The communication that it was to send.
    communication_id: Option<Uuid>,
    /// How many attempts failed before.
    attempts: i32,
    /// How many times the server died while it worked on it.
    crashes: i32,
    /// When it was due.
    #[schema(format = DateTime)]
    due_at: String,
    /// When it was given up on; null where the server died over it too often.
    #[schema(format = DateTime)]
    given_up_at: Option<String>,
    /// Why.
    last_error: Option<String>,
}

impl From<step::Model> for Step {
    fn from(row: step::Model) -> Self {
        let sends = row.kind == StepKind::Deliver.as_str();
        Self {
            id: row.id,
            kind: row.kind,
            campaign_id: row.campaign_id,
            contact_id: row.contact_id,
            communication_id: row.subject_id.filter(|_| sends),
            attempts: row.attempt,
            crashes: row.crashes,
            due_at: rfc3339(row.due_at_ms),
            given_up_at: row.finished_at_ms.map(rfc3339),
            last_error: row.last_error,
        }
    }
}

/// The path's `{id}`. A text that is no number is the id of nothing.
pub(crate) struct StepId(i64);

impl<S: Send + Sync> FromRequestParts<S> for StepId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        text.ok().and_then(|Path(text)| text.parse().ok()).map(Self).ok_or_else(|| Problem::not_found("step"))
    }
}

impl IntoParams for StepId {
    fn into_params(_provider: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new().schema_type(Type::Integer).build();
        let parameter = ParameterBuilder::new().name("id").parameter_in(ParameterIn::Path).required(Required::True);
        vec![parameter.schema(Some(schema)).description(Some("Its id.")).build()]
    }
}

/// 404 where the tenant has no such step, 409 where it was not given up on.
async fn check_dead(engine: &Engine, scope: Scope, id: i64) -> Result<(), Problem> {
    let state = engine.store().step_state(scope, id).await?.ok_or_else(|| Problem::not_found("step"))?;
    if state == StepState::Dead.as_str() { Ok(()) } else { Err(not_dead(&state)) }
}

fn not_dead(state: &str) -> Problem {
    Problem::conflict(format!("The step was not given up on: it is `{state}`."))
}
