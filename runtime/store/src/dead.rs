//! Steps that were given up on: seen, tried again or dropped by a person.

mod many;

use std::collections::BTreeMap;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select, sea_query::Expr,
};
use serde_json::{Map, Value};
use stratagem_domain::{
    campaign::CampaignStatus,
    communication::{Delivery, Status},
    session::delivered,
    step::{StepKind, StepState},
};
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError,
    commit::{CommunicationWrite, change_communication, close_session},
    entities::{campaign, communication, import, session, step, strategy_version},
    events::{self, Touched},
    lanes::{lower_next_due, note_due},
    sessions::CLOSED,
    steps::in_state,
    unique::Unique,
};

pub use self::many::{Remedied, Remedy};

/// Which dead steps are wanted. All of them by default.
#[derive(Debug, Clone, Copy, Default)]
pub struct DeadFilter {
    /// Only those of this campaign.
    pub campaign_id: Option<Uuid>,
    /// Only those of this kind.
    pub kind: Option<StepKind>,
}

impl Store {
    /// Steps that were given up on, in the order of their making; `whose` is none for whoever runs the server.
    pub async fn dead_steps(
        &self,
        whose: Option<Scope>,
        filter: DeadFilter,
        after: Option<i64>,
        limit: u64,
    ) -> Result<Vec<step::Model>, StoreError> {
        // Named one by one, they lead to the index of dead steps; else SQLite looks through all there are.
        let kinds = StepKind::ALL.into_iter().filter(|kind| filter.kind.is_none_or(|only| only == *kind));
        let of_kind = step::Column::Kind.is_in(kinds.map(StepKind::as_str));
        let mut query = dead(whose).filter(of_kind).order_by_asc(step::Column::Id).limit(limit);
        if let Some(campaign_id) = filter.campaign_id {
            query = query.filter(step::Column::CampaignId.eq(campaign_id));
        }
        if let Some(after) = after {
            query = query.filter(step::Column::Id.gt(after));
        }
        Ok(query.all(self.read()).await?)
    }

    /// Where a step stands; none where the tenant has none of that id.
    pub async fn step_state(&self, scope: Scope, id: i64) -> Result<Option<String>, StoreError> {
        let query = step::Entity::find_by_id(id).filter(step::Column::TenantId.eq(scope.0));
        Ok(query.select_only().column(step::Column::State).into_tuple().one(self.read()).await?)
    }

    /// Schedules those of the steps again that were given up on, as if they had never been tried, and returns their ids. What
    /// they are about is theirs to find out: it may have changed or be gone.
    pub async fn retry_dead(&self, whose: Option<Scope>, ids: &[i64], now_ms: i64) -> Result<Vec<i64>, StoreError> {
        let transaction = self.begin().await?;
        let steps = lock_dead(&transaction, whose, ids).await?;
        schedule_again(&transaction, &steps, now_ms).await?;
        transaction.commit().await?;
        Ok(steps.into_iter().map(|step| step.id).collect())
    }

    /// Cancels those of the steps that were given up on, and returns their ids. What would wait for them for ever comes to its
    /// end: a planned communication is canceled, a session closed, a communication without a final status settled by its
    /// delivery, an import or a compilation failed. No strategy is told.
    pub async fn drop_dead(&self, whose: Option<Scope>, ids: &[i64], now_ms: i64) -> Result<Vec<i64>, StoreError> {
        let transaction = self.begin().await?;
        let steps = lock_dead(&transaction, whose, ids).await?;
        let mut touched = Touched::default();
        for step in &steps {
            end_what_waits(&transaction, step, now_ms, &mut touched).await?;
        }
        let dropped: Vec<i64> = steps.iter().map(|step| step.id).collect();
        step::Entity::update_many()
            .col_expr(step::Column::State, Expr::value(StepState::Canceled.as_str()))
            .col_expr(step::Column::FinishedAtMs, Expr::value(now_ms))
            .filter(step::Column::Id.is_in(dropped.iter().copied()))
            .exec(&transaction)
            .await?;
        touched.steps.clone_from(&dropped);
        events::tell(&transaction, now_ms, steps.iter().map(|step| step.tenant_id), touched).await?;
        transaction.commit().await?;
        Ok(dropped)
    }
}

