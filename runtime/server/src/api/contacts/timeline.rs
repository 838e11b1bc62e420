use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use stratagem_domain::communication::StatusChange;
use stratagem_engine::Engine;
use stratagem_store::{
    Page,
    entities::{communication, contact, run},
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::load;
use crate::{
    auth::CanRead,
    error::Problem,
    extract::{Id, Search},
    page::{Listing, Paging},
    time::rfc3339,
};

/// More decisions or communications than any contact has; a stage's `max_communications` sees to it.
const ALL: u64 = 10_000;

/// Something that happened to a contact.
#[derive(Serialize, ToSchema)]
pub(crate) struct TimelineEntry {
    /// When, on the campaign's clock.
    #[schema(format = DateTime)]
    at: String,
    /// `imported`, `decided` (a strategy ran) or `communication` (one was planned, sent or ended).
    #[schema(example = "decided")]
    event: &'static str,
    /// In plain words: what was decided or became of it, and why or why not.
    summary: String,
    /// The run, where a strategy decided.
    run_id: Option<Uuid>,
    /// The communication, where it is about one.
    communication_id: Option<Uuid>,
    /// What the strategy changed and planned.
    #[schema(value_type = Option<Object>)]
    diff: Option<Value>,
}

/// A contact's timeline
///
/// Every decision and event in order, with why and why not.
#[utoipa::path(get, path = "/contacts/{id}/timeline", tag = "contacts", params(Id, Paging),
    responses((status = 200, body = Listing<TimelineEntry>)))]
pub(crate) async fn contact_timeline(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
    Search(paging): Search<Paging>,
) -> Result<Json<Listing<TimelineEntry>>, Problem> {
    let contact = load(&engine, scope, id).await?;
    let everything = Page { after: None, limit: ALL };
    let runs = engine.store().runs(scope, contact.campaign_id, None, Some(id), everything).await?;
    let communications = engine.store().communications(scope, id, everything).await?;

    let mut entries = vec![imported(&contact)];
    entries.extend(runs.into_iter().map(decided));
    entries.extend(communications.into_iter().flat_map(happened));
    // A stable sort: what happened in the same millisecond stays import, decision, communication.
    entries.sort_by_key(|(at_ms, _)| *at_ms);

    let seen = paging.after(|text| text.parse::<usize>().ok())?.unwrap_or(0);
    let limit = paging.limit()?;
    let rows: Vec<_> = entries.into_iter().enumerate().skip(seen).collect();
    Ok(Json(Listing::new(rows, limit, |(index, _)| (index + 1).to_string(), |(_, (_, entry))| entry)))
}

fn imported(contact: &contact::Model) -> (i64, TimelineEntry) {
    let summary = "imported for the first time".to_owned();
    let at = rfc3339(contact.created_at_ms);
    let entry = TimelineEntry { at, event: "imported", summary, run_id: None, communication_id: None, diff: None };
    (contact.created_at_ms, entry)
}

fn decided(run: run::Model) -> (i64, TimelineEntry) {
    let failure = run.error.as_ref().and_then(|error| error.get("message")).and_then(Value::as_str);
    let summary = match failure {
        None => format!("the {} strategy ran", run.hook),
        Some(message) => format!("the {} strategy failed ({}): {message}", run.hook, run.outcome),
    };
    let entry = TimelineEntry {
        at: rfc3339(run.now_ms),
        event: "decided",
        summary,
        run_id: Some(run.id),
        communication_id: None,
        diff: Some(run.diff.into()),
    };
    (run.now_ms, entry)
}

fn happened(communication: communication::Model) -> Vec<(i64, TimelineEntry)> {
    let history: Vec<StatusChange> = serde_json::from_value(communication.status_history.into()).unwrap_or_default();
    let name = communication.name;
    let entry = |change: StatusChange| {
        let became = [change.status.map(|s| s.as_str()), change.delivery.map(|d| d.as_str())];
        let became = became.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let why = change.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let entry = TimelineEntry {
            at: rfc3339(change.at_ms),
            event: "communication",
            summary: format!("`{name}` through `{}`: {became}{why}", communication.stage_name),
            run_id: None,
            communication_id: Some(communication.id),
            diff: None,
        };
        (change.at_ms, entry)
    };
    history.into_iter().map(entry).collect()
}
