//! Decisions in sandboxes of this process.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use stratagem_domain::strategy::{Input, Limits, Output, Sources, StrategyType};
use stratagem_sandbox::{Closed, Component, Moment, Sandbox, Strategy};
use tokio::runtime::{Builder, Runtime};

use super::contacts::{Contact, now};
use crate::{Outcome, series::Series};

/// A strategy in sandboxes, and the threads that run them.
pub(super) struct Sandboxed {
    sandbox: Sandbox,
    code: Arc<Code>,
    threads: usize,
    runtime: Runtime,
}

enum Code {
    Source(Sources),
    Component(Component),
}

impl Sandboxed {
    pub(super) fn source(sandbox: &Sandbox, text: &str, threads: usize) -> Outcome<Self> {
        Self::new(sandbox, Code::Source(Sources::single(text)), threads)
    }

    pub(super) fn component(sandbox: &Sandbox, component: Component) -> Outcome<Self> {
        Self::new(sandbox, Code::Component(component), 1)
    }

    fn new(sandbox: &Sandbox, code: Code, threads: usize) -> Outcome<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(threads).enable_time().build()?;
        Ok(Self { sandbox: sandbox.clone(), code: Arc::new(code), threads, runtime })
    }

    pub(super) fn decide(&self, contact: &Contact, count: usize, series: &mut Series) -> Outcome<()> {
        let started = Instant::now();
        let workers: Vec<_> = (0..self.threads)
            .map(|_| {
                let (sandbox, code, input) = (self.sandbox.clone(), self.code.clone(), contact.input.clone());
                let count = count.div_ceil(self.threads);
                self.runtime.spawn(async move { in_sequence(&sandbox, &code, &input, count).await })
            })
            .collect();
        let mut walls = Vec::with_capacity(count);
        for worker in workers {
            let (taken, returned) = self.runtime.block_on(worker)??;
            walls.extend(taken);
            contact.expect_decision(&returned)?;
        }
        series.add_all(walls, started.elapsed());
        Ok(())
    }
}

/// How long each took, and what the last one came to.
async fn in_sequence(sandbox: &Sandbox, code: &Code, input: &Input, count: usize) -> Outcome<(Vec<Duration>, String)> {
    let (at, limits) = (Moment { now: now(), time_zone: "Europe/Berlin", seed: 7 }, Limits::default());
    let strategy = match code {
        Code::Source(sources) => Strategy::python(sources, "run", StrategyType::DataLoad, at.now),
        Code::Component(component) => Strategy::component(component, StrategyType::DataLoad),
    };
    let (mut walls, mut returned) = (Vec::with_capacity(count), Output::none());
    for _ in 0..count {
        let started = Instant::now();
        let report = sandbox.run(&strategy, input, &at, &limits, Arc::new(Closed)).await;
        walls.push(started.elapsed());
        returned = report.outcome?;
    }
    Ok((walls, returned.json().to_owned()))
}
