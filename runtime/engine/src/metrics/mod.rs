//! What the engine counts and measures for whoever runs the server.
//!
//! Figures say how much and how long, never about whom: labels are kinds, channels and outcomes, all of which are few. Names
//! are given here without the prefix and the unit, which the registry adds.

mod database;
mod labels;

use std::time::{Duration, Instant};

use prometheus_client::{
    metrics::{
        counter::Counter,
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};
use stratagem_channels::SendOutcome;
use stratagem_domain::{
    channel::ChannelKind,
    step::StepKind,
    strategy::{RunErrorKind, StrategyType},
};
use stratagem_store::{
    claims::Rescued,
    commit::{Committed, Ending},
    entities::step,
    imports::StoredRows,
};

use self::{
    database::Database,
    labels::{Cause, Channel, Decision, Ended, Found, Hook, Kind, Outcome, Send, Verdict},
};
use crate::decide::Decided;

/// A histogram for each set of labels.
type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// Every figure of one engine. Recording takes some 100 ns.
pub struct Metrics {
    claim_duration: Histograms<Found>,
    lateness: Histograms<Kind>,
    ended: Family<Ended, Counter>,
    decisions: Family<Decision, Counter>,
    decision_duration: Histograms<Hook>,
    decision_fuel: Histograms<Hook>,
    sends: Family<Send, Counter>,
    send_duration: Histograms<Channel>,
    unknown_sends: Family<Cause, Counter>,
    commit_steps: Histogram,
    commit_duration: Histogram,
    commit_failures: Counter,
    completions: Family<Verdict, Counter>,
    rescued: Counter,
    quarantined: Counter,
    imported_rows: Family<Outcome, Counter>,
    database: Database,
}

/// For those who do not look.
impl Default for Metrics {
    fn default() -> Self {
        Self::register(&mut Registry::default())
    }
}

impl Metrics {
    /// Makes every figure and adds it to the registry. What can be counted at all begins at 0, so that its first rise is seen.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            claim_duration: Family::new_with_constructor(short),
            lateness: Family::new_with_constructor(lateness),
            ended: Family::default(),
            decisions: Family::default(),
            decision_duration: Family::new_with_constructor(short),
            decision_fuel: Family::new_with_constructor(fuel),
            sends: Family::default(),
            send_duration: Family::new_with_constructor(long),
            unknown_sends: Family::default(),
            commit_steps: Histogram::new([1., 2., 5., 10., 20., 50., 100., 200.]),
            commit_duration: short(),
            commit_failures: Counter::default(),
            completions: Family::default(),
            rescued: Counter::default(),
            quarantined: Counter::default(),
            imported_rows: Family::default(),
            database: Database::register(registry),
        };
        metrics.add_to(registry);
        metrics.begin();
        metrics
    }

    fn add_to(&self, to: &mut Registry) {
        let seconds = || Unit::Seconds;
        let help = "How long claims took, by whether they found steps";
        to.register_with_unit("claim_duration", help, seconds(), self.claim_duration.clone());
        let help = "How long after it was due a step was claimed, on the campaigns' clock";
        to.register_with_unit("step_lateness", help, seconds(), self.lateness.clone());
        let help = "Steps that were done, put back into the queue (again) or given up on (dead)";
        to.register("steps_ended", help, self.ended.clone());
        let help = "Runs of strategies for campaigns, by what came of them: ok, or the kind of error";
        to.register("decisions", help, self.decisions.clone());
        let help = "Wall time of a strategy's run";
        to.register_with_unit("decision_duration", help, seconds(), self.decision_duration.clone());
        to.register("decision_fuel", "Fuel that a strategy's run used", self.decision_fuel.clone());
        to.register("sends", "Attempts to hand a message to a provider, by what came of it", self.sends.clone());
        let help = "How long a provider took to take or refuse a message";
        to.register_with_unit("send_duration", help, seconds(), self.send_duration.clone());
        let help = "Messages of which nobody knows whether they left, and that are not sent again: no answer came, or the \
                    process died (crash)";
        to.register("unknown_sends", help, self.unknown_sends.clone());
        to.register("commit_steps", "Results of steps in one transaction", self.commit_steps.clone());
        let help = "How long a transaction of results took";
        to.register_with_unit("commit_duration", help, seconds(), self.commit_duration.clone());
        let help = "Transactions of results that failed, and are tried again or left to the rescuer";
        to.register("commit_failures", help, self.commit_failures.clone());
        let help = "Results of steps: stored (applied), or dropped because the claim was lost (fenced) or what they were \
                    made on had changed (changed)";
        to.register("completions", help, self.completions.clone());
        let help = "Steps that were taken back from a process that had died or hung";
        to.register("rescued_steps", help, self.rescued.clone());
        let help = "Steps that were given up on because processes kept dying while they worked on them";
        to.register("quarantined_steps", help, self.quarantined.clone());
        to.register("imported_rows", "Rows of uploaded files", self.imported_rows.clone());
    }

    /// Makes the series that there will be.
    fn begin(&self) {
        for kind in StepKind::ALL.map(StepKind::as_str) {
            drop(self.lateness.get_or_create(&Kind { kind }));
            for ending in ["done", "again", "dead"] {
                drop(self.ended.get_or_create(&Ended { kind, ending }));
            }
        }
        for hook in [StrategyType::DataLoad, StrategyType::Aggregation].map(StrategyType::as_str) {
            drop(self.decision_duration.get_or_create(&Hook { hook }));
            drop(self.decision_fuel.get_or_create(&Hook { hook }));
            for outcome in ["ok", RunErrorKind::Exception.as_str(), RunErrorKind::Internal.as_str()] {
                drop(self.decisions.get_or_create(&Decision { hook, outcome }));
            }
        }
        let channel = ChannelKind::EmailNotification.as_str();
        drop(self.send_duration.get_or_create(&Channel { channel }));
        for outcome in ["sent", "rejected", "retry", "misconfigured", "unknown"] {
            drop(self.sends.get_or_create(&Send { channel, outcome }));
        }
        for cause in ["no_answer", "crash"] {
            drop(self.unknown_sends.get_or_create(&Cause { channel, cause }));
        }
        for verdict in ["applied", "fenced", "changed"] {
            drop(self.completions.get_or_create(&Verdict { verdict }));
        }
        self.imported(StoredRows { created: 0, updated: 0, rejected: 0 });
    }

    /// A claim that began at `began` brought these steps, at `now_ms` of the campaigns' clock.
    pub(crate) fn claimed(&self, began: Instant, now_ms: i64, steps: &[step::Model]) {
        let found = if steps.is_empty() { "nothing" } else { "steps" };
        self.claim_duration.get_or_create(&Found { found }).observe(began.elapsed().as_secs_f64());
        for step in steps {
            let late = Duration::from_millis(u64::try_from(now_ms - step.due_at_ms).unwrap_or(0));
            self.lateness.get_or_create(&Kind { kind: kind(&step.kind) }).observe(late.as_secs_f64());
        }
    }

    /// A step's result was stored with this ending.
    pub(crate) fn ended(&self, step: &step::Model, ending: &'static str) {
        self.ended.get_or_create(&Ended { kind: kind(&step.kind), ending }).inc();
    }

    /// A strategy ran.
    pub(crate) fn decided(&self, hook: StrategyType, decided: &Decided) {
        let hook = hook.as_str();
        let outcome = decided.outcome();
        self.decisions.get_or_create(&Decision { hook, outcome }).inc();
        self.decision_duration.get_or_create(&Hook { hook }).observe(decided.report.wall.as_secs_f64());
        self.decision_fuel.get_or_create(&Hook { hook }).observe(decided.report.fuel as f64);
    }

    /// A message was handed over, or was not.
    pub(crate) fn sent(&self, channel: ChannelKind, outcome: &SendOutcome, took: Duration) {
        let channel = channel.as_str();
        self.sends.get_or_create(&Send { channel, outcome: outcome.as_str() }).inc();
        self.send_duration.get_or_create(&Channel { channel }).observe(took.as_secs_f64());
    }

    /// Nobody knows whether a message left, and it is not sent again: `no_answer` came, or the process died (`crash`).
    pub(crate) fn unknown(&self, channel: &str, cause: &'static str) {
        let Some(channel) = ChannelKind::parse(channel).map(ChannelKind::as_str) else { return };
        self.unknown_sends.get_or_create(&Cause { channel, cause }).inc();
    }

    /// A transaction of results that began at `began` was stored.
    pub(crate) fn committed(&self, began: Instant, verdicts: &[Committed]) {
        self.commit_duration.observe(began.elapsed().as_secs_f64());
        self.commit_steps.observe(verdicts.len() as f64);
        for verdict in verdicts {
            let verdict = match verdict {
                Committed::Applied => "applied",
                Committed::Fenced => "fenced",
                Committed::Changed => "changed",
            };
            self.completions.get_or_create(&Verdict { verdict }).inc();
        }
    }

    /// A transaction of results could not be stored.
    pub(crate) fn commit_failed(&self) {
        self.commit_failures.inc();
    }

    /// Steps were taken back.
    pub(crate) fn rescued(&self, rescued: Rescued) {
        self.rescued.inc_by(rescued.again + rescued.dead);
        self.quarantined.inc_by(rescued.dead);
    }

    /// Rows of a file were stored.
    pub(crate) fn imported(&self, rows: StoredRows) {
        for (outcome, rows) in [("created", rows.created), ("updated", rows.updated), ("rejected", rows.rejected)] {
            self.imported_rows.get_or_create(&Outcome { outcome }).inc_by(u64::try_from(rows).unwrap_or(0));
        }
    }
}

/// What an ending is called; none where the step goes on.
pub(crate) fn ending(ending: &Ending) -> Option<&'static str> {
    match ending {
        Ending::Continues => None,
        Ending::Done => Some("done"),
        Ending::Again { .. } => Some("again"),
        Ending::Dead { .. } => Some("dead"),
    }
}

fn kind(name: &str) -> &'static str {
    StepKind::parse(name).map_or("other", StepKind::as_str)
}

/// For what takes milliseconds: 0.5 ms to 16 s.
fn short() -> Histogram {
    Histogram::new(exponential_buckets(0.0005, 2., 16))
}

/// For what waits for others: 5 ms to 164 s.
fn long() -> Histogram {
    Histogram::new(exponential_buckets(0.005, 2., 16))
}

/// From what nobody notices to a day.
fn lateness() -> Histogram {
    Histogram::new([0.1, 0.5, 1., 2., 5., 10., 30., 60., 300., 900., 3_600., 21_600., 86_400.])
}

/// A million, what a short run uses, to 8 thousand million: more than the default limit of loading a source.
fn fuel() -> Histogram {
    Histogram::new(exponential_buckets(1e6, 2., 14))
}
