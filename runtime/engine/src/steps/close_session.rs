use std::collections::HashMap;

use serde_json::{Map, Value};
use stratagem_domain::{
    agent::Role,
    channel::ChannelKind,
    communication::Delivery,
    session::{HAND_OVER_REASON, OUTCOME_ABANDONED, OUTCOME_NO_RESPONSE, OUTCOME_NOT_HANDLED, delivered, results_of},
};
use stratagem_store::{
    Scope,
    commit::{Ending, Writes},
    entities::{session, step},
    sessions::CLOSED,
};
use uuid::Uuid;

use super::{aggregate_step, commit};
use crate::{Engine, EngineError, scheduler::Shared};

/// A session that ends, with where its communication's message stands.
pub(crate) struct Ahead {
    session: session::Model,
    delivery: Delivery,
}

/// Reads the sessions that these steps end, by step. One that is gone is left out.
pub(crate) async fn look_ahead(engine: &Engine, steps: &[step::Model]) -> Result<HashMap<i64, Ahead>, EngineError> {
    let Some(first) = steps.first() else { return Ok(HashMap::new()) };
    let (store, scope) = (engine.store(), Scope(first.tenant_id));
    let ids: Vec<Uuid> = steps.iter().filter_map(|step| step.subject_id).collect();
    let sessions = store.sessions_by_id(scope, &ids).await?;
    let ids: Vec<Uuid> = sessions.values().map(|session| session.communication_id).collect();
    let communications = store.communications_by_id(scope, &ids).await?;
    let ahead = steps.iter().filter_map(|step| {
        let session = sessions.get(&step.subject_id?)?.clone();
        let communication = communications.get(&session.communication_id);
        let delivery = communication.and_then(|row| Delivery::parse(&row.delivery)).unwrap_or(Delivery::None);
        Some((step.id, Ahead { session, delivery }))
    });
    Ok(ahead.collect())
}

/// Ends the session that is the step's subject with the results that are its payload, and has them aggregated. Without a payload it is
/// the session's time-out, which counts from when the contact last said something; so it is looked at only now.
pub(super) async fn run(shared: &Shared, step: &step::Model, ahead: Option<Ahead>) -> Result<(), EngineError> {
    let ahead = match ahead.filter(|_| step.payload.is_object()) {
        Some(ahead) => Some(ahead),
        None => look_ahead(&shared.engine, std::slice::from_ref(step)).await?.remove(&step.id),
    };
    let Some(Ahead { session, delivery }) = ahead.filter(|ahead| ahead.session.status != CLOSED) else {
        return commit(shared, step, Ending::Done, Writes::default()).await.map(|_| ());
    };
    let now_ms = shared.engine.clock().now_ms();
    let given = match step.payload.as_object() {
        Some(results) => results.clone(),
        None => {
            let until_ms = session.heard_at_ms.unwrap_or(0).saturating_add(session.timeout_ms.unwrap_or(0));
            if until_ms > now_ms {
                let reason = "the contact said something meanwhile".to_owned();
                let ending = Ending::Again { due_at_ms: until_ms, reason, failed: false };
                return commit(shared, step, ending, Writes::default()).await.map(|_| ());
            }
            timed_out(shared, &session).await?
        }
    };
    let mut results = delivered(delivery);
    results.extend(session.results.as_object().cloned().unwrap_or_default());
    if let Some(reason) = &session.desk_reason {
        results.insert(HAND_OVER_REASON.to_owned(), Value::from(reason.as_str()));
    }
    results.extend(given);
    let writes = Writes {
        closed: Some((session.id, Value::Object(results))),
        steps: vec![aggregate_step(&session, now_ms)],
        ..Writes::default()
    };
    commit(shared, step, Ending::Done, writes).await?;
    Ok(())
}

/// Nobody came back in time.
async fn timed_out(shared: &Shared, session: &session::Model) -> Result<Map<String, Value>, EngineError> {
    if session.results.as_object().is_some_and(|results| !results.is_empty()) {
        return Ok(Map::new());
    }
    if session.desk.is_some() || session.channel == ChannelKind::Human.as_str() {
        return Ok(results_of(OUTCOME_NOT_HANDLED));
    }
    let messages = shared.engine.store().messages(Scope(session.tenant_id), session.id).await?;
    let answered = messages.iter().any(|message| message.role == Role::Human.as_str() && !message.automatic);
    Ok(results_of(if answered { OUTCOME_ABANDONED } else { OUTCOME_NO_RESPONSE }))
}
