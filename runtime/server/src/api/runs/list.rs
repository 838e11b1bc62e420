use axum::{Json, extract::State};
use serde::Deserialize;
use stratagem_engine::Engine;
use utoipa::IntoParams;
use uuid::Uuid;

use super::Run;
use crate::{
    api::campaigns,
    auth::CanRead,
    error::Problem,
    extract::{Id, Search},
    page::{Listing, Paging, cursor},
};

/// Which runs are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunSearch {
    /// Only those with this outcome: `ok`, or the kind of an error.
    outcome: Option<String>,
    /// Only those about this contact.
    contact_id: Option<Uuid>,
    /// At most so many items, 1 to 200; 50 where it is absent.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A campaign's runs
///
/// Oldest first, with logs, fuel, memory and what each changed.
#[utoipa::path(get, path = "/campaigns/{id}/runs", tag = "strategies", params(Id, RunSearch),
    responses((status = 200, body = Listing<Run>)))]
pub(crate) async fn list_runs(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(campaign_id): Id,
    Search(search): Search<RunSearch>,
) -> Result<Json<Listing<Run>>, Problem> {
    campaigns::load(&engine, scope, campaign_id).await?;
    let paging = Paging { limit: search.limit, cursor: search.cursor };
    let (outcome, contact_id) = (search.outcome.as_deref(), search.contact_id);
    let rows = engine.store().runs(scope, campaign_id, outcome, contact_id, paging.page()?).await?;
    Ok(Json(Listing::new(rows, paging.limit()?, |row| cursor(row.id), Run::from)))
}