fn dead(whose: Option<Scope>) -> Select<step::Entity> {
    let query = step::Entity::find().filter(in_state(StepState::Dead));
    match whose {
        Some(scope) => query.filter(step::Column::TenantId.eq(scope.0)),
        None => query,
    }
}

async fn lock_dead(
    transaction: &DatabaseTransaction,
    whose: Option<Scope>,
    ids: &[i64],
) -> Result<Vec<step::Model>, StoreError> {
    let of_these = dead(whose).filter(step::Column::Id.is_in(ids.iter().copied()));
    // Before the steps, as who deletes a campaign does it: it must not be completed while something begins in it again.
    let campaigns = of_these.clone().select_only().column(step::Column::CampaignId).into_query();
    let campaigns = campaign::Entity::find().filter(campaign::Column::Id.in_subquery(campaigns));
    campaigns.order_by_asc(campaign::Column::Id).lock_exclusive().all(transaction).await?;
    Ok(of_these.order_by_asc(step::Column::Id).lock_exclusive().all(transaction).await?)
}

/// Keeps their due times: they were due before, and come before what became due since.
async fn schedule_again(
    transaction: &DatabaseTransaction,
    steps: &[step::Model],
    now_ms: i64,
) -> Result<(), StoreError> {
    if steps.is_empty() {
        return Ok(());
    }
    step::Entity::update_many()
        .col_expr(step::Column::State, Expr::value(StepState::Scheduled.as_str()))
        .col_expr(step::Column::Attempt, Expr::value(0))
        .col_expr(step::Column::Crashes, Expr::value(0))
        .col_expr(step::Column::ClaimEpoch, Expr::col(step::Column::ClaimEpoch).add(1))
        .col_expr(step::Column::ClaimedBy, Expr::value(Option::<String>::None))
        .col_expr(step::Column::LeaseUntilMs, Expr::value(Option::<i64>::None))
        .col_expr(step::Column::FinishedAtMs, Expr::value(Option::<i64>::None))
        .filter(step::Column::Id.is_in(steps.iter().map(|step| step.id)))
        .exec(transaction)
        .await?;
    // There is something to do again.
    campaign::Entity::update_many()
        .col_expr(campaign::Column::Status, Expr::value(CampaignStatus::Active.as_str()))
        .col_expr(campaign::Column::UpdatedAtMs, Expr::value(now_ms))
        .filter(campaign::Column::Id.is_in(steps.iter().map(|step| step.campaign_id)))
        .filter(campaign::Column::Status.eq(CampaignStatus::Completed.as_str()))
        .exec(transaction)
        .await?;
    let mut due = BTreeMap::new();
    for step in steps {
        note_due(&mut due, step.lane_id, step.due_at_ms);
    }
    lower_next_due(transaction, &due).await
}

async fn end_what_waits(
    transaction: &DatabaseTransaction,
    step: &step::Model,
    now_ms: i64,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    let reason = step.last_error.as_ref().map_or_else(String::new, |error| format!(": {error}"));
    let reason = format!("dropped by an operator, after it was given up on{reason}");
    match (StepKind::parse(&step.kind), step.subject_id) {
        (Some(StepKind::Deliver), Some(id)) => {
            touched.communications.push(id);
            cancel(transaction, step, id, now_ms, reason).await
        }
        (Some(StepKind::CloseSession | StepKind::Aggregate), Some(id)) => {
            touched.sessions.push(id);
            settle(transaction, step, id, now_ms, reason, touched).await
        }
        (Some(StepKind::Import), Some(id)) => {
            touched.imports.push(id);
            fail_import(transaction, id, now_ms, reason).await
        }
        (Some(StepKind::Compile), Some(id)) => fail_compilation(transaction, step, id).await,
        // A contact without its decision, deliveries that keep their time: nothing waits for these.
        (
            Some(
                StepKind::LoadData
                | StepKind::Reschedule
                | StepKind::Converse
                | StepKind::Reply
                | StepKind::AnalyzeAnswer,
            )
            | None,
            _,
        )
        | (_, None) => Ok(()),
    }
}

