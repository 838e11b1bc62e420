//! Decisions in sandboxes of this process.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use stratagem_domain::strategy::{Input, Limits, Output, Sources, StrategyType};
use stratagem_sandbox::{Closed, Component, Moment, Sandbox, Strategy};
use tokio::runtime::{Builder, Runtime};

use super::{
    component,
    contacts::{Contact, now},
};
use crate::{Outcome, series::Series};

/// The contacts' strategies in sandboxes, and the threads that run them.
pub(super) struct Sandboxed {
    sandbox: Sandbox,
    codes: [Arc<Code>; 2],
    threads: usize,
    runtime: Runtime,
}

enum Code {
    Source(Sources),
    Component(Component),
}

impl Sandboxed {
    pub(super) fn sources(sandbox: &Sandbox, contacts: &[Contact; 2], threads: usize) -> Outcome<Self> {
        let source = |contact: &Contact| fs::read_to_string(&contact.strategy).map(Sources::single).map(Code::Source);
        Self::new(sandbox, [source(&contacts[0])?, source(&contacts[1])?], threads)
    }

    pub(super) fn components(sandbox: &Sandbox, contacts: &[Contact; 2]) -> Outcome<Self> {
        let built = |contact: &Contact| component::build(sandbox, &contact.strategy).map(Code::Component);
        Self::new(sandbox, [built(&contacts[0])?, built(&contacts[1])?], 1)
    }

    fn new(sandbox: &Sandbox, codes: [Code; 2], threads: usize) -> Outcome<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(threads).enable_time().build()?;
        Ok(Self { sandbox: sandbox.clone(), codes: codes.map(Arc::new), threads, runtime })
    }

    pub(super) fn decide(&self, contact: &Contact, count: usize, series: &mut Series) -> Outcome<()> {
        let started = Instant::now();
        let workers: Vec<_> = (0..self.threads)
            .map(|_| {
                let code = self.codes[contact.number].clone();
                let (sandbox, input) = (self.sandbox.clone(), contact.input.clone());
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
