//! The threads that strategies run on: one for each processor, apart from those of the API, so that a strategy's computing never delays
//! an answer.
//!
//! A decision stays on the thread where it began: its sandbox tells by the thread's page faults which memory it has to put back. One
//! that waits, for an HTTP answer or for its result to be stored, gives its thread to the next one meanwhile.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::JoinHandle,
};

/// The threads. They end when it is dropped, and what they were at is left as it is.
pub(crate) struct Workers(Vec<Worker>);

struct Worker {
    runtime: Handle,
    under_way: Arc<AtomicUsize>,
    _ends_when_dropped: oneshot::Sender<()>,
}

/// Counts one of a worker's decisions while it is there.
struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Workers {
    /// One for each processor that this process may use.
    pub(crate) fn start() -> Self {
        let wanted = thread::available_parallelism().map_or(1, usize::from);
        let started: io::Result<Vec<Worker>> = (0..wanted).map(Worker::start).collect();
        Self(started.unwrap_or_else(|error| {
            tracing::error!(%error, "no threads for decisions: they share the API's");
            Vec::new()
        }))
    }

    /// Does the work on the thread that has least to do.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        let least = self.0.iter().min_by_key(|worker| worker.under_way.load(Ordering::Relaxed));
        let Some(worker) = least else { return tokio::spawn(work) };
        worker.under_way.fetch_add(1, Ordering::Relaxed);
        let under_way = UnderWay(worker.under_way.clone());
        worker.runtime.spawn(async move {
            let _under_way = under_way;
            work.await;
        })
    }
}

impl Worker {
    fn start(number: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (_ends_when_dropped, ended) = oneshot::channel::<()>();
        thread::Builder::new().name(format!("decisions-{number}")).spawn(move || {
            // An error is the sender's end.
            let _ = runtime.block_on(ended);
        })?;
        Ok(Self { runtime: handle, under_way: Arc::default(), _ends_when_dropped })
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Mutex};

    use tokio::sync::Barrier;

    use super::*;

    #[tokio::test]
    async fn work_is_shared_out_and_stays_where_it_began() {
        let workers = Workers::start();
        let many = 4 * workers.0.len();
        let (barrier, seen) = (Arc::new(Barrier::new(many)), Arc::new(Mutex::new(Vec::new())));
        let all: Vec<_> = (0..many)
            .map(|_| {
                let (barrier, seen) = (barrier.clone(), seen.clone());
                workers.spawn(async move {
                    let before = thread::current().id();
                    // Met only if those that wait give their threads to the others.
                    barrier.wait().await;
                    assert_eq!(before, thread::current().id());
                    seen.lock().unwrap().push(before);
                })
            })
            .collect();
        for one in all {
            one.await.unwrap();
        }
        let seen = seen.lock().unwrap();
        let threads: HashSet<_> = seen.iter().collect();
        assert_eq!(threads.len(), workers.0.len());
        assert!(threads.iter().all(|thread| seen.iter().filter(|other| other == thread).count() == 4));
        assert!(workers.0.iter().all(|worker| worker.under_way.load(Ordering::Relaxed) == 0));
    }
}
