use axum::{Json, extract::State};
use stratagem_domain::campaign::CampaignStatus::{Active, Paused};
use stratagem_engine::Engine;

use super::{Campaign, change_status, check_complete, load};
use crate::{auth::CanOperate, error::Problem, extract::Id};

/// Resume a campaign
///
/// What became due while it was paused is done now. Like activation it answers 422 where something is missing by now.
#[utoipa::path(post, path = "/campaigns/{id}/resume", tag = "campaigns", params(Id),
    responses((status = 200, body = Campaign)))]
pub(crate) async fn resume_campaign(
    State(engine): State<Engine>,
    CanOperate(scope): CanOperate,
    Id(id): Id,
) -> Result<Json<Campaign>, Problem> {
    let row = load(&engine, scope, id).await?;
    if row.status == Paused.as_str() {
        check_complete(&engine, scope, &row).await?;
    }
    change_status(&engine, scope, id, &[Paused], Active).await.map(Json)
}
