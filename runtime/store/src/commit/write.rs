//! The statements of a commit, row by row.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, IdenStatic, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{CaseStatement, Expr, SelectStatement, Value as SeaValue},
};
use serde_json::Value;
use stratagem_domain::{
    communication::{Delivery, Status},
    session::OUTCOME_STATUS,
    step::{StepKind, StepState},
    strategy::ContactChange,
};
use uuid::Uuid;

use super::{CommunicationWrite, Completion, ContactWrite, Ending, MessageWrite, Seen, SessionWrite};
use crate::{
    Json, StoreError,
    communications::with_entry,
    entities::{communication, contact, message, session, step},
    lanes::note_due,
    sessions::{CLOSED, QUEUED},
    steps::in_state,
};

/// Ends the steps, and says when those that are not at their end are due again, by lane.
pub(super) async fn end_steps(
    transaction: &DatabaseTransaction,
    now_ms: i64,
    applied: &[Completion],
    seen: &Seen,
) -> Result<BTreeMap<i64, i64>, StoreError> {
    let done: Vec<i64> =
        applied.iter().filter(|c| c.ending == Ending::Done).map(|completion| completion.fence.step_id).collect();
    if !done.is_empty() {
        step::Entity::update_many()
            .col_expr(step::Column::State, Expr::value(StepState::Done.as_str()))
            .col_expr(step::Column::FinishedAtMs, Expr::value(now_ms))
            .col_expr(step::Column::LeaseUntilMs, Expr::value(Option::<i64>::None))
            .filter(step::Column::Id.is_in(done))
            .exec(transaction)
            .await?;
    }
    let mut due = BTreeMap::new();
    for completion in applied {
        match &completion.ending {
            Ending::Continues | Ending::Done => {}
            Ending::Again { due_at_ms, reason, failed } => {
                schedule_again(transaction, completion.fence.step_id, *due_at_ms, reason, *failed).await?;
                if let Some(lane_id) = seen.lanes.get(&completion.fence.step_id) {
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

/// Changes contacts that are at the versions of their writes: one statement for all in which the same fields change.
pub(super) async fn change_contacts(
    transaction: &DatabaseTransaction,
    now_ms: i64,
    writes: Vec<ContactWrite>,
) -> Result<(), StoreError> {
    let mut alike: BTreeMap<Vec<&str>, (Vec<contact::Column>, Changes)> = BTreeMap::new();
    for write in writes {
        let (columns, values): (Vec<_>, Vec<_>) = changed(write.change).into_iter().unzip();
        let names = columns.iter().map(|column| column.as_str()).collect();
        alike.entry(names).or_insert_with(|| (columns, Vec::new())).1.push((write.id, values));
    }
    for (columns, changes) in alike.values() {
        let mut update = contact::Entity::update_many()
            .col_expr(contact::Column::Version, Expr::col(contact::Column::Version).add(1))
            .col_expr(contact::Column::UpdatedAtMs, Expr::value(now_ms))
            .filter(contact::Column::Id.is_in(changes.iter().map(|(id, _)| *id)));
        for (place, column) in columns.iter().enumerate() {
            update = update.col_expr(*column, by_contact(changes, place));
        }
        update.exec(transaction).await?;
    }
    Ok(())
}

/// Contacts, and the new values of the columns that change in all of them.
type Changes = Vec<(Uuid, Vec<SeaValue>)>;

fn changed(change: ContactChange) -> Vec<(contact::Column, SeaValue)> {
    use contact::Column::{CurrentStage, Email, InternalData, Name, Params, Phone, Results, TimeZone};
    let ContactChange { name, email, phone, time_zone, current_stage, params, results, internal_data, .. } = change;
    let text = |text: Option<Option<String>>| text.map(SeaValue::from);
    let object = |object: Option<_>| object.map(|object| SeaValue::from(Json(Value::Object(object))));
    let all = [
        (Name, name.map(SeaValue::from)),
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

/// Each contact's own value of the column at that place.
fn by_contact(changes: &Changes, place: usize) -> Expr {
    let values = changes.iter().filter_map(|(id, values)| Some((*id, values.get(place)?.clone())));
    let case = values.fold(CaseStatement::new(), |case, (id, value)| {
        case.case(Expr::col(contact::Column::Id).eq(id), Expr::value(value))
    });
    case.into()
}

pub(crate) async fn change_communication(
    transaction: &DatabaseTransaction,
    now_ms: i64,
    write: CommunicationWrite,
    before: Option<communication::Model>,
) -> Result<(), StoreError> {
    let Some(before) = before else { return Ok(()) };
    if write.unschedule {
        cancel_deliveries(transaction, now_ms, &before).await?;
    }
    let mut row = communication::ActiveModel { id: Set(write.id), updated_at_ms: Set(now_ms), ..Default::default() };
    if write.status.is_some() || write.delivery.is_some() {
        row.status_history = Set(with_entry(&before, now_ms, write.status, write.delivery, write.reason.clone())?);
    }
    if let Some(status) = write.status {
        row.status = Set(status.as_str().to_owned());
        if matches!(status, Status::Failed | Status::Skipped | Status::Unknown) {
            row.error = Set(write.reason.clone());
        }
    }
    if let Some(delivery) = write.delivery {
        row.delivery = Set(delivery.as_str().to_owned());
    }
    if let Some((stage, channel)) = write.stage {
        row.stage_name = Set(stage);
        row.channel = Set(channel);
    }
    if let Some((label, channel)) = write.alternative {
        row.alternative = Set(label);
        row.channel = Set(channel);
    }
    if let Some(start) = write.start_at_ms {
        row.start_at_ms = Set(start);
    }
    if let Some(params) = write.params {
        row.params = Set(params.into());
    }
    if let Some(session) = write.session_id {
        row.session_id = Set(Some(session));
    }
    if let Some(id) = write.provider_id {
        row.provider_id = Set(Some(id));
    }
    if let Some(waiting_for) = write.waiting_for {
        row.waiting_for = Set(waiting_for);
    }
    communication::Entity::update(row).exec_without_returning(transaction).await?;
    Ok(())
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

/// Closes a session; false where it was closed already, and stays as it was.
pub(crate) async fn close_session(
    transaction: &DatabaseTransaction,
    now_ms: i64,
    id: Uuid,
    results: Value,
) -> Result<bool, StoreError> {
    let outcome = results.get(OUTCOME_STATUS).and_then(Value::as_str).map(str::to_owned);
    let closed = session::Entity::update_many()
        .col_expr(session::Column::Status, Expr::value(CLOSED))
        .col_expr(session::Column::Outcome, Expr::value(outcome))
        .col_expr(session::Column::Results, Expr::value(Json(results)))
        .col_expr(session::Column::ClosedAtMs, Expr::value(now_ms))
        .col_expr(session::Column::Desk, Expr::value(Option::<String>::None))
        .filter(session::Column::Id.eq(id))
        .filter(session::Column::Status.ne(CLOSED))
        .exec(transaction)
        .await?;
    if closed.rows_affected == 0 {
        return Ok(false);
    }
    // Its time-out, and turns that wait for their agent. What is being worked on finds it closed.
    step::Entity::update_many()
        .col_expr(step::Column::State, Expr::value(StepState::Canceled.as_str()))
        .col_expr(step::Column::FinishedAtMs, Expr::value(now_ms))
        .filter(step::Column::ContactId.in_subquery(contact_of(id)))
        .filter(step::Column::SubjectId.eq(id))
        .filter(step::Column::Kind.is_in([StepKind::CloseSession.as_str(), StepKind::Converse.as_str()]))
        .filter(in_state(StepState::Scheduled))
        .exec(transaction)
        .await?;
    Ok(true)
}

/// The session's contact, by which steps are found.
fn contact_of(session_id: Uuid) -> SelectStatement {
    session::Entity::find()
        .select_only()
        .column(session::Column::ContactId)
        .filter(session::Column::Id.eq(session_id))
        .into_query()
}

pub(super) async fn change_session(transaction: &DatabaseTransaction, write: SessionWrite) -> Result<(), StoreError> {
    let mut row = session::ActiveModel { id: Set(write.id), ..Default::default() };
    if let Some(state) = write.state {
        row.state = Set(Some(state));
    }
    if let Some(usage) = write.usage {
        row.usage = Set(Some(Json(usage)));
    }
    if let Some(results) = write.results {
        row.results = Set(Json(results));
    }
    if let Some(reason) = write.hand_over {
        row.desk = Set(Some(QUEUED.to_owned()));
        row.desk_reason = Set(Some(reason));
    }
    if row.is_changed() {
        session::Entity::update(row).exec_without_returning(transaction).await?;
    }
    Ok(())
}

pub(super) async fn change_message(transaction: &DatabaseTransaction, write: MessageWrite) -> Result<(), StoreError> {
    let mut change = message::ActiveModel {
        delivery: Set(Some(write.delivery.as_str().to_owned())),
        error: Set(write.error),
        ..Default::default()
    };
    if let Some((content, thread)) = write.said {
        (change.content, change.thread) = (Set(content), Set(Some(Json(thread))));
    }
    let named = write.provider_id.is_some();
    if named {
        change.provider_id = Set(write.provider_id);
    }
    // The provider may have said what became of it before it answered the call that sent it: that is more than is known here.
    let unsettled = [Delivery::None, Delivery::Sending].map(Delivery::as_str);
    let of_message = |change| message::Entity::update_many().set(change).filter(message::Column::Id.eq(write.id));
    let changed =
        of_message(change.clone()).filter(message::Column::Delivery.is_in(unsettled)).exec(transaction).await?;
    if named && changed.rows_affected == 0 {
        let name = message::ActiveModel { provider_id: change.provider_id, ..Default::default() };
        of_message(name).exec(transaction).await?;
    }
    Ok(())
}
