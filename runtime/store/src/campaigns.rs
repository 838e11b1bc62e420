//! Campaigns: their rows, their life, their summary.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde_json::Value;
use stratagem_domain::{
    campaign::CampaignStatus,
    communication::Status,
    step::{StepKind, StepState},
};
use uuid::Uuid;

use crate::{
    Page, Scope, Store, StoreError,
    entities::{campaign, communication, contact, identity, lane, message, session, step},
    sessions,
    steps::NewStep,
};

/// What a campaign has come to, in numbers.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Contacts in all.
    pub contacts: u64,
    /// Contacts by `current_stage`; those without one under the empty name.
    pub stages: BTreeMap<String, u64>,
    /// Communications by status.
    pub communications: BTreeMap<String, u64>,
    /// Communications by label of the chosen alternative.
    pub alternatives: BTreeMap<String, u64>,
    /// Ended sessions by `OutcomeStatus`; those without one under the empty name.
    pub outcomes: BTreeMap<String, u64>,
    /// Steps that are scheduled or claimed.
    pub steps_waiting: u64,
    /// Steps that were given up on.
    pub steps_dead: u64,
}

impl Store {
    /// Adds a campaign.
    pub async fn insert_campaign(&self, row: campaign::Model) -> Result<(), StoreError> {
        campaign::Entity::insert(row.into_active_model()).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// One campaign.
    pub async fn campaign(&self, scope: Scope, id: Uuid) -> Result<Option<campaign::Model>, StoreError> {
        let query = campaign::Entity::find_by_id(id).filter(campaign::Column::TenantId.eq(scope.0));
        Ok(query.one(self.read()).await?)
    }

    /// A tenant's campaigns.
    pub async fn campaigns(&self, scope: Scope, page: Page) -> Result<Vec<campaign::Model>, StoreError> {
        let mut query = campaign::Entity::find()
            .filter(campaign::Column::TenantId.eq(scope.0))
            .order_by_asc(campaign::Column::Id)
            .limit(page.limit);
        if let Some(after) = page.after {
            query = query.filter(campaign::Column::Id.gt(after));
        }
        Ok(query.all(self.read()).await?)
    }

    /// Stores a campaign's name, description, zone and sending hours; with `reschedule` together with the step that asks anew
    /// what waits for the hours.
    pub async fn update_campaign(
        &self,
        scope: Scope,
        row: campaign::Model,
        reschedule: bool,
        trace_id: Option<String>,
    ) -> Result<(), StoreError> {
        let (id, now_ms) = (row.id, row.updated_at_ms);
        let steps = if reschedule { vec![reschedule_step(id, now_ms, trace_id)] } else { Vec::new() };
        self.ensure_lanes(scope, &steps).await?;
        let transaction = self.begin().await?;
        let change = campaign::ActiveModel {
            name: Set(row.name),
            description: Set(row.description),
            time_zone: Set(row.time_zone),
            sending_hours: Set(row.sending_hours),
            send_rate: Set(row.send_rate),
            updated_at_ms: Set(row.updated_at_ms),
            ..Default::default()
        };
        campaign::Entity::update_many()
            .set(change)
            .filter(campaign::Column::Id.eq(id))
            .filter(campaign::Column::TenantId.eq(scope.0))
            .exec(&transaction)
            .await?;
        self.insert_steps(&transaction, now_ms, steps.into_iter().map(|step| (scope, step)).collect(), BTreeMap::new())
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Moves a campaign from one of `from` to `to`, and pauses or frees its lanes with it; false where it was in none of
    /// them.
    pub async fn set_campaign_status(
        &self,
        scope: Scope,
        id: Uuid,
        from: &[CampaignStatus],
        to: CampaignStatus,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let moved = campaign::Entity::update_many()
            .col_expr(campaign::Column::Status, Expr::value(to.as_str()))
            .col_expr(campaign::Column::UpdatedAtMs, Expr::value(now_ms))
            .filter(campaign::Column::Id.eq(id))
            .filter(campaign::Column::TenantId.eq(scope.0))
            .filter(campaign::Column::Status.is_in(from.iter().map(|status| status.as_str())))
            .exec(&transaction)
            .await?;
        if moved.rows_affected == 0 {
            return Ok(false);
        }
        let held: Vec<&str> =
            StepKind::ALL.iter().filter(|kind| !kind.ignores_pause()).map(|kind| kind.as_str()).collect();
        lane::Entity::update_many()
            .col_expr(lane::Column::Paused, Expr::value(!to.runs()))
            .filter(lane::Column::CampaignId.eq(id))
            .filter(lane::Column::Kind.is_in(held))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Marks every active campaign as completed whose contacts are all at rest for good: it has contacts, nothing is
    /// planned or open, and no step waits. Returns how many.
    pub async fn complete_campaigns(&self, now_ms: i64) -> Result<u64, StoreError> {
        let active = campaign::Entity::find()
            .filter(campaign::Column::Status.eq(CampaignStatus::Active.as_str()))
            .all(self.read())
            .await?;
        let mut completed = 0;
        for row in active {
            if self.is_at_rest(row.id).await? {
                let scope = Scope(row.tenant_id);
                let (from, to) = ([CampaignStatus::Active], CampaignStatus::Completed);
                completed += u64::from(self.set_campaign_status(scope, row.id, &from, to, now_ms).await?);
            }
        }
        Ok(completed)
    }

    async fn is_at_rest(&self, id: Uuid) -> Result<bool, StoreError> {
        let waiting = step::Entity::find()
            .filter(step::Column::CampaignId.eq(id))
            .filter(step::Column::State.is_in([StepState::Scheduled.as_str(), StepState::Claimed.as_str()]));
        if waiting.one(self.read()).await?.is_some() {
            return Ok(false);
        }
        let open = Status::ALL.into_iter().filter(|status| !status.is_final()).map(Status::as_str);
        let open = communication::Entity::find()
            .filter(communication::Column::CampaignId.eq(id))
            .filter(communication::Column::Status.is_in(open));
        if open.one(self.read()).await?.is_some() {
            return Ok(false);
        }
        let contact = contact::Entity::find().filter(contact::Column::CampaignId.eq(id)).one(self.read()).await?;
        Ok(contact.is_some())
    }

    /// Removes a campaign and everything in it. Returns its imports that had not ended, whose files are still there; none
    /// where the tenant has no campaign of that id.
    pub async fn delete_campaign(&self, scope: Scope, id: Uuid) -> Result<Option<Vec<Uuid>>, StoreError> {
        use crate::entities::{import, import_receipt, run, stage, strategy, strategy_version};
        use sea_orm::sea_query::Query;
        let transaction = self.begin().await?;
        let deleted = campaign::Entity::delete_many()
            .filter(campaign::Column::Id.eq(id))
            .filter(campaign::Column::TenantId.eq(scope.0))
            .exec(&transaction)
            .await?;
        if deleted.rows_affected == 0 {
            return Ok(None);
        }
        // Nothing is added any more: whoever adds something holds the campaign's row.
        let under_way = import::Entity::find()
            .select_only()
            .column(import::Column::Id)
            .filter(import::Column::TenantId.eq(scope.0))
            .filter(import::Column::CampaignId.eq(id))
            .filter(import::Column::FinishedAtMs.is_null())
            .into_tuple::<Uuid>()
            .all(&transaction)
            .await?;
        let imports = Query::select()
            .column(import::Column::Id)
            .from(import::Entity)
            .and_where(import::Column::CampaignId.eq(id))
            .to_owned();
        let strategies = Query::select()
            .column(strategy::Column::Id)
            .from(strategy::Entity)
            .and_where(strategy::Column::CampaignId.eq(id))
            .to_owned();
        import_receipt::Entity::delete_many()
            .filter(import_receipt::Column::ImportId.in_subquery(imports))
            .exec(&transaction)
            .await?;
        strategy_version::Entity::delete_many()
            .filter(strategy_version::Column::StrategyId.in_subquery(strategies))
            .exec(&transaction)
            .await?;
        import::Entity::delete_many().filter(import::Column::CampaignId.eq(id)).exec(&transaction).await?;
        strategy::Entity::delete_many().filter(strategy::Column::CampaignId.eq(id)).exec(&transaction).await?;
        stage::Entity::delete_many().filter(stage::Column::CampaignId.eq(id)).exec(&transaction).await?;
        run::Entity::delete_many().filter(run::Column::CampaignId.eq(id)).exec(&transaction).await?;
        session::Entity::delete_many().filter(session::Column::CampaignId.eq(id)).exec(&transaction).await?;
        communication::Entity::delete_many()
            .filter(communication::Column::CampaignId.eq(id))
            .exec(&transaction)
            .await?;
        message::Entity::delete_many().filter(message::Column::CampaignId.eq(id)).exec(&transaction).await?;
        let contacts = Query::select()
            .column(contact::Column::Id)
            .from(contact::Entity)
            .and_where(contact::Column::CampaignId.eq(id))
            .to_owned();
        identity::Entity::delete_many()
            .filter(identity::Column::ContactId.in_subquery(contacts))
            .exec(&transaction)
            .await?;
        contact::Entity::delete_many().filter(contact::Column::CampaignId.eq(id)).exec(&transaction).await?;
        step::Entity::delete_many().filter(step::Column::CampaignId.eq(id)).exec(&transaction).await?;
        lane::Entity::delete_many().filter(lane::Column::CampaignId.eq(id)).exec(&transaction).await?;
        transaction.commit().await?;
        Ok(Some(under_way))
    }

    /// What a campaign has come to.
    pub async fn summary(&self, scope: Scope, id: Uuid) -> Result<Summary, StoreError> {
        let of_campaign = contact::Column::TenantId.eq(scope.0).and(contact::Column::CampaignId.eq(id));
        let contacts = contact::Entity::find().filter(of_campaign.clone()).count(self.read()).await?;
        let stages = contact::Entity::find()
            .select_only()
            .column(contact::Column::CurrentStage)
            .column_as(contact::Column::Id.count(), "n")
            .filter(of_campaign)
            .group_by(contact::Column::CurrentStage)
            .into_tuple::<(Option<String>, i64)>()
            .all(self.read())
            .await?;
        let communications = self.count_communications(scope, id, communication::Column::Status).await?;
        let mut alternatives = self.count_communications(scope, id, communication::Column::Alternative).await?;
        alternatives.remove("");
        Ok(Summary {
            contacts,
            stages: counts(stages),
            communications,
            alternatives,
            outcomes: self.outcomes(scope, id).await?,
            steps_waiting: self.count_steps(scope, id, &[StepState::Scheduled, StepState::Claimed]).await?,
            steps_dead: self.count_steps(scope, id, &[StepState::Dead]).await?,
        })
    }

    async fn count_communications(
        &self,
        scope: Scope,
        campaign_id: Uuid,
        by: communication::Column,
    ) -> Result<BTreeMap<String, u64>, StoreError> {
        let rows = communication::Entity::find()
            .select_only()
            .column(by)
            .column_as(communication::Column::Id.count(), "n")
            .filter(communication::Column::TenantId.eq(scope.0))
            .filter(communication::Column::CampaignId.eq(campaign_id))
            .group_by(by)
            .into_tuple::<(Option<String>, i64)>()
            .all(self.read())
            .await?;
        Ok(counts(rows))
    }

    async fn outcomes(&self, scope: Scope, campaign_id: Uuid) -> Result<BTreeMap<String, u64>, StoreError> {
        let rows = session::Entity::find()
            .select_only()
            .column(session::Column::Outcome)
            .column_as(session::Column::Id.count(), "n")
            .filter(session::Column::TenantId.eq(scope.0))
            .filter(session::Column::CampaignId.eq(campaign_id))
            .filter(session::Column::Status.eq(sessions::CLOSED))
            .group_by(session::Column::Outcome)
            .into_tuple::<(Option<String>, i64)>()
            .all(self.read())
            .await?;
        Ok(counts(rows))
    }

    async fn count_steps(&self, scope: Scope, campaign_id: Uuid, states: &[StepState]) -> Result<u64, StoreError> {
        let count = step::Entity::find()
            .filter(step::Column::TenantId.eq(scope.0))
            .filter(step::Column::CampaignId.eq(campaign_id))
            .filter(step::Column::State.is_in(states.iter().map(|state| state.as_str())))
            .count(self.read())
            .await?;
        Ok(count)
    }
}

fn reschedule_step(campaign_id: Uuid, now_ms: i64, trace_id: Option<String>) -> NewStep {
    NewStep {
        campaign_id,
        contact_id: None,
        subject_id: Some(campaign_id),
        kind: StepKind::Reschedule,
        sender: String::new(),
        payload: Value::Null,
        due_at_ms: now_ms,
        trace_id,
    }
}

fn counts(rows: Vec<(Option<String>, i64)>) -> BTreeMap<String, u64> {
    rows.into_iter().map(|(name, n)| (name.unwrap_or_default(), u64::try_from(n).unwrap_or(0))).collect()
}

/// Keeps the campaign from being deleted until the transaction ends: what is added to it goes with it, or is not added.
pub(crate) async fn hold(transaction: &DatabaseTransaction, scope: Scope, id: Uuid) -> Result<(), StoreError> {
    let row = campaign::Entity::find_by_id(id)
        .filter(campaign::Column::TenantId.eq(scope.0))
        .lock_exclusive()
        .one(transaction)
        .await?;
    row.map(|_| ()).ok_or_else(|| StoreError::Conflict("The campaign was deleted meanwhile.".to_owned()))
}
