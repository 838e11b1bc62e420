//! The statements of a commit, row by row.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, SelectStatement, Value as SeaValue},
};
use serde_json::{Map, Value};
use stratagem_domain::{
    communication::{Delivery, Status},
    session::outcome_in,
    step::{StepKind, StepState},
    strategy::ContactChange,
};
use uuid::Uuid;

use super::{CommunicationWrite, Completion, ContactWrite, Ending, MessageWrite, SessionWrite, fences::Held};
use crate::{
    Json, StoreError,
    bulk::{self, Row, filled_up},
    communications::with_entry,
    entities::{communication, contact, message, session, step},
    lanes::note_due,
    sessions::{CLOSED, QUEUED},
    steps::in_state,
};

/// Ends the steps that are not done, and says when those that are not at their end are due again, by lane.
pub(super) async fn end_others(
    transaction: &DatabaseTransaction,
    now_ms: i64,
    applied: &[&Completion],
    held: &Held,
) -> Result<BTreeMap<i64, i64>, StoreError> {
    let mut due = BTreeMap::new();
    for completion in applied {
        match &completion.ending {
            Ending::Continues | Ending::Done => {}
            Ending::Again { due_at_ms, reason, failed } => {
                schedule_again(transaction, completion.fence.step_id, *due_at_ms, reason, *failed).await?;
                if let Some(lane_id) = held.get(&completion.fence) {
                    note_due(&mut due, *lane_id, *due_at_ms);
                }
            }
            Ending::Dead { reason } => {
                let dead = step::ActiveModel {
                    id: Set(completion.fence.step_id),
                    state: Set(StepState::Dead.as_str().to_owned()),
                    last_error: Set(Some(reason.clone())),
                    lease_until_ms: Set(None),
                    finished_at_ms: Set(Some(now_ms)),
                    ..Default::default()
                };
                step::Entity::update(dead).exec_without_returning(transaction).await?;
            }
        }
    }
    Ok(due)
}

