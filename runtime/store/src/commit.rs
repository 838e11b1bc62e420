//! How steps end: many of them in one transaction, each with all that it writes.
//!
//! A step that lost its fence, or whose contact or communication moved on meanwhile, drops out alone and the rest commits.

mod fences;
mod seen;
mod write;

use std::collections::{BTreeMap, HashSet};

use sea_orm::DatabaseTransaction;
use serde_json::Value;
use stratagem_domain::{
    communication::{Delivery, Status},
    strategy::ContactChange,
};
use uuid::Uuid;

pub(crate) use self::write::{change_communication, close_session};
use self::{
    fences::Held,
    seen::Seen,
    write::{change_communications, change_contacts, change_message, change_session, close_sessions, end_others},
};
use crate::{
    Scope, Store, StoreError,
    bulk::{self, Row},
    entities::{communication, message, run, session, step},
    events::{self, Touched},
    rates::give_back,
    steps::NewStep,
};

/// The fence of a claimed step: its writes count only while this is its latest claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fence {
    /// The step.
    pub step_id: i64,
    /// The claim.
    pub epoch: i64,
}

impl From<&step::Model> for Fence {
    fn from(step: &step::Model) -> Self {
        Self { step_id: step.id, epoch: step.claim_epoch }
    }
}

/// What becomes of the step.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// It goes on: this commit is one of several.
    Continues,
    /// Finished.
    Done,
    /// To be tried again.
    Again {
        /// When.
        due_at_ms: i64,
        /// Why.
        reason: String,
        /// Whether it counts as a failed attempt: a deferral does not.
        failed: bool,
    },
    /// Given up on.
    Dead {
        /// Why.
        reason: String,
    },
}

/// One step's ending with all that it writes.
#[derive(Debug, Clone)]
pub struct Completion {
    /// Whose it is.
    pub scope: Scope,
    /// Which claim says so.
    pub fence: Fence,
    /// What becomes of the step.
    pub ending: Ending,
    /// What it writes.
    pub writes: Writes,
}

/// What a step writes. Empty by default.
#[derive(Debug, Clone, Default)]
pub struct Writes {
    /// A strategy's change of its contact.
    pub contact: Option<ContactWrite>,
    /// Communications to insert.
    pub planned: Vec<communication::Model>,
    /// Communications to change.
    pub communications: Vec<CommunicationWrite>,
    /// A session to open.
    pub opened: Option<session::Model>,
    /// A session to close, with its results.
    pub closed: Option<(Uuid, Value)>,
    /// Steps to schedule.
    pub steps: Vec<NewStep>,
    /// The run to record.
    pub run: Option<run::Model>,
    /// Messages to insert.
    pub messages: Vec<message::Model>,
    /// A message whose sending goes on.
    pub sent: Option<MessageWrite>,
    /// A session to change.
    pub session: Option<SessionWrite>,
    /// Nothing was sent: what the claim took of rate limits is given back.
    pub unsent: bool,
}

/// A change of a contact, if it still is at `version`.
#[derive(Debug, Clone)]
pub struct ContactWrite {
    /// The contact.
    pub id: Uuid,
    /// The version that the strategy saw.
    pub version: i64,
    /// What changes; its communications are written beside it.
    pub change: ContactChange,
}

/// A change of a communication, if it still is as the step saw it.
#[derive(Debug, Clone, Default)]
pub struct CommunicationWrite {
    /// The communication.
    pub id: Uuid,
    /// The status and delivery that it must have.
    pub expected: Option<(Status, Delivery)>,
    /// New status.
    pub status: Option<Status>,
    /// New delivery.
    pub delivery: Option<Delivery>,
    /// Why, for the history, and for `error` where the change is for the worse.
    pub reason: Option<String>,
    /// New stage and its channel.
    pub stage: Option<(String, String)>,
    /// The alternative that is tried from now on (none for the stage's own settings), and its channel.
    pub alternative: Option<(Option<String>, String)>,
    /// New start, in milliseconds.
    pub start_at_ms: Option<i64>,
    /// New attachments.
    pub params: Option<Value>,
    /// Its session.
    pub session_id: Option<Uuid>,
    /// The provider's id.
    pub provider_id: Option<String>,
    /// What it waits for now; `Some(None)` for nothing.
    pub waiting_for: Option<Option<String>>,
    /// Cancels the send that is scheduled: it is not wanted any more, or at another time.
    pub unschedule: bool,
}

