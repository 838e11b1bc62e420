//! A run's time on its thread: whether the count of that thread's page faults tells of all that the run did.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

/// One run, from the moment when its memory is handed out.
///
/// A run that gives way may be taken up again by another thread, and even come back: only who is there at each step knows.
pub(crate) struct Visit {
    thread: ThreadId,
    /// Page faults that the thread had at the beginning, where that is known.
    faults: Option<i64>,
    moved: AtomicBool,
}

impl Visit {
    /// Begins on this thread.
    pub(crate) fn begin() -> Arc<Self> {
        Arc::new(Self {
            thread: thread::current().id(),
            faults: faults_of_this_thread(),
            moved: AtomicBool::new(false),
        })
    }

    /// For a run that nobody watches: the kernel is asked.
    pub(crate) fn anywhere() -> Arc<Self> {
        Arc::new(Self { thread: thread::current().id(), faults: None, moved: AtomicBool::new(true) })
    }

    /// Notes where the run's future is polled. Nothing else may run the guest.
    pub(crate) async fn watch<T>(&self, run: impl Future<Output = T>) -> T {
        let mut run = pin!(run);
        std::future::poll_fn(move |context| {
            if thread::current().id() != self.thread {
                self.moved.store(true, Ordering::Relaxed);
            }
            run.as_mut().poll(context)
        })
        .await
    }

    /// Whether the run was on one thread, is there still, and that thread has had no page fault since.
    pub(super) fn had_no_fault(&self) -> bool {
        !self.moved.load(Ordering::Relaxed)
            && self.thread == thread::current().id()
            && self.faults.is_some()
            && self.faults == faults_of_this_thread()
    }
}

/// Page faults of this thread, minor and major, since it began.
fn faults_of_this_thread() -> Option<i64> {
    // SAFETY: all zeros is a value of this structure of numbers, and the call writes nothing else.
    unsafe {
        let mut usage = std::mem::zeroed::<libc::rusage>();
        let known = libc::getrusage(libc::RUSAGE_THREAD, &raw mut usage) == 0;
        known.then_some(usage.ru_minflt + usage.ru_majflt)
    }
}
