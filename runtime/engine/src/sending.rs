//! Places for messages that are under way.
//!
//! `delivery = sending` is committed before a message leaves, and whatever is `sending` when the process dies is `unknown`
//! for good. So a send waits here, still `planned`, for a place of its integration. There are as many as keep the provider's
//! connections busy: one for each, and one for each message whose `sending` is being committed meanwhile. A crash leaves about as many
//! unknown as there are connections, not as many as there are steps claimed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use stratagem_channels::CONNECTIONS;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use uuid::Uuid;

use crate::EngineError;

/// Places of an integration at most, however fast its provider is.
const MOST: usize = 8 * CONNECTIONS;
/// How much one message counts in the mean of those before it.
const WEIGHT: f64 = 1.0 / 16.0;
/// A send that takes less says no more about the provider, in seconds.
const SHORTEST_SEND: f64 = 1e-4;

/// Places by integration; sends without one share theirs.
#[derive(Default)]
pub(crate) struct Sending(Mutex<HashMap<Option<Uuid>, Arc<Places>>>);

impl Sending {
    /// Waits for a place; it is given back when it is dropped.
    pub(crate) async fn place(&self, integration_id: Option<Uuid>) -> Result<Place, EngineError> {
        let places = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry(integration_id).or_default().clone()
        };
        let permit = places.free.clone().acquire_owned().await;
        let permit = permit.map_err(|error| EngineError::Internal(error.to_string()))?;
        Ok(Place { permit: Some(permit), places, taken_at: Instant::now(), left_at: None })
    }
}

/// The places of an integration.
struct Places {
    free: Arc<Semaphore>,
    pace: Mutex<Pace>,
}

impl Default for Places {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(CONNECTIONS)), pace: Mutex::default() }
    }
}

/// How long messages take, and how many places that makes.
struct Pace {
    places: usize,
    /// Means, in seconds: until a message may leave, and until its provider has answered.
    commit: f64,
    send: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { places: CONNECTIONS, commit: 0.0, send: 1.0 }
    }
}

impl Pace {
    /// Counts a message in, and says how many places are wanted.
    fn note(&mut self, commit: Duration, send: Duration) -> usize {
        self.commit += WEIGHT * (commit.as_secs_f64() - self.commit);
        self.send += WEIGHT * (send.as_secs_f64() - self.send);
        let connections = CONNECTIONS as f64;
        let wanted = connections * (1.0 + self.commit / self.send.max(SHORTEST_SEND));
        (wanted.round() as usize).clamp(CONNECTIONS, MOST)
    }
}

/// A place for one message.
pub(crate) struct Place {
    permit: Option<OwnedSemaphorePermit>,
    places: Arc<Places>,
    taken_at: Instant,
    left_at: Option<Instant>,
}

impl Place {
    /// Its `sending` is committed: the message leaves now.
    pub(crate) fn leaves(&mut self) {
        self.left_at = Some(Instant::now());
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(left_at) = self.left_at else { return };
        let mut pace = self.places.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = pace.note(left_at - self.taken_at, left_at.elapsed());
        if wanted > pace.places {
            self.places.free.add_permits(wanted - pace.places);
            pace.places = wanted;
        } else if wanted < pace.places {
            // This one is not given back.
            self.permit.take().into_iter().for_each(OwnedSemaphorePermit::forget);
            pace.places -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_as_many_as_keep_the_connections_busy() {
        let after = |messages: usize, pace: &mut Pace, commit_ms, send_ms| {
            let note = |_| pace.note(Duration::from_millis(commit_ms), Duration::from_millis(send_ms));
            (0..messages).map(note).last().unwrap()
        };
        let mut pace = Pace::default();
        assert_eq!(after(1, &mut pace, 20, 500), CONNECTIONS);
        assert_eq!(after(100, &mut pace, 20, 500), CONNECTIONS, "a commit is nothing beside such a send");
        assert_eq!(after(200, &mut pace, 20, 20), 2 * CONNECTIONS, "while one leaves, the next is committed");
        assert_eq!(after(200, &mut pace, 20, 1), MOST);
        assert_eq!(after(200, &mut pace, 20, 500), CONNECTIONS, "a provider that gets slow leaves no more unknown");
    }
}