/// What became of a message of ours.
#[derive(Debug, Clone)]
pub struct MessageWrite {
    /// The message.
    pub id: Uuid,
    /// Where it stands.
    pub delivery: Delivery,
    /// The provider's id.
    pub provider_id: Option<String>,
    /// Why it was not delivered.
    pub error: Option<String>,
    /// What it is by now, where that was not known when it was begun: its text, and what is to follow from it.
    pub said: Option<(String, Value)>,
}

/// A change of a session that goes on.
#[derive(Debug, Clone, Default)]
pub struct SessionWrite {
    /// The session.
    pub id: Uuid,
    /// The agent's new state.
    pub state: Option<String>,
    /// Puts it on a person's desk, for this reason.
    pub hand_over: Option<String>,
    /// What all turns took so far.
    pub usage: Option<Value>,
    /// What the agent has collected, for when the session ends.
    pub results: Option<Value>,
}

/// What became of a completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// All of it is stored.
    Applied,
    /// The claim was lost; nothing of it is stored.
    Fenced,
    /// The contact or the communication had changed; nothing of it is stored, and the claim still holds.
    Changed,
}

impl Store {
    /// Stores a batch of completions in one transaction, as if one after the other, and says what became of each.
    pub async fn commit(&self, now_ms: i64, batch: &[Completion]) -> Result<Vec<Committed>, StoreError> {
        for completion in batch {
            self.ensure_lanes(completion.scope, &completion.writes.steps).await?;
        }
        // Before the transaction, for the next one waits for it.
        let parts: Vec<_> = apart(batch).into_iter().map(|part| (part, Inserts::of(part.iter()))).collect();
        let transaction = self.begin().await?;
        let mut verdicts = Vec::with_capacity(batch.len());
        for (part, inserts) in parts {
            verdicts.extend(self.commit_part(&transaction, now_ms, part, inserts).await?);
        }
        transaction.commit().await?;
        Ok(verdicts)
    }

    async fn commit_part(
        &self,
        transaction: &DatabaseTransaction,
        now_ms: i64,
        part: &[Completion],
        inserts: Inserts,
    ) -> Result<Vec<Committed>, StoreError> {
        let held = self.hold(transaction, now_ms, part).await?;
        let seen = Seen::load(transaction, part).await?;
        let verdict = |completion: &Completion| match held.contains_key(&completion.fence) {
            false => Committed::Fenced,
            true if seen.is_unchanged(completion) => Committed::Applied,
            true => Committed::Changed,
        };
        let verdicts: Vec<Committed> = part.iter().map(verdict).collect();
        let of = |verdict| {
            part.iter().zip(&verdicts).filter(move |(_, is)| **is == verdict).map(|(completion, _)| completion)
        };
        let applied: Vec<&Completion> = of(Committed::Applied).collect();
        let changed = of(Committed::Changed).filter(|completion| completion.ending == Ending::Done);
        fences::reopen(transaction, changed.map(|completion| completion.fence.step_id)).await?;
        let inserts = if applied.len() == part.len() { inserts } else { Inserts::of(applied.iter().copied()) };
        let due = end_others(transaction, now_ms, &applied, &held).await?;
        self.write_all(transaction, now_ms, &applied, inserts, (seen, held), due).await?;
        Ok(verdicts)
    }

    /// Which claims hold. Steps that are done end in the statement that finds out, for nearly always nothing else is in their way.
    async fn hold(
        &self,
        transaction: &DatabaseTransaction,
        now_ms: i64,
        part: &[Completion],
    ) -> Result<Held, StoreError> {
        let (done, others): (Vec<_>, Vec<_>) = part.iter().partition(|completion| completion.ending == Ending::Done);
        let fences = |of: Vec<&Completion>| of.into_iter().map(|completion| completion.fence).collect();
        let mut held = fences::end(transaction, now_ms, fences(done), self.checks_epochs()).await?;
        held.extend(fences::lock(transaction, fences(others), self.checks_epochs()).await?);
        Ok(held)
    }

