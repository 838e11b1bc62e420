//! Imports: uploaded files, how far each was read, and what was wrong with its rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, JoinType, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};
use serde_json::Value;
use stratagem_domain::{
    campaign::CampaignStatus,
    step::{StepKind, StepState},
};
use uuid::Uuid;

use crate::{
    Json, Scope, Store, StoreError, bulk, campaigns,
    commit::{Committed, Fence},
    entities::{campaign, contact, import, import_receipt, step},
    events::{self, Touched},
    idempotency::{KeptAnswer, keep_answer},
    steps::{INSERT_ROWS, NewStep},
    unique::Unique,
};

/// A row that was accepted.
#[derive(Debug, Clone)]
pub struct ImportedRow {
    /// The contact as it is stored if there is none of its pair of ids yet.
    pub contact: contact::Model,
    /// The imported fields, which the data load strategy gets laid over the stored contact if there is one.
    pub fields: Value,
}

/// What was wrong with one row.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// From 1, the header not counted.
    pub row: i64,
    /// Column or key; empty for the row as a whole.
    pub field: String,
    /// The value that was found, cut.
    pub value: String,
    /// In plain words.
    pub reason: String,
    /// `rejected` or `warned`.
    pub outcome: &'static str,
    /// The contact that the row made or changed, where it was accepted.
    pub contact_id: Option<Uuid>,
}

/// Some rows of a file, with what has been read after them.
#[derive(Debug, Clone)]
pub struct ImportBatch {
    /// The import.
    pub import_id: Uuid,
    /// Its campaign.
    pub campaign_id: Uuid,
    /// Rows that were accepted.
    pub accepted: Vec<ImportedRow>,
    /// What was wrong with rows.
    pub receipts: Vec<Receipt>,
    /// How many rows were rejected.
    pub rejected: i64,
    /// How many accepted rows have a warning.
    pub warned: i64,
    /// Where to go on after them.
    pub checkpoint: Value,
    /// Bytes read so far.
    pub bytes_read: i64,
}

/// What became of a batch of rows that was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredRows {
    /// Rows that made a contact.
    pub created: i64,
    /// Rows about a contact that was there.
    pub updated: i64,
    /// Rows that were rejected.
    pub rejected: i64,
}

impl Receipt {
    fn row_of(self, scope: Scope, import_id: Uuid) -> import_receipt::ActiveModel {
        import_receipt::ActiveModel {
            id: sea_orm::ActiveValue::NotSet,
            tenant_id: Set(scope.0),
            import_id: Set(import_id),
            row: Set(self.row),
            field: Set(self.field),
            value: Set(self.value),
            reason: Set(self.reason),
            outcome: Set(self.outcome.to_owned()),
            contact_id: Set(self.contact_id),
        }
    }
}

