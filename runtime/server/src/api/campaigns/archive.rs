use axum::{Json, extract::State};
use stratagem_domain::campaign::CampaignStatus::{Active, Archived, Completed, Draft, Paused};
use stratagem_engine::Engine;

use super::{Campaign, change_status, load};
use crate::{auth::CanBuild, error::Problem, extract::Id};

/// Archive a campaign
///
/// Puts it away for good: it can be read and deleted, and never runs again.
#[utoipa::path(post, path = "/campaigns/{id}/archive", tag = "campaigns", params(Id),
    responses((status = 200, body = Campaign)))]
pub(crate) async fn archive_campaign(
    State(engine): State<Engine>,
    CanBuild(scope): CanBuild,
    Id(id): Id,
) -> Result<Json<Campaign>, Problem> {
    load(&engine, scope, id).await?;
    change_status(&engine, scope, id, &[Draft, Active, Paused, Completed], Archived).await.map(Json)
}