/// Cancels what was planned. What may have reached the contact is unknown, whatever a person would like it to be.
async fn cancel(
    transaction: &DatabaseTransaction,
    step: &step::Model,
    id: Uuid,
    now_ms: i64,
    reason: String,
) -> Result<(), StoreError> {
    // Moved meanwhile, it has another step.
    let other = step::Entity::find()
        .filter(step::Column::ContactId.eq(step.contact_id))
        .filter(step::Column::SubjectId.eq(id))
        .filter(step::Column::State.is_in([StepState::Scheduled.as_str(), StepState::Claimed.as_str()]))
        .one(transaction)
        .await?;
    let row = communication::Entity::find_by_id(id).lock_exclusive().one(transaction).await?;
    let (None, Some(row)) = (other, row) else { return Ok(()) };
    let status = match (Status::parse(&row.status), Delivery::parse(&row.delivery)) {
        (Some(Status::Planned), Some(Delivery::Sending)) => Status::Unknown,
        (Some(Status::Planned), _) => Status::Canceled,
        // It was to be sent again, and its session waited for that.
        (Some(Status::Started), Some(Delivery::Unknown)) => Status::Unknown,
        _ => return Ok(()),
    };
    if let Some(session_id) = row.session_id {
        let told = if status == Status::Unknown { Delivery::Unknown } else { Delivery::None };
        close_session(transaction, now_ms, session_id, Value::Object(delivered(told))).await?;
    }
    let write = CommunicationWrite {
        id,
        status: Some(status),
        delivery: (status == Status::Unknown).then_some(Delivery::Unknown),
        reason: Some(reason),
        waiting_for: Some(None),
        ..Default::default()
    };
    change_communication(transaction, now_ms, write, Some(row)).await
}

/// Closes the session with what is known, and gives its communication a final status.
async fn settle(
    transaction: &DatabaseTransaction,
    step: &step::Model,
    session_id: Uuid,
    now_ms: i64,
    reason: String,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    let Some(session) = session::Entity::find_by_id(session_id).unique(transaction).await? else { return Ok(()) };
    let row = communication::Entity::find_by_id(session.communication_id).lock_exclusive().one(transaction).await?;
    if session.status != CLOSED {
        let mut results: Map<String, Value> = session.results.as_object().cloned().unwrap_or_default();
        results.extend(step.payload.as_object().cloned().unwrap_or_default());
        close_session(transaction, now_ms, session_id, Value::Object(results)).await?;
    }
    let open = row.filter(|row| Status::parse(&row.status).is_some_and(|status| !status.is_final()));
    let Some(row) = open else { return Ok(()) };
    touched.communications.push(row.id);
    let settled = Delivery::parse(&row.delivery).map_or(Status::Completed, Delivery::settled);
    let write = CommunicationWrite { id: row.id, status: Some(settled), reason: Some(reason), ..Default::default() };
    change_communication(transaction, now_ms, write, Some(row)).await
}

async fn fail_import(
    transaction: &DatabaseTransaction,
    id: Uuid,
    now_ms: i64,
    reason: String,
) -> Result<(), StoreError> {
    let failed = import::ActiveModel {
        status: Set("failed".to_owned()),
        error: Set(Some(reason)),
        finished_at_ms: Set(Some(now_ms)),
        ..Default::default()
    };
    import::Entity::update_many().set(failed).filter(import::Column::Id.eq(id)).exec(transaction).await?;
    Ok(())
}

async fn fail_compilation(
    transaction: &DatabaseTransaction,
    step: &step::Model,
    strategy_id: Uuid,
) -> Result<(), StoreError> {
    let failed = strategy_version::ActiveModel {
        status: Set("failed".to_owned()),
        status_reason: Set(Some("it could not be compiled, and an operator dropped it: upload it again".to_owned())),
        ..Default::default()
    };
    strategy_version::Entity::update_many()
        .set(failed)
        .filter(strategy_version::Column::StrategyId.eq(strategy_id))
        .filter(strategy_version::Column::Version.eq(step.payload["version"].as_i64().unwrap_or(1)))
        .filter(strategy_version::Column::Status.eq("compiling"))
        .exec(transaction)
        .await?;
    Ok(())
}
