//! Campaigns: their rows, their life, their summary.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    sea_query::{Asterisk, Expr, ExprTrait, Func, Query, SelectStatement},
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
    events::{self, Touched},
    lanes::any_waiting,
    sessions,
    steps::{NewStep, in_state},
    unique::Unique,
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
        Ok(query.unique(self.read()).await?)
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
        let moved = move_to(&transaction, scope, id, from, to, now_ms).await?;
        transaction.commit().await?;
        Ok(moved)
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
            if is_at_rest(self.read(), row.id).await? {
                completed += u64::from(self.complete(Scope(row.tenant_id), row.id, now_ms).await?);
            }
        }
        Ok(completed)
    }

    /// Looks once more while the campaign is locked: an import, or a dead step's retry, may have come since the first look.
    pub(crate) async fn complete(&self, scope: Scope, id: Uuid, now_ms: i64) -> Result<bool, StoreError> {
        let (from, to) = ([CampaignStatus::Active], CampaignStatus::Completed);
        let transaction = self.begin().await?;
        let completed =
            move_to(&transaction, scope, id, &from, to, now_ms).await? && is_at_rest(&transaction, id).await?;
        if completed {
            transaction.commit().await?;
        }
        Ok(completed)
    }

    /// Removes a campaign and everything in it. Returns its imports that had not ended, whose files are still there; none
    /// where the tenant has no campaign of that id.
    pub async fn delete_campaign(&self, scope: Scope, id: Uuid) -> Result<Option<Vec<Uuid>>, StoreError> {
        use crate::entities::{import, import_receipt, run, stage, strategy, strategy_version};
        let transaction = self.begin().await?;
        let deleted = campaign::Entity::delete_many()
            .filter(campaign::Column::Id.eq(id))
            .filter(campaign::Column::TenantId.eq(scope.0))
            .exec(&transaction)
            .await?;
        if deleted.rows_affected == 0 {
            return Ok(None);
        }
        // First those of its contacts, whom nothing leads to later.
        let of_contact = step::Column::ContactId.in_subquery(contacts_of(id));
        let without = step::Column::ContactId.is_null().and(step::Column::CampaignId.eq(id));
        for of_campaign in [of_contact, without.clone()] {
            step::Entity::delete_many().filter(of_campaign).exec(&transaction).await?;
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
        // What steps that were under way have added meanwhile.
        let scheduled = step::Column::LaneId.in_subquery(lanes_of(id)).and(in_state(StepState::Scheduled));
        let claimed = step::Column::CampaignId.eq(id).and(in_state(StepState::Claimed));
        for added in [scheduled, claimed, without] {
            step::Entity::delete_many().filter(added).exec(&transaction).await?;
        }
        lane::Entity::delete_many().filter(lane::Column::CampaignId.eq(id)).exec(&transaction).await?;
        transaction.commit().await?;
        Ok(Some(under_way))
    }

    /// What a campaign has come to. Its cost grows with the campaign, not with others: each count reads one index, and no row.
    pub async fn summary(&self, scope: Scope, id: Uuid) -> Result<Summary, StoreError> {
        if self.campaign(scope, id).await?.is_none() {
            return Ok(Summary::default());
        }
        let stages = stages(id).into_tuple::<(Option<String>, i64)>().all(self.read()).await?;
        let stages = counts(stages);
        let (mut communications, mut alternatives) = (BTreeMap::new(), BTreeMap::new());
        let chosen = communications_of(id).into_tuple::<(String, Option<String>, i64)>().all(self.read()).await?;
        for (status, alternative, n) in chosen {
            let n = u64::try_from(n).unwrap_or(0);
            *communications.entry(status).or_default() += n;
            if let Some(alternative) = alternative.filter(|label| !label.is_empty()) {
                *alternatives.entry(alternative).or_default() += n;
            }
        }
        let outcomes = outcomes(id).into_tuple::<(Option<String>, i64)>().all(self.read()).await?;
        let [scheduled, claimed, dead] = self.count_steps(id).await?;
        Ok(Summary {
            contacts: stages.values().sum(),
            stages,
            communications,
            alternatives,
            outcomes: counts(outcomes),
            steps_waiting: scheduled + claimed,
            steps_dead: dead,
        })
    }

    /// Its steps that are scheduled, by their lanes; and those that are claimed or dead, among all that are: these are few. All at
    /// one moment, because a step goes from one to the other.
    async fn count_steps(&self, campaign_id: Uuid) -> Result<[u64; 3], StoreError> {
        let of_campaign = step::Column::CampaignId.eq(campaign_id);
        let counts = [
            step::Column::LaneId.in_subquery(lanes_of(campaign_id)).and(in_state(StepState::Scheduled)),
            in_state(StepState::Claimed).and(of_campaign.clone()),
            in_state(StepState::Dead).and(of_campaign),
        ];
        let mut select = Query::select();
        for steps in counts {
            let count = step::Entity::find().select_only().column_as(rows(), "n").filter(steps).into_query();
            select.expr(Expr::SubQuery(None, Box::new(count.into())));
        }
        let mut counts = [0; 3];
        if let Some(row) = self.read().query_one(&select).await? {
            for (index, count) in counts.iter_mut().enumerate() {
                *count = u64::try_from(row.try_get_by_index::<i64>(index)?).unwrap_or(0);
            }
        }
        Ok(counts)
    }
}

