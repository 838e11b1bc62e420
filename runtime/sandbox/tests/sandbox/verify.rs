//! `make verify`: very many decisions of several strategies on both threads, the whole memory compared after each.

use std::sync::atomic::{AtomicU64, Ordering};

use stratagem_domain::strategy::StrategyType;

use crate::common::{Ask, hook, sandbox};

/// What the decisions take turns with: small and large, growing, failing, stopped in the middle.
fn strategies() -> Vec<(StrategyType, String)> {
    let load = |body: &str| (StrategyType::DataLoad, hook(body));
    vec![
        load("contact.current_stage = 'x'"),
        (StrategyType::DataLoad, include_str!("strategies/data_load.py").to_owned()),
        (StrategyType::Aggregation, include_str!("strategies/aggregation.py").to_owned()),
        (StrategyType::AnswerAnalysis, include_str!("strategies/answer_analysis.py").to_owned()),
        load("import random; contact.results['out'] = [random.random() for _ in range(1000)]"),
        load("contact.internal_data['x'] = 'y' * 300_000"),
        load("text = 'x' * 40_000_000; contact.results['out'] = len(text)"),
        load("contact.results['out'] = sum(range(300_000))"),
        load("import json; contact.results['out'] = len(json.dumps([{'a': n} for n in range(3000)]))"),
        load("raise ValueError('no')"),
        load("text = 'x' * 10**9"),
        load("import posix; posix.abort()"),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "make verify: an hour for a million"]
async fn very_many_mixed_decisions_leave_nothing_behind() {
    let wanted: u64 = std::env::var("STRATAGEM_VERIFY").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let (sandbox, done) = (sandbox(), &*Box::leak(Box::new(AtomicU64::new(0))));
    let workers: Vec<_> = (0..4_u64)
        .map(|worker| {
            tokio::spawn(async move {
                let strategies = strategies();
                let mut turn = worker;
                while done.fetch_add(1, Ordering::Relaxed) < wanted {
                    // Another step than the number of strategies, so that each follows each.
                    turn += 1 + turn % 3;
                    let (hook, text) = &strategies[turn as usize % strategies.len()];
                    let _ = Ask { hook: *hook, ..Ask::default() }.run(text).await;
                }
            })
        })
        .collect();
    let mut told = tokio::time::interval(std::time::Duration::from_secs(10));
    while !workers.iter().all(tokio::task::JoinHandle::is_finished) {
        told.tick().await;
        let [known, scanned, new, given_up] = sandbox.slot_figures();
        eprintln!(
            "{} decisions: memory put back {known} times without asking the kernel, {scanned} with; {new} slots made, \
             {given_up} given up; every memory was compared",
            done.load(Ordering::Relaxed).min(wanted)
        );
    }
    for worker in workers {
        worker.await.unwrap();
    }
}
