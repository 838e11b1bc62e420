use axum::{Json, extract::State};
use stratagem_domain::campaign::CampaignStatus::{Active, Completed, Paused};
use stratagem_engine::Engine;

use super::{Campaign, change_status, load};
use crate::{auth::CanOperate, error::Problem, extract::Id};

/// Pause a campaign
///
/// Nothing is decided or sent until it is resumed, and nothing is lost.
#[utoipa::path(post, path = "/campaigns/{id}/pause", tag = "campaigns", params(Id),
    responses((status = 200, body = Campaign)))]
pub(crate) async fn pause_campaign(
    State(engine): State<Engine>,
    CanOperate(scope): CanOperate,
    Id(id): Id,
) -> Result<Json<Campaign>, Problem> {
    load(&engine, scope, id).await?;
    change_status(&engine, scope, id, &[Active, Completed], Paused).await.map(Json)
}
