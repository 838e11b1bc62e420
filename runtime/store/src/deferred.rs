//! Deliveries that a clearance rule put off: due again at once where what it asked for has changed.

use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, IntoColumnRef},
};
use stratagem_domain::step::{StepKind, StepState};
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError,
    entities::{lane, step},
    lanes::lower_next_due,
    steps::in_state,
};

/// Steps of one transaction: a campaign may have a million that wait, and others want to write meanwhile.
const BATCH: u64 = 1_000;

/// How far a look through a campaign's deliveries has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    lane_id: i64,
    due_at_ms: i64,
    step_id: i64,
}

impl Store {
    /// Makes the next of a campaign's deliveries due at once that wait for later for a reason that begins with `reason`. Returns
    /// where to go on; none at the end.
    pub async fn end_deferrals(
        &self,
        scope: Scope,
        campaign_id: Uuid,
        reason: &str,
        now_ms: i64,
        from: Option<Position>,
    ) -> Result<Option<Position>, StoreError> {
        let begin = |lane_id| Position { lane_id, due_at_ms: now_ms, step_id: i64::MAX };
        let mut from = from.unwrap_or(begin(0));
        while let Some(lane_id) = self.deliver_lane(scope, campaign_id, from.lane_id).await? {
            if lane_id != from.lane_id {
                from = begin(lane_id);
            }
            let deferred = self.deferred(from, reason).await?;
            let Some(&(due_at_ms, step_id)) = deferred.last() else {
                from = begin(lane_id + 1);
                continue;
            };
            let transaction = self.begin().await?;
            step::Entity::update_many()
                .col_expr(step::Column::DueAtMs, Expr::value(now_ms))
                .col_expr(step::Column::LastError, Expr::value(Option::<String>::None))
                .filter(step::Column::Id.is_in(deferred.into_iter().map(|(_, id)| id)))
                .filter(in_state(StepState::Scheduled))
                .filter(step::Column::DueAtMs.gt(now_ms))
                .exec(&transaction)
                .await?;
            lower_next_due(&transaction, &[(lane_id, now_ms)].into()).await?;
            transaction.commit().await?;
            return Ok(Some(Position { lane_id, due_at_ms, step_id }));
        }
        Ok(None)
    }

    async fn deliver_lane(&self, scope: Scope, campaign_id: Uuid, from: i64) -> Result<Option<i64>, StoreError> {
        let lane = lane::Entity::find()
            .select_only()
            .column(lane::Column::Id)
            .filter(lane::Column::TenantId.eq(scope.0))
            .filter(lane::Column::CampaignId.eq(campaign_id))
            .filter(lane::Column::Kind.eq(StepKind::Deliver.as_str()))
            .filter(lane::Column::Id.gte(from))
            .order_by_asc(lane::Column::Id)
            .limit(1)
            .into_tuple()
            .one(self.read())
            .await?;
        Ok(lane)
    }

    /// Due time and id of the next ones of a lane, in the order of the index that claims read.
    async fn deferred(&self, from: Position, reason: &str) -> Result<Vec<(i64, i64)>, StoreError> {
        let place = Expr::tuple([
            Expr::column(step::Column::DueAtMs.into_column_ref()),
            Expr::column(step::Column::Id.into_column_ref()),
        ]);
        let seen = Expr::tuple([Expr::value(from.due_at_ms), Expr::value(from.step_id)]);
        let steps = step::Entity::find()
            .select_only()
            .columns([step::Column::DueAtMs, step::Column::Id])
            .filter(step::Column::LaneId.eq(from.lane_id))
            .filter(in_state(StepState::Scheduled))
            .filter(place.gt(seen))
            .filter(step::Column::LastError.starts_with(reason))
            .order_by_asc(step::Column::DueAtMs)
            .order_by_asc(step::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(self.read())
            .await?;
        Ok(steps)
    }
}
