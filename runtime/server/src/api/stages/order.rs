use std::collections::BTreeSet;

use axum::{Json, extract::State};
use serde::Deserialize;
use stratagem_engine::Engine;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Stage;
use crate::{
    api::campaigns,
    auth::CanBuild,
    error::Problem,
    extract::{Body, Id},
    page::Listing,
};

/// The order of a campaign's stages.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StageOrder {
    /// Every stage of the campaign, once.
    stage_ids: Vec<Uuid>,
}

/// Order a campaign's stages
#[utoipa::path(put, path = "/campaigns/{id}/stages/order", tag = "stages", params(Id), request_body = StageOrder,
    responses((status = 200, body = Listing<Stage>)))]
pub(crate) async fn order_stages(
    State(engine): State<Engine>,
    CanBuild(scope): CanBuild,
    Id(campaign_id): Id,
    Body(order): Body<StageOrder>,
) -> Result<Json<Listing<Stage>>, Problem> {
    campaigns::load(&engine, scope, campaign_id).await?;
    let known: BTreeSet<Uuid> = engine.store().stages(scope, campaign_id).await?.iter().map(|stage| stage.id).collect();
    let given: BTreeSet<Uuid> = order.stage_ids.iter().copied().collect();
    if known != given || given.len() != order.stage_ids.len() {
        return Err(Problem::field("stage_ids", "must name every stage of the campaign once"));
    }
    engine.store().order_stages(scope, campaign_id, &order.stage_ids).await?;
    let rows = engine.store().stages(scope, campaign_id).await?;
    Ok(Json(Listing { items: rows.into_iter().map(Stage::from).collect(), next_cursor: None }))
}