/// How many rows: a count of a column would read the column.
fn rows() -> Expr {
    Func::count(Expr::col(Asterisk)).into()
}

fn stages(campaign_id: Uuid) -> Select<contact::Entity> {
    contact::Entity::find()
        .select_only()
        .column(contact::Column::CurrentStage)
        .column_as(rows(), "n")
        .filter(contact::Column::CampaignId.eq(campaign_id))
        .group_by(contact::Column::CurrentStage)
}

fn communications_of(campaign_id: Uuid) -> Select<communication::Entity> {
    communication::Entity::find()
        .select_only()
        .columns([communication::Column::Status, communication::Column::Alternative])
        .column_as(rows(), "n")
        .filter(communication::Column::CampaignId.eq(campaign_id))
        .group_by(communication::Column::Status)
        .group_by(communication::Column::Alternative)
}

fn outcomes(campaign_id: Uuid) -> Select<session::Entity> {
    session::Entity::find()
        .select_only()
        .column(session::Column::Outcome)
        .column_as(rows(), "n")
        .filter(session::Column::CampaignId.eq(campaign_id))
        .filter(session::Column::Status.eq(sessions::CLOSED))
        .group_by(session::Column::Outcome)
}

fn lanes_of(campaign_id: Uuid) -> SelectStatement {
    Query::select()
        .column(lane::Column::Id)
        .from(lane::Entity)
        .and_where(lane::Column::CampaignId.eq(campaign_id))
        .to_owned()
}

fn contacts_of(campaign_id: Uuid) -> SelectStatement {
    Query::select()
        .column(contact::Column::Id)
        .from(contact::Entity)
        .and_where(contact::Column::CampaignId.eq(campaign_id))
        .to_owned()
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

/// What [`Store::set_campaign_status`] does.
async fn move_to(
    transaction: &DatabaseTransaction,
    scope: Scope,
    id: Uuid,
    from: &[CampaignStatus],
    to: CampaignStatus,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let moved = campaign::Entity::update_many()
        .col_expr(campaign::Column::Status, Expr::value(to.as_str()))
        .col_expr(campaign::Column::UpdatedAtMs, Expr::value(now_ms))
        .filter(campaign::Column::Id.eq(id))
        .filter(campaign::Column::TenantId.eq(scope.0))
        .filter(campaign::Column::Status.is_in(from.iter().map(|status| status.as_str())))
        .exec(transaction)
        .await?;
    if moved.rows_affected == 0 {
        return Ok(false);
    }
    let held: Vec<&str> = StepKind::ALL.iter().filter(|kind| !kind.ignores_pause()).map(|kind| kind.as_str()).collect();
    lane::Entity::update_many()
        .col_expr(lane::Column::Paused, Expr::value(!to.runs()))
        .filter(lane::Column::CampaignId.eq(id))
        .filter(lane::Column::Kind.is_in(held))
        .exec(transaction)
        .await?;
    let touched = Touched { campaigns: vec![id], ..Default::default() };
    events::tell(transaction, now_ms, [scope.0], touched).await?;
    Ok(true)
}

/// Whether the campaign has contacts, nothing planned or open, and no step that waits.
async fn is_at_rest(connection: &impl ConnectionTrait, id: Uuid) -> Result<bool, StoreError> {
    if any_waiting(connection, id).await? {
        return Ok(false);
    }
    let open = Status::ALL.into_iter().filter(|status| !status.is_final()).map(Status::as_str);
    let open = communication::Entity::find()
        .filter(communication::Column::CampaignId.eq(id))
        .filter(communication::Column::Status.is_in(open));
    if open.one(connection).await?.is_some() {
        return Ok(false);
    }
    let contact = contact::Entity::find().filter(contact::Column::CampaignId.eq(id)).one(connection).await?;
    Ok(contact.is_some())
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