    async fn write_all(
        &self,
        transaction: &DatabaseTransaction,
        now_ms: i64,
        applied: &[&Completion],
        inserts: Inserts,
        (seen, held): (Seen, Held),
        due: BTreeMap<i64, i64>,
    ) -> Result<(), StoreError> {
        let (mut unsent, mut touched, mut tenants) = (BTreeMap::new(), Touched::default(), HashSet::new());
        for Completion { scope, fence, ending, writes } in applied {
            tenants.insert(scope.0);
            touched.note(fence.step_id, ending, writes);
            if let Some(lane_id) = held.get(fence).filter(|_| writes.unsent) {
                *unsent.entry(*lane_id).or_default() += 1;
            }
        }
        let writes = || applied.iter().map(|completion| &completion.writes);
        change_contacts(transaction, now_ms, writes().filter_map(|writes| writes.contact.as_ref())).await?;
        let of_communications = writes().flat_map(|writes| &writes.communications);
        change_communications(transaction, now_ms, of_communications, seen.communications).await?;
        let mut closed = close_sessions(transaction, now_ms, writes().filter_map(|w| w.closed.as_ref())).await?;
        for write in writes().filter_map(|writes| writes.session.as_ref()) {
            change_session(transaction, write).await?;
        }
        for write in writes().filter_map(|writes| writes.sent.as_ref()) {
            change_message(transaction, write).await?;
        }
        bulk::insert::<communication::Entity>(transaction, inserts.planned).await?;
        bulk::insert::<session::Entity>(transaction, inserts.opened).await?;
        bulk::insert::<message::Entity>(transaction, inserts.messages).await?;
        bulk::insert::<run::Entity>(transaction, inserts.runs).await?;
        events::tell(transaction, now_ms, tenants, touched).await?;
        let mut steps = Vec::new();
        for Completion { scope, writes, .. } in applied {
            // Where two ends of a session came at once, a machine that took the call and the call's own, say, what follows from the
            // first is under way.
            if writes.closed.as_ref().is_none_or(|(id, _)| closed.remove(id)) {
                steps.extend(writes.steps.iter().cloned().map(|step| (*scope, step)));
            }
        }
        // Locks come last, lanes before buckets: as claims take them.
        self.insert_steps(transaction, now_ms, steps, due).await?;
        give_back(transaction, &unsent).await
    }
}

/// The batch in parts, of which each changes a contact or communication once at most: the second who changes it is to find it as the
/// first has left it. Nearly always it is one part.
fn apart(batch: &[Completion]) -> Vec<&[Completion]> {
    let (mut parts, mut rest, mut changed) = (Vec::new(), batch, HashSet::new());
    for (at, completion) in batch.iter().enumerate() {
        let Writes { contact, communications, .. } = &completion.writes;
        let ids = || contact.iter().map(|write| write.id).chain(communications.iter().map(|write| write.id));
        if ids().any(|id| changed.contains(&id)) {
            let (part, others) = rest.split_at(at + rest.len() - batch.len());
            parts.push(part);
            rest = others;
            changed.clear();
        }
        changed.extend(ids());
    }
    parts.push(rest);
    parts
}

/// Rows that completions insert as they are.
struct Inserts {
    planned: Vec<Row>,
    opened: Vec<Row>,
    messages: Vec<Row>,
    runs: Vec<Row>,
}

impl Inserts {
    fn of<'a>(completions: impl Iterator<Item = &'a Completion> + Clone) -> Self {
        let writes = || completions.clone().map(|completion| &completion.writes);
        Self {
            planned: bulk::rows(writes().flat_map(|writes| &writes.planned)),
            opened: bulk::rows(writes().filter_map(|writes| writes.opened.as_ref())),
            messages: bulk::rows(writes().flat_map(|writes| &writes.messages)),
            runs: bulk::rows(writes().filter_map(|writes| writes.run.as_ref())),
        }
    }
}

impl Touched {
    fn note(&mut self, step_id: i64, ending: &Ending, writes: &Writes) {
        let shown = |write: &&CommunicationWrite| write.status.is_some() || write.delivery.is_some();
        self.communications.extend(writes.planned.iter().map(|row| row.id));
        self.communications.extend(writes.communications.iter().filter(shown).map(|write| write.id));
        self.sessions.extend(writes.opened.iter().map(|row| row.id));
        self.sessions.extend(writes.closed.iter().map(|(id, _)| *id));
        self.sessions.extend(writes.session.iter().filter(|write| write.hand_over.is_some()).map(|write| write.id));
        self.messages.extend(writes.messages.iter().map(|row| row.id));
        self.messages.extend(writes.sent.iter().map(|write| write.id));
        self.runs.extend(writes.run.iter().map(|row| row.id));
        self.steps.extend(matches!(ending, Ending::Dead { .. }).then_some(step_id));
    }
}
