//! Does a run stay on its thread?
//!
//! A run that waits for the host, or gives way at a tick, may be taken up by another thread and come back. The pages that it
//! writes there come with faults of that thread, which the first one's count does not show. So each run is watched: where it has
//! ever been on two threads, its slot is scanned.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

thread_local! {
    /// That of the run that is being polled on this thread.
    static WATCH: RefCell<Option<Arc<Watch>>> = const { RefCell::new(None) };
}

/// What is known about where a run has been.
pub(super) struct Watch {
    thread: ThreadId,
    moved: AtomicBool,
}

impl Watch {
    /// Whether the run has been on one thread alone. To be asked where the run ends.
    pub(super) fn stayed(&self) -> bool {
        !self.moved.load(Ordering::Relaxed)
    }

    /// That of the run that is being polled here. None where nobody watches.
    pub(super) fn current() -> Option<Arc<Self>> {
        WATCH.with_borrow(Clone::clone)
    }

    fn is_here(&self) {
        if self.thread != thread::current().id() {
            self.moved.store(true, Ordering::Relaxed);
        }
    }
}

/// Notes on which threads the run is polled, for the memories that are made in it.
pub(crate) async fn watched<T>(run: impl Future<Output = T>) -> T {
    let watch = Arc::new(Watch { thread: thread::current().id(), moved: AtomicBool::new(false) });
    let mut run = pin!(run);
    std::future::poll_fn(move |context| {
        watch.is_here();
        let before = WATCH.replace(Some(watch.clone()));
        let polled = run.as_mut().poll(context);
        WATCH.set(before);
        polled
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Polls a watched run three times, the second time where `elsewhere` says. Returns whether it stayed.
    fn stayed(elsewhere: impl FnOnce(&mut (dyn FnMut() + Send))) -> bool {
        let mut polls = 0;
        let run = std::future::poll_fn(move |_| {
            polls += 1;
            if polls < 3 { Poll::Pending } else { Poll::Ready(Watch::current().unwrap().stayed()) }
        });
        let mut run = Box::pin(watched(run));
        let mut poll = || run.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll().is_pending());
        elsewhere(&mut || assert!(poll().is_pending()));
        let Poll::Ready(stayed) = poll() else { panic!("three polls are enough") };
        assert!(Watch::current().is_none(), "nobody is watched when no run is polled");
        stayed
    }

    #[test]
    fn a_run_that_was_on_another_thread_in_between_has_not_stayed() {
        assert!(stayed(|poll| poll()));
        assert!(!stayed(|poll| thread::scope(|scope| scope.spawn(poll).join().unwrap())));
    }
}
