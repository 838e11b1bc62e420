//! A run that waits may be taken up by another thread.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;

use async_trait::async_trait;
use stratagem_domain::strategy::{HttpBody, HttpError, HttpRequest, HttpResponse, RunReport, StrategyType};
use stratagem_sandbox::{Allowance, Outbound};

use crate::common::{Ask, input, returned, sandbox_of_slots};

/// Answers when it is polled again.
struct Later;

#[async_trait]
impl Outbound for Later {
    async fn send(&self, _: usize, request: &HttpRequest, _: Allowance) -> Result<HttpResponse, HttpError> {
        tokio::task::yield_now().await;
        Ok(HttpResponse { status: 200, headers: vec![], body: HttpBody(vec![]), url: request.url.clone() })
    }
}

type Run = Pin<Box<dyn Future<Output = RunReport> + Send>>;

fn poll(run: &mut Run) -> Option<RunReport> {
    match run.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(report) => Some(report),
        Poll::Pending => None,
    }
}

const TEXT: &str = "\
from stratagem import http

async def run(contact, existing_contact, logger):
    await http.get('https://api.example/1')
    contact.results['out'] = len([list(range(n, n + 50)) for n in range(contact.params['lists'])])
    await http.get('https://api.example/2')
    return contact
";

fn run_of(lists: u32) -> Run {
    let mut input = input(StrategyType::DataLoad);
    input.contact.params.insert("lists".to_owned(), lists.into());
    let input = Some(input);
    let ask = Ask { sandbox: sandbox_of_slots(), outbound: Arc::new(Later), input, ..Ask::default() };
    Box::pin(ask.run(TEXT))
}

/// Goes on with it on this thread to its end.
fn finish(mut run: Run, lists: u32) {
    let report = std::iter::from_fn(|| Some(poll(&mut run))).flatten().next().unwrap();
    assert_eq!(returned(&report).results["out"], lists);
}

/// The middle of a run writes to pages that no run before wrote to, on another thread, while this one does nothing. All memories
/// are compared with their images: one that was not put back would end the process.
#[test]
fn what_a_run_wrote_on_another_thread_is_put_back() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _inside = runtime.enter();
    let sandbox = sandbox_of_slots();
    let known = || sandbox.slot_figures()[0];
    let before = known();
    (0..50).for_each(|_| finish(run_of(1), 1));
    assert!(known() > before, "each of the runs had a page fault of its own, and the rest would prove nothing");

    thread::scope(|scope| {
        let (there, arrivals) = mpsc::channel::<Run>();
        let (back, returns) = mpsc::channel();
        let handle = runtime.handle();
        scope.spawn(move || {
            let _inside = handle.enter();
            arrivals.into_iter().for_each(|mut run| back.send((poll(&mut run), run)).unwrap());
        });
        for lists in 100..150 {
            let mut run = run_of(lists);
            assert!(poll(&mut run).is_none());
            there.send(run).unwrap();
            let (report, run) = returns.recv().unwrap();
            assert!(report.is_none());
            finish(run, lists);
            finish(run_of(1), 1);
        }
    });
}
