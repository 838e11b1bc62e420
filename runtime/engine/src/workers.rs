//! The threads that strategies run on: one for each processor, apart from those of the API, so that a strategy's computing never delays
//! an answer.
//!
//! A decision stays on the thread where it began: its sandbox tells by the thread's page faults which memory it has to put back. One
//! that waits, for an HTTP answer or for its result to be stored, gives its thread to the next one meanwhile. What it waits for belongs
//! to the runtime that the workers were started in: a connection to the database is everyone's, and is not to stand still while a
//! strategy computes, nor to end with the workers.

use std::{
    future::poll_fn,
    io,
    pin::pin,
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
pub(crate) struct Workers {
    all: Vec<Worker>,
    /// Where their connections, timers and tasks are.
    home: Handle,
}

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
    ///
    /// # Panics
    /// Outside a runtime.
    pub(crate) fn start() -> Self {
        let wanted = thread::available_parallelism().map_or(1, usize::from);
        let started: io::Result<Vec<Worker>> = (0..wanted).map(Worker::start).collect();
        let all = started.unwrap_or_else(|error| {
            tracing::error!(%error, "no threads for decisions: they share the API's");
            Vec::new()
        });
        Self { all, home: Handle::current() }
    }

    /// Does the work on the thread that has least to do.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        let least = self.all.iter().min_by_key(|worker| worker.under_way.load(Ordering::Relaxed));
        let Some(worker) = least else { return tokio::spawn(work) };
        worker.under_way.fetch_add(1, Ordering::Relaxed);
        let (under_way, home) = (UnderWay(worker.under_way.clone()), self.home.clone());
        worker.runtime.spawn(async move {
            let _under_way = under_way;
            at_home(&home, work).await;
        })
    }
}

/// Does the work on this thread, and has what it opens and starts belong to that runtime.
async fn at_home(home: &Handle, work: impl Future<Output = ()>) {
    let mut work = pin!(work);
    poll_fn(|context| {
        let _entered = home.enter();
        work.as_mut().poll(context)
    })
    .await;
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

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
        sync::Barrier,
    };

    use super::*;

    #[tokio::test]
    async fn work_is_shared_out_and_stays_where_it_began() {
        let workers = Workers::start();
        let many = 4 * workers.all.len();
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
        assert_eq!(threads.len(), workers.all.len());
        assert!(threads.iter().all(|thread| seen.iter().filter(|other| other == thread).count() == 4));
        assert!(workers.all.iter().all(|worker| worker.under_way.load(Ordering::Relaxed) == 0));
    }

    #[tokio::test]
    async fn a_connection_outlives_the_worker_that_opened_it() {
        let workers = Workers::start();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (sender, opened) = oneshot::channel();
        let address = listener.local_addr().unwrap();
        workers.spawn(async move { sender.send(TcpStream::connect(address).await.unwrap()).unwrap() });
        let (mut here, (mut there, _)) = (opened.await.unwrap(), listener.accept().await.unwrap());
        let threads: Vec<_> = workers.all.iter().map(|worker| worker.runtime.clone()).collect();
        drop(workers);
        for thread in threads {
            // Taken on no more once it has ended, or dropped when it does.
            thread.spawn(std::future::pending::<()>()).await.unwrap_err();
        }
        there.write_all(b"hello").await.unwrap();
        let mut said = [0; 5];
        here.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"hello");
    }
}
