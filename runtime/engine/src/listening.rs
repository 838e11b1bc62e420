//! Telling a tenant what happens. Events lie in the database, so that it does not matter which server made one; this one looks when it
//! has stored something itself, and every second besides.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use stratagem_store::{Scope, entities::event, events::Position};
use uuid::Uuid;

use crate::{Engine, EngineError};

/// How long after the last listener has gone events are recorded, so that it can go on where it was: on real time.
const RECORDED_MS: i64 = 3600 * 1000;
/// Between two looks, where this server stores nothing itself; a look costs about as much as a claim that finds nothing.
const LOOK: Duration = Duration::from_secs(1);
/// Between two looks at the least, however much is stored.
const PAUSE: Duration = Duration::from_millis(50);
/// Looks between two times that the recording is prolonged.
const LOOKS: u32 = 60;
/// Events of one look.
const BATCH: u64 = 500;
/// How many may listen to one tenant through one server.
const LISTENERS: usize = 50;

/// How many listen, by tenant.
pub(crate) type Listeners = Mutex<HashMap<Uuid, usize>>;

/// Somebody who is told what happens.
pub struct Listener {
    engine: Engine,
    scope: Scope,
    at: Position,
    /// Whether it began at the end of the recording.
    pub afresh: bool,
    looks: u32,
}

impl Engine {
    /// Listens to a tenant's events: from that position on, or from now on where there is none, or where what followed it is not
    /// all there any more.
    ///
    /// None where too many do so already.
    pub async fn listen(&self, scope: Scope, from: Option<Position>) -> Result<Option<Listener>, EngineError> {
        {
            let mut listeners = self.0.listeners.lock().unwrap_or_else(PoisonError::into_inner);
            let count = listeners.entry(scope.0).or_default();
            if *count >= LISTENERS {
                return Ok(None);
            }
            *count += 1;
        }
        // From here on it is taken off the count when it is dropped, an error included.
        let mut listener = Listener { engine: self.clone(), scope, at: Position::default(), afresh: true, looks: 0 };
        let stream = i64::from(self.random().next_u64() as u32);
        listener.at = self.store().listen(scope, stream, self.recorded_until()).await?;
        if let Some(from) = from
            && self.store().has_event(scope, from).await?
        {
            (listener.at, listener.afresh) = (from, false);
        }
        Ok(Some(listener))
    }

    fn recorded_until(&self) -> i64 {
        self.real_ms().saturating_add(RECORDED_MS)
    }
}

impl Listener {
    /// The next events, each with its position; empty where nothing has happened for a second. None once the server is told to stop.
    pub async fn next(&mut self) -> Result<Option<Vec<(Position, event::Model)>>, EngineError> {
        let engine = self.engine.clone();
        // Before the look: what is stored after it is not missed.
        let stored = engine.0.stored.notified();
        tokio::pin!(stored);
        stored.as_mut().enable();
        let mut events = self.look().await?;
        if events.is_empty() {
            let mut stopping = engine.0.stopping.subscribe();
            tokio::select! {
                () = async { stored.await; tokio::time::sleep(PAUSE).await } => {}
                () = tokio::time::sleep(LOOK) => {}
                _ = stopping.wait_for(|stopping| *stopping) => return Ok(None),
            }
            self.prolong().await?;
            events = self.look().await?;
        }
        Ok((!*engine.0.stopping.borrow() || !events.is_empty()).then_some(events))
    }

    /// The events that are there.
    pub async fn look(&mut self) -> Result<Vec<(Position, event::Model)>, EngineError> {
        let events = self.engine.store().events(self.scope, self.at, BATCH).await?;
        let events: Vec<_> = events.into_iter().map(|event| (self.at.at(&event), event)).collect();
        self.at = events.last().map_or(self.at, |(at, _)| *at);
        Ok(events)
    }

    async fn prolong(&mut self) -> Result<(), EngineError> {
        self.looks += 1;
        if self.looks.is_multiple_of(LOOKS) {
            self.engine.store().keep_listening(self.scope, self.engine.recorded_until()).await?;
        }
        Ok(())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut listeners = self.engine.0.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = listeners.get_mut(&self.scope.0) {
            *count -= 1;
            if *count == 0 {
                listeners.remove(&self.scope.0);
            }
        }
    }
}
