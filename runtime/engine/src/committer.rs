//! Stores what came of steps, many at a time: whoever is waiting when a transaction can begin goes with it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fail::fail_point;
use stratagem_store::{
    StoreError,
    commit::{Committed, Completion},
};
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::{Engine, EngineError};

/// Most completions of one transaction: it holds SQLite's writer for some 20 ms.
const BATCH: usize = 200;
/// Transactions that are drawn up at the same time. SQLite runs one, and meanwhile the next one is drawn up.
const TASKS: usize = 2;
/// How long to wait before a transaction is tried again, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

type Answer = oneshot::Sender<Result<Committed, StoreError>>;
type Waiting = (Box<Completion>, Answer);

/// The way to the committer's tasks. Cheap to clone; they end when the last one is gone.
#[derive(Clone)]
pub(crate) struct Committer(mpsc::Sender<Waiting>);

impl Committer {
    /// Starts the tasks.
    pub(crate) fn start(engine: Engine) -> Self {
        let (sender, receiver) = mpsc::channel(4 * BATCH);
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..TASKS {
            tokio::spawn(run(engine.clone(), receiver.clone()));
        }
        Self(sender)
    }

    /// Stores a completion, and says what became of it.
    pub(crate) async fn commit(&self, completion: Box<Completion>) -> Result<Committed, EngineError> {
        let (sender, receiver) = oneshot::channel();
        let gone = || EngineError::Internal("the completion was not stored".to_owned());
        self.0.send((completion, sender)).await.map_err(|_| gone())?;
        Ok(receiver.await.map_err(|_| gone())??)
    }
}

async fn run(engine: Engine, receiver: Arc<Mutex<mpsc::Receiver<Waiting>>>) {
    loop {
        let mut waiting = Vec::with_capacity(BATCH);
        if receiver.lock().await.recv_many(&mut waiting, BATCH).await == 0 {
            return;
        }
        store(&engine, waiting).await;
    }
}

/// Stores a batch. Where the database refuses it, its halves are stored apart, and theirs: what is refused drops out alone.
async fn store(engine: &Engine, batch: Vec<Waiting>) {
    let unboxed = batch.into_iter().map(|(completion, answer)| (*completion, answer));
    let (completions, answers): (Vec<Completion>, Vec<Answer>) = unboxed.unzip();
    let mut parts = vec![(completions.as_slice(), answers)];
    while let Some((part, mut answers)) = parts.pop() {
        match patiently(engine, part).await {
            Ok(verdicts) => {
                for (answer, verdict) in answers.into_iter().zip(verdicts) {
                    // Nobody waits where the step's task was aborted.
                    let _ = answer.send(Ok(verdict));
                }
            }
            Err(_) if part.len() > 1 => {
                let (first, second) = part.split_at(part.len() / 2);
                parts.push((second, answers.split_off(first.len())));
                parts.push((first, answers));
            }
            Err(error) => {
                if let Some(answer) = answers.pop() {
                    let _ = answer.send(Err(error));
                }
            }
        }
    }
}

/// Tries until the database can be used: what was sent is known here alone, so giving up would lose it.
async fn patiently(engine: &Engine, batch: &[Completion]) -> Result<Vec<Committed>, StoreError> {
    let mut pause = FIRST_PAUSE;
    loop {
        fail_point!("commit");
        let began = Instant::now();
        let settled = engine.store().commit(engine.clock().now_ms(), batch).await;
        fail_point!("committed");
        match settled {
            Ok(verdicts) => {
                engine.metrics().committed(began, &verdicts);
                engine.0.stored.notify_waiters();
                return Ok(verdicts);
            }
            Err(error) if error.is_passing() => {
                engine.metrics().commit_failed();
                tracing::error!(%error, steps = batch.len(), "results could not be stored and will be tried again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(error) => {
                engine.metrics().commit_failed();
                return Err(error);
            }
        }
    }
}