impl Store {
    /// Adds an import together with the step that reads it, and the answer to the request that asked for it, where that named
    /// itself. A campaign that was completed is active again; one that is gone is a conflict.
    pub async fn insert_import(
        &self,
        scope: Scope,
        row: import::Model,
        trace_id: Option<String>,
        answer: Option<KeptAnswer>,
    ) -> Result<(), StoreError> {
        let step = NewStep {
            campaign_id: row.campaign_id,
            contact_id: None,
            subject_id: Some(row.id),
            kind: StepKind::Import,
            sender: String::new(),
            payload: Value::Null,
            due_at_ms: row.created_at_ms,
            trace_id,
        };
        self.ensure_lanes(scope, std::slice::from_ref(&step)).await?;
        let transaction = self.begin().await?;
        let now_ms = row.created_at_ms;
        campaigns::hold(&transaction, scope, step.campaign_id).await?;
        import::Entity::insert(row.into_active_model()).exec_without_returning(&transaction).await?;
        let woken = campaign::Entity::update_many()
            .col_expr(campaign::Column::Status, Expr::value(CampaignStatus::Active.as_str()))
            .col_expr(campaign::Column::UpdatedAtMs, Expr::value(now_ms))
            .filter(campaign::Column::Id.eq(step.campaign_id))
            .filter(campaign::Column::TenantId.eq(scope.0))
            .filter(campaign::Column::Status.eq(CampaignStatus::Completed.as_str()))
            .exec(&transaction)
            .await?;
        if let Some(answer) = answer {
            keep_answer(&transaction, scope, answer).await?;
        }
        let campaigns = if woken.rows_affected > 0 { vec![step.campaign_id] } else { Vec::new() };
        let touched = Touched { imports: step.subject_id.into_iter().collect(), campaigns, ..Default::default() };
        events::tell(&transaction, now_ms, [scope.0], touched).await?;
        self.insert_steps(&transaction, now_ms, vec![(scope, step)], BTreeMap::new()).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// One import.
    pub async fn import(&self, scope: Scope, id: Uuid) -> Result<Option<import::Model>, StoreError> {
        Ok(import::Entity::find_by_id(id).filter(import::Column::TenantId.eq(scope.0)).unique(self.read()).await?)
    }

    /// A campaign's imports, newest first.
    pub async fn imports(&self, scope: Scope, campaign_id: Uuid) -> Result<Vec<import::Model>, StoreError> {
        let query = import::Entity::find()
            .filter(import::Column::TenantId.eq(scope.0))
            .filter(import::Column::CampaignId.eq(campaign_id))
            .order_by_desc(import::Column::Id)
            .limit(crate::page::MAX_LIMIT);
        Ok(query.all(self.read()).await?)
    }

    /// What was wrong with rows of an import, in the file's order; `after` is the id of the last receipt that was seen.
    pub async fn import_receipts(
        &self,
        scope: Scope,
        import_id: Uuid,
        outcome: Option<&str>,
        after: Option<i64>,
        limit: u64,
    ) -> Result<Vec<import_receipt::Model>, StoreError> {
        let mut query = import_receipt::Entity::find()
            .filter(import_receipt::Column::TenantId.eq(scope.0))
            .filter(import_receipt::Column::ImportId.eq(import_id))
            .order_by_asc(import_receipt::Column::Id)
            .limit(limit);
        if let Some(outcome) = outcome {
            query = query.filter(import_receipt::Column::Outcome.eq(outcome));
        }
        if let Some(after) = after {
            query = query.filter(import_receipt::Column::Id.gt(after));
        }
        Ok(query.all(self.read()).await?)
    }

    /// Notes that reading has begun, and what was found out about the file.
    pub async fn begin_import(&self, scope: Scope, id: Uuid, prepared: Value) -> Result<(), StoreError> {
        let change = import::ActiveModel {
            status: Set("running".to_owned()),
            prepared: Set(Some(prepared.into())),
            ..Default::default()
        };
        import::Entity::update_many()
            .set(change)
            .filter(import::Column::Id.eq(id))
            .filter(import::Column::TenantId.eq(scope.0))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Stores a batch of rows: new contacts, a data load step for each row, receipts, counts and checkpoint, all or nothing.
    /// None where the claim was lost and nothing is stored.
    pub async fn commit_import(
        &self,
        now_ms: i64,
        scope: Scope,
        fence: Fence,
        batch: ImportBatch,
    ) -> Result<Option<StoredRows>, StoreError> {
        self.ensure_lanes(scope, &[load_step(batch.campaign_id, Uuid::nil(), Value::Null, now_ms, None)]).await?;
        let transaction = self.begin().await?;
        let Some(step) = held(&transaction, fence).await? else { return Ok(None) };
        if step.crashes > 0 {
            // It gets on: crashes that are not its fault must not add up over a file that takes hours.
            let calm = step::ActiveModel { id: Set(step.id), crashes: Set(0), ..Default::default() };
            step::Entity::update(calm).exec_without_returning(&transaction).await?;
        }
        let trace_id = step.trace_id.as_deref();
        let rows = i64::try_from(batch.accepted.len()).unwrap_or(i64::MAX);
        let Sorted { created, steps, known } =
            sort_out(&transaction, now_ms, batch.campaign_id, trace_id, batch.accepted).await?;
        for chunk in batch.receipts.chunks(INSERT_ROWS) {
            let chunk = chunk.iter().cloned().map(|mut receipt| {
                // A row of a contact that was there is about that one.
                receipt.contact_id = receipt.contact_id.map(|id| known.get(&id).copied().unwrap_or(id));
                receipt.row_of(scope, batch.import_id)
            });
            import_receipt::Entity::insert_many(chunk).exec_without_returning(&transaction).await?;
        }
        let plus = |column: import::Column, n: i64| Expr::col(column).add(n);
        import::Entity::update_many()
            .col_expr(import::Column::Rows, plus(import::Column::Rows, rows + batch.rejected))
            .col_expr(import::Column::Created, plus(import::Column::Created, created))
            .col_expr(import::Column::Updated, plus(import::Column::Updated, rows - created))
            .col_expr(import::Column::Rejected, plus(import::Column::Rejected, batch.rejected))
            .col_expr(import::Column::Warned, plus(import::Column::Warned, batch.warned))
            .col_expr(import::Column::Checkpoint, Expr::value(Json(batch.checkpoint)))
            .col_expr(import::Column::BytesRead, Expr::value(batch.bytes_read))
            .filter(import::Column::Id.eq(batch.import_id))
            .filter(import::Column::TenantId.eq(scope.0))
            .exec(&transaction)
            .await?;
        let touched = Touched { imports: vec![batch.import_id], ..Default::default() };
        events::tell(&transaction, now_ms, [scope.0], touched).await?;
        let steps = steps.into_iter().map(|step| (scope, step)).collect();
        self.insert_steps(&transaction, now_ms, steps, BTreeMap::new()).await?;
        transaction.commit().await?;
        Ok(Some(StoredRows { created, updated: rows - created, rejected: batch.rejected }))
    }

    /// Ends an import and its step: completed, or failed as a whole with the reason.
    pub async fn finish_import(
        &self,
        now_ms: i64,
        scope: Scope,
        fence: Fence,
        id: Uuid,
        error: Option<String>,
    ) -> Result<Committed, StoreError> {
        let transaction = self.begin().await?;
        if held(&transaction, fence).await?.is_none() {
            return Ok(Committed::Fenced);
        }
        let status = if error.is_some() { "failed" } else { "completed" };
        let mut change = import::ActiveModel {
            status: Set(status.to_owned()),
            finished_at_ms: Set(Some(now_ms)),
            ..Default::default()
        };
        if error.is_some() {
            change.error = Set(error);
        }
        import::Entity::update_many()
            .set(change)
            .filter(import::Column::Id.eq(id))
            .filter(import::Column::TenantId.eq(scope.0))
            .exec(&transaction)
            .await?;
        let done = step::ActiveModel {
            id: Set(fence.step_id),
            state: Set(StepState::Done.as_str().to_owned()),
            finished_at_ms: Set(Some(now_ms)),
            lease_until_ms: Set(None),
            ..Default::default()
        };
        step::Entity::update(done).exec_without_returning(&transaction).await?;
        let touched = Touched { imports: vec![id], ..Default::default() };
        events::tell(&transaction, now_ms, [scope.0], touched).await?;
        transaction.commit().await?;
        Ok(Committed::Applied)
    }
}

/// The rows of a batch, sorted.
struct Sorted {
    /// How many made a contact.
    created: i64,
    steps: Vec<NewStep>,
    /// The contact that was there, by the id that a new one would have had.
    known: HashMap<Uuid, Uuid>,
}

/// Stores new contacts, and makes the data load step of every row: the first of a pair of ids makes the contact, later ones update
/// it.
async fn sort_out(
    transaction: &DatabaseTransaction,
    now_ms: i64,
    campaign_id: Uuid,
    trace_id: Option<&str>,
    accepted: Vec<ImportedRow>,
) -> Result<Sorted, StoreError> {
    let mut first = HashMap::with_capacity(accepted.len());
    let (mut new, mut rows) = (Vec::with_capacity(accepted.len()), Vec::with_capacity(accepted.len()));
    for ImportedRow { contact, fields } in accepted {
        let (id, pair) = (contact.id, pair(&contact));
        if !first.contains_key(&pair) {
            first.insert(pair.clone(), id);
            new.push(contact);
        }
        rows.push((id, pair, fields));
    }
    let there = insert_contacts(transaction, campaign_id, new).await?;
    let created = i64::try_from(first.len() - there.len()).unwrap_or(i64::MAX);
    let (mut steps, mut known) = (Vec::with_capacity(rows.len()), HashMap::new());
    for (new_id, pair, fields) in rows {
        let id = there.get(&pair).or_else(|| first.get(&pair)).copied().unwrap_or(new_id);
        let fields = if id == new_id { Value::Null } else { fields };
        if id != new_id {
            known.insert(new_id, id);
        }
        steps.push(load_step(campaign_id, id, fields, now_ms, trace_id.map(str::to_owned)));
    }
    Ok(Sorted { created, steps, known })
}

/// A contact's own ids, which are unique in its campaign.
type Pair = (String, String);

fn pair(contact: &contact::Model) -> Pair {
    (contact.object_id.clone(), contact.external_id.clone())
}

/// Inserts contacts whose pairs of ids are not there yet, in one statement that needs no look beforehand, and says which were there.
async fn insert_contacts(
    transaction: &DatabaseTransaction,
    campaign_id: Uuid,
    mut contacts: Vec<contact::Model>,
) -> Result<HashMap<Pair, Uuid>, StoreError> {
    use contact::Column::{CampaignId, ExternalId, ObjectId};
    let columns = bulk::columns::<contact::Entity>();
    let mut there = HashMap::new();
    // One that was there and is erased before it is looked at is inserted after all.
    while !contacts.is_empty() {
        let rows = contacts.iter().map(|contact| bulk::row(contact, &columns)).collect();
        let key = [CampaignId, ObjectId, ExternalId];
        let inserted = bulk::insert_missing::<contact::Entity>(transaction, &columns, &key, rows).await?;
        let inserted: HashSet<Uuid> = inserted.into_iter().collect();
        contacts.retain(|contact| !inserted.contains(&contact.id));
        there.extend(existing(transaction, campaign_id, &contacts).await?);
        contacts.retain(|contact| !there.contains_key(&pair(contact)));
    }
    Ok(there)
}

/// Joined with the list of pairs: databases ask an index for each of a join, but step over all of a campaign for a condition of
/// hundreds of pairs.
async fn existing(
    transaction: &DatabaseTransaction,
    campaign_id: Uuid,
    contacts: &[contact::Model],
) -> Result<HashMap<Pair, Uuid>, StoreError> {
    use contact::Column::{CampaignId, ExternalId, Id, ObjectId};
    let mut known = HashMap::new();
    for chunk in contacts.chunks(INSERT_ROWS) {
        let own = |column: contact::Column| Expr::col((contact::Entity, column));
        let is_pair = Condition::all()
            .add(own(CampaignId).eq(campaign_id))
            .add(own(ObjectId).equals(("pairs", "column1")))
            .add(own(ExternalId).equals(("pairs", "column2")));
        let select = Query::select()
            .columns([ObjectId, ExternalId, Id].map(|column| (contact::Entity, column)))
            .from_values(chunk.iter().map(pair), "pairs")
            .join(JoinType::InnerJoin, contact::Entity, is_pair)
            .to_owned();
        for row in transaction.query_all(&select).await? {
            known.insert((row.try_get_by_index(0)?, row.try_get_by_index(1)?), row.try_get_by_index(2)?);
        }
    }
    Ok(known)
}

fn load_step(campaign_id: Uuid, contact_id: Uuid, fields: Value, now_ms: i64, trace_id: Option<String>) -> NewStep {
    NewStep {
        campaign_id,
        contact_id: Some(contact_id),
        subject_id: None,
        kind: StepKind::LoadData,
        sender: String::new(),
        payload: fields,
        due_at_ms: now_ms,
        trace_id,
    }
}

/// The step, while the claim holds.
async fn held(transaction: &DatabaseTransaction, fence: Fence) -> Result<Option<step::Model>, StoreError> {
    let claimed = step::Entity::find_by_id(fence.step_id)
        .filter(step::Column::ClaimEpoch.eq(fence.epoch))
        .filter(step::Column::State.eq(StepState::Claimed.as_str()))
        .lock_exclusive()
        .one(transaction)
        .await?;
    Ok(claimed)
}
