//! Places for messages that are under way.
//!
//! `delivery = sending` is committed before a message leaves, and whatever is `sending` when the process dies is `unknown`
//! for good. So a send waits here, still `planned`, until one of its provider's connections can be its own: a crash leaves
//! about as many unknown as there are connections, not as many as there are steps claimed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use stratagem_channels::CONNECTIONS;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::EngineError;

/// Places by integration; sends without one share theirs.
#[derive(Default)]
pub(crate) struct Sending(Mutex<HashMap<Option<Uuid>, Arc<Semaphore>>>);

impl Sending {
    /// Waits for a place; it is given back when it is dropped.
    pub(crate) async fn place(&self, integration_id: Option<Uuid>) -> Result<OwnedSemaphorePermit, EngineError> {
        let places = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry(integration_id).or_insert_with(|| Arc::new(Semaphore::new(CONNECTIONS))).clone()
        };
        places.acquire_owned().await.map_err(|error| EngineError::Internal(error.to_string()))
    }
}
