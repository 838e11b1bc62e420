use axum::{Json, extract::State};
use stratagem_domain::campaign::CampaignStatus::{Active, Draft, Paused};
use stratagem_engine::Engine;

use super::{Campaign, change_status, check_complete, load};
use crate::{auth::CanBuild, error::Problem, extract::Id};

/// Activate a campaign
///
/// Checks everything that it needs and answers 422 with the list of what is missing; then contacts that were imported are
/// decided about, and messages leave.
#[utoipa::path(post, path = "/campaigns/{id}/activate", tag = "campaigns", params(Id),
    responses((status = 200, body = Campaign)))]
pub(crate) async fn activate_campaign(
    State(engine): State<Engine>,
    CanBuild(scope): CanBuild,
    Id(id): Id,
) -> Result<Json<Campaign>, Problem> {
    let row = load(&engine, scope, id).await?;
    if [Draft, Paused].iter().any(|status| status.as_str() == row.status) {
        check_complete(&engine, scope, &row).await?;
    }
    change_status(&engine, scope, id, &[Draft, Paused], Active).await.map(Json)
}
