use axum::{Json, extract::State};
use serde::Deserialize;
use stratagem_domain::step::{StepKind, StepState};
use stratagem_engine::Engine;
use stratagem_store::dead::DeadFilter;
use utoipa::IntoParams;
use uuid::Uuid;

use super::Step;
use crate::{
    auth::CanAdminister,
    error::{Faults, Problem},
    extract::Search,
    page::{Listing, Paging},
};

/// Which steps are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepSearch {
    /// `dead`, which is all that there is to see, and what is meant where it is absent.
    state: Option<String>,
    /// Only those of this campaign.
    campaign_id: Option<Uuid>,
    /// Only those of this kind.
    kind: Option<String>,
    /// At most so many items, 1 to 200; 50 where it is absent.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Steps that were given up on
///
/// What was to happen and did not, with the reason: the strategy raised, attempts were used up, or the server died over it again
/// and again. Each waits until it is retried or dropped.
#[utoipa::path(get, path = "/steps", tag = "operations", params(StepSearch), responses((status = 200, body = Listing<Step>)))]
pub(crate) async fn list_steps(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    Search(search): Search<StepSearch>,
) -> Result<Json<Listing<Step>>, Problem> {
    let mut faults = Faults::default();
    if search.state.as_deref().is_some_and(|state| state != StepState::Dead.as_str()) {
        faults.add("state", "must be `dead`");
    }
    let kind = search.kind.as_deref().map(|kind| StepKind::parse(kind).ok_or("is no kind of step")).transpose();
    let kind = faults.check("kind", kind).flatten();
    faults.finish()?;
    let paging = Paging { limit: search.limit, cursor: search.cursor };
    let (limit, after) = (paging.limit()?, paging.after(|text| text.parse().ok())?);
    let filter = DeadFilter { campaign_id: search.campaign_id, kind };
    let rows = engine.store().dead_steps(Some(scope), filter, after, limit + 1).await?;
    Ok(Json(Listing::new(rows, limit, |row| row.id.to_string(), Step::from)))
}