async fn schedule_again(
    transaction: &DatabaseTransaction,
    step_id: i64,
    due_at_ms: i64,
    reason: &str,
    failed: bool,
) -> Result<(), StoreError> {
    step::Entity::update_many()
        .col_expr(step::Column::State, Expr::value(StepState::Scheduled.as_str()))
        .col_expr(step::Column::DueAtMs, Expr::value(due_at_ms))
        .col_expr(step::Column::LastError, Expr::value(reason))
        .col_expr(step::Column::LeaseUntilMs, Expr::value(Option::<i64>::None))
        .col_expr(step::Column::Attempt, Expr::col(step::Column::Attempt).add(i32::from(failed)))
        .filter(step::Column::Id.eq(step_id))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Changes contacts that are at the versions of their writes: those together in which the same fields change.
pub(super) async fn change_contacts(
    transaction: &DatabaseTransaction,
    now_ms: i64,
    writes: impl Iterator<Item = &ContactWrite>,
) -> Result<(), StoreError> {
    let mut alike = Alike::default();
    for ContactWrite { id, version, change } in writes {
        let mut values = changed(change);
        values
            .extend([(contact::Column::Version, (version + 1).into()), (contact::Column::UpdatedAtMs, now_ms.into())]);
        alike.add(*id, values);
    }
    alike.update::<contact::Entity>(transaction).await
}

fn changed(change: &ContactChange) -> Vec<(contact::Column, SeaValue)> {
    use contact::Column::{CurrentStage, Email, InternalData, Name, Params, Phone, Results, TimeZone};
    let ContactChange { name, email, phone, time_zone, current_stage, params, results, internal_data, .. } = change;
    let text = |text: &Option<Option<String>>| text.clone().map(SeaValue::from);
    let object = |object: &Option<Map<String, Value>>| object.clone().map(|object| Json(Value::Object(object)).into());
    let all = [
        (Name, name.clone().map(SeaValue::from)),
        (Email, text(email)),
        (Phone, text(phone)),
        (TimeZone, text(time_zone)),
        (CurrentStage, text(current_stage)),
        (Params, object(params)),
        (Results, object(results)),
        (InternalData, object(internal_data)),
    ];
    all.into_iter().filter_map(|(column, value)| Some((column, value?))).collect()
}

/// Rows with the new values of the columns that change in them, by these columns.
struct Alike<C>(BTreeMap<Vec<&'static str>, (Vec<C>, Vec<Row>)>);

impl<C> Default for Alike<C> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<C: ColumnTrait> Alike<C> {
    fn add(&mut self, id: Uuid, changes: Vec<(C, SeaValue)>) {
        let names = changes.iter().map(|(column, _)| column.as_str()).collect();
        let (columns, values): (Vec<C>, Vec<SeaValue>) = changes.into_iter().unzip();
        let row = std::iter::once(id.into()).chain(values).collect();
        self.0.entry(names).or_insert_with(|| (columns, Vec::new())).1.push(row);
    }

    /// A statement for all that are alike.
    async fn update<E: EntityTrait<Column = C>>(self, transaction: &DatabaseTransaction) -> Result<(), StoreError> {
        for (columns, rows) in self.0.into_values() {
            bulk::update::<E>(transaction, &columns, rows).await?;
        }
        Ok(())
    }
}

/// Changes communications that are as `before` has them.
pub(super) async fn change_communications(
    transaction: &DatabaseTransaction,
    now_ms: i64,
    writes: impl Iterator<Item = &CommunicationWrite>,
    mut before: HashMap<Uuid, communication::Model>,
) -> Result<(), StoreError> {
    let mut alike = Alike::default();
    for write in writes {
        let Some(before) = before.remove(&write.id) else { continue };
        if write.unschedule {
            cancel_deliveries(transaction, now_ms, &before).await?;
        }
        alike.add(write.id, new_values(now_ms, write, &before)?);
    }
    alike.update::<communication::Entity>(transaction).await
}

/// As [`change_communications`], for one.
pub(crate) async fn change_communication(
    transaction: &DatabaseTransaction,
    now_ms: i64,
    write: CommunicationWrite,
    before: Option<communication::Model>,
) -> Result<(), StoreError> {
    let before = before.map(|row| (row.id, row)).into_iter().collect();
    change_communications(transaction, now_ms, std::iter::once(&write), before).await
}

fn new_values(
    now_ms: i64,
    write: &CommunicationWrite,
    before: &communication::Model,
) -> Result<Vec<(communication::Column, SeaValue)>, StoreError> {
    use communication::Column::{
        Alternative, Channel, Delivery as Delivered, Error, Params, ProviderId, SessionId, StageName, StartAtMs,
        Status as Stands, StatusHistory, UpdatedAtMs, WaitingFor,
    };
    let mut values = vec![(UpdatedAtMs, now_ms.into())];
    if write.status.is_some() || write.delivery.is_some() {
        let history = with_entry(before, now_ms, write.status, write.delivery, write.reason.clone())?;
        values.push((StatusHistory, history.into()));
    }
    if let Some(status) = write.status {
        values.push((Stands, status.as_str().into()));
        if matches!(status, Status::Failed | Status::Skipped | Status::Unknown) {
            values.push((Error, write.reason.clone().into()));
        }
    }
    values.extend(write.delivery.map(|delivery| (Delivered, delivery.as_str().into())));
    if let Some((stage, _)) = &write.stage {
        values.push((StageName, stage.as_str().into()));
    }
    if let Some((label, _)) = &write.alternative {
        values.push((Alternative, label.clone().into()));
    }
    let channel = write.alternative.as_ref().map(|(_, channel)| channel);
    let channel = channel.or(write.stage.as_ref().map(|(_, channel)| channel));
    values.extend(channel.map(|channel| (Channel, channel.as_str().into())));
    values.extend(write.start_at_ms.map(|start| (StartAtMs, start.into())));
    values.extend(write.params.as_ref().map(|params| (Params, Json(params.clone()).into())));
    values.extend(write.session_id.map(|session| (SessionId, session.into())));
    values.extend(write.provider_id.as_ref().map(|id| (ProviderId, id.as_str().into())));
    values.extend(write.waiting_for.as_ref().map(|waiting_for| (WaitingFor, waiting_for.clone().into())));
    Ok(values)
}

async fn cancel_deliveries(
    transaction: &DatabaseTransaction,
    now_ms: i64,
    communication: &communication::Model,
) -> Result<(), StoreError> {
    step::Entity::update_many()
        .col_expr(step::Column::State, Expr::value(StepState::Canceled.as_str()))
        .col_expr(step::Column::FinishedAtMs, Expr::value(now_ms))
        .filter(step::Column::ContactId.eq(communication.contact_id))
        .filter(step::Column::SubjectId.eq(communication.id))
        .filter(in_state(StepState::Scheduled))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Closes sessions, and says which. One that was closed already stays as it was; of two ends of one the first counts.
pub(super) async fn close_sessions(
    transaction: &DatabaseTransaction,
    now_ms: i64,
    ends: impl Iterator<Item = &(Uuid, Value)>,
) -> Result<HashSet<Uuid>, StoreError> {
    use session::Column::{ClosedAtMs, Desk, Outcome, Results, Status};
    let mut seen = HashSet::new();
    let rows: Vec<Row> = ends
        .filter(|(id, _)| seen.insert(*id))
        .map(|(id, results)| {
            let outcome = results.as_object().and_then(outcome_in);
            let desk = Option::<String>::None;
            vec![(*id).into(), CLOSED.into(), outcome.into(), Json(results.clone()).into(), now_ms.into(), desk.into()]
        })
        .collect();
    let columns = [Status, Outcome, Results, ClosedAtMs, Desk];
    let open = format!("sessions.status <> '{CLOSED}'");
    let closed = bulk::update_where::<session::Entity>(transaction, &columns, rows, &open).await?;
    if closed.is_empty() {
        return Ok(HashSet::new());
    }
    let ids = filled_up(closed.iter().copied());
    // Their time-outs, and turns that wait for their agents. What is being worked on finds them closed.
    step::Entity::update_many()
        .col_expr(step::Column::State, Expr::value(StepState::Canceled.as_str()))
        .col_expr(step::Column::FinishedAtMs, Expr::value(now_ms))
        .filter(step::Column::ContactId.in_subquery(contacts_of(ids.clone())))
        .filter(step::Column::SubjectId.is_in(ids))
        .filter(step::Column::Kind.is_in([StepKind::CloseSession.as_str(), StepKind::Converse.as_str()]))
        .filter(in_state(StepState::Scheduled))
        .exec(transaction)
        .await?;
    Ok(closed.into_iter().collect())
}

/// As [`close_sessions`], for one.
pub(crate) async fn close_session(
    transaction: &DatabaseTransaction,
    now_ms: i64,
    id: Uuid,
    results: Value,
) -> Result<(), StoreError> {
    close_sessions(transaction, now_ms, std::iter::once(&(id, results))).await.map(drop)
}

/// The sessions' contacts, by which steps are found.
fn contacts_of(session_ids: Vec<Uuid>) -> SelectStatement {
    session::Entity::find()
        .select_only()
        .column(session::Column::ContactId)
        .filter(session::Column::Id.is_in(session_ids))
        .into_query()
}

pub(super) async fn change_session(transaction: &DatabaseTransaction, write: &SessionWrite) -> Result<(), StoreError> {
    let mut row = session::ActiveModel { id: Set(write.id), ..Default::default() };
    if let Some(state) = &write.state {
        row.state = Set(Some(state.clone()));
    }
    if let Some(usage) = &write.usage {
        row.usage = Set(Some(Json(usage.clone())));
    }
    if let Some(results) = &write.results {
        row.results = Set(Json(results.clone()));
    }
    if let Some(reason) = &write.hand_over {
        row.desk = Set(Some(QUEUED.to_owned()));
        row.desk_reason = Set(Some(reason.clone()));
    }
    if row.is_changed() {
        session::Entity::update(row).exec_without_returning(transaction).await?;
    }
    Ok(())
}

pub(super) async fn change_message(transaction: &DatabaseTransaction, write: &MessageWrite) -> Result<(), StoreError> {
    let mut change = message::ActiveModel {
        delivery: Set(Some(write.delivery.as_str().to_owned())),
        error: Set(write.error.clone()),
        ..Default::default()
    };
    if let Some((content, thread)) = &write.said {
        (change.content, change.thread) = (Set(content.clone()), Set(Some(Json(thread.clone()))));
    }
    let named = write.provider_id.is_some();
    if named {
        change.provider_id = Set(write.provider_id.clone());
    }
    // The provider may have said what became of it before it answered the call that sent it: that is more than is known here.
    let unsettled = [Delivery::None, Delivery::Sending, Delivery::Unknown].map(Delivery::as_str);
    let of_message = |change| message::Entity::update_many().set(change).filter(message::Column::Id.eq(write.id));
    let changed =
        of_message(change.clone()).filter(message::Column::Delivery.is_in(unsettled)).exec(transaction).await?;
    if named && changed.rows_affected == 0 {
        let name = message::ActiveModel { provider_id: change.provider_id, ..Default::default() };
        of_message(name).exec(transaction).await?;
    }
    Ok(())
}
