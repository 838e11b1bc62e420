//! Stores what came of steps, many at a time: whoever is waiting when a transaction can begin goes with it.

use std::time::Duration;

use stratagem_store::commit::{Committed, Completion};
use tokio::sync::{mpsc, oneshot};

use crate::{Engine, EngineError};

/// Most completions of one transaction: it holds SQLite's writer for some 20 ms.
const BATCH: usize = 200;
/// How often a failing transaction is tried again before its steps are left to the rescuer.
const TRIES: u32 = 8;

type Waiting = (Completion, oneshot::Sender<Committed>);

/// The way to the committer's task. Cheap to clone; the task ends when the last one is gone.
#[derive(Clone)]
pub(crate) struct Committer(mpsc::Sender<Waiting>);

impl Committer {
    /// Starts the task.
    pub(crate) fn start(engine: Engine) -> Self {
        let (sender, receiver) = mpsc::channel(4 * BATCH);
        tokio::spawn(run(engine, receiver));
        Self(sender)
    }

    /// Stores a completion, and says what became of it.
    pub(crate) async fn commit(&self, completion: Completion) -> Result<Committed, EngineError> {
        let (sender, receiver) = oneshot::channel();
        let gone = || EngineError::Internal("the completion was not stored".to_owned());
        self.0.send((completion, sender)).await.map_err(|_| gone())?;
        receiver.await.map_err(|_| gone())
    }
}

async fn run(engine: Engine, mut receiver: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::with_capacity(BATCH);
    while receiver.recv_many(&mut waiting, BATCH).await > 0 {
        let (batch, answers): (Vec<_>, Vec<_>) = waiting.drain(..).unzip();
        // Without an answer a step is no longer worked on; its lease ends and the rescuer finds it.
        if let Some(verdicts) = store(&engine, &batch).await {
            for (answer, verdict) in answers.into_iter().zip(verdicts) {
                let _ = answer.send(verdict);
            }
        }
    }
}

async fn store(engine: &Engine, batch: &[Completion]) -> Option<Vec<Committed>> {
    for attempt in 0..TRIES {
        match engine.store().commit(engine.clock().now_ms(), batch.to_vec()).await {
            Ok(verdicts) => return Some(verdicts),
            Err(error) => {
                tracing::error!(%error, steps = batch.len(), attempt, "a batch of results could not be stored");
                tokio::time::sleep(Duration::from_millis(100 << attempt)).await;
            }
        }
    }
    None
}
