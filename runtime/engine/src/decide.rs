//! One decision: the contact goes into a fresh sandbox with the campaign's strategy, and what comes out is checked, compared
//! and stored by compare-and-swap. Where the contact changed meanwhile the strategy runs again on the fresh one.

mod effects;
mod ground;

use fail::fail_point;
use serde_json::Value;
use stratagem_domain::{
    clock::from_ms,
    strategy::{
        ContactChange, ContactDoc, HookInput, Input, Limits, Output, Rules, RunError, RunErrorKind, RunReport,
        StrategyType, change_of,
    },
};
use stratagem_sandbox::{Moment, Outbound, Strategy};
use stratagem_store::{
    Json, Scope,
    commit::{Committed, ContactWrite, Ending, Writes},
    entities::{contact, message, session, stage, step},
};

use self::ground::Ground;
pub(crate) use self::ground::{Prepared, prepare};
use crate::{
    Engine, EngineError, documents,
    record::{self, Given},
    scheduler::Shared,
    steps::{after_failure, commit, load_data},
};

/// How often a strategy runs on a contact that keeps changing, before the step waits.
const TRIES: u32 = 5;

/// What a decision is about, beside its contact.
#[derive(Clone, Copy)]
pub(crate) enum About<'a> {
    /// Imported fields; null for a contact that the import made.
    Import(&'a Value),
    /// A session that has ended.
    Session(&'a session::Model),
    /// What an agent has said in a session that goes on.
    Answer(&'a session::Model, &'a message::Model),
}

impl<'a> About<'a> {
    fn session(self) -> Option<&'a session::Model> {
        match self {
            Self::Import(_) => None,
            Self::Session(session) | Self::Answer(session, _) => Some(session),
        }
    }
}

/// What a hook is called with, beside its strategy.
pub(crate) struct Call<'a> {
    /// What the result is compared with.
    pub(crate) stored: &'a ContactDoc,
    pub(crate) input: HookInput,
    pub(crate) at: Moment<'a>,
    pub(crate) limits: &'a Limits,
    pub(crate) stages: &'a [stage::Model],
    pub(crate) outbound: std::sync::Arc<dyn Outbound>,
}

/// A run with what it would change.
pub(crate) struct Decided {
    pub(crate) input: Input,
    pub(crate) report: RunReport,
    pub(crate) change: Result<ContactChange, RunError>,
}

impl Decided {
    /// `ok`, or the kind of error.
    pub(crate) fn outcome(&self) -> &'static str {
        self.change.as_ref().map_or_else(|error| error.kind.as_str(), |_| "ok")
    }
}

/// Runs the campaign's strategy of that type for the step's contact and stores what it decides. Where the contact has changed since it
/// was prepared, it is read afresh.
pub(crate) async fn run(
    shared: &Shared,
    step: &step::Model,
    kind: StrategyType,
    about: About<'_>,
    mut prepared: Option<Prepared>,
) -> Result<(), EngineError> {
    for _ in 0..TRIES {
        // Before anything is read: it may wait for long.
        let place = tokio::select! {
            biased;
            place = shared.engine.0.sandboxes.take(step.into()) => place?,
            () = shared.recalled() => return put_back(shared, step).await,
        };
        let ground = match Ground::read(&shared.engine, step, kind, about, prepared.take()).await? {
            Ok(ground) => ground,
            Err(ending) => return commit(shared, step, ending, Writes::default()).await.map(|_| ()),
        };
        fail_point!("deciding");
        let (ending, writes) = decide(shared, step, kind, about, &ground).await?;
        drop(place);
        fail_point!("decided");
        if commit(shared, step, ending, writes).await? != Committed::Changed {
            return Ok(());
        }
    }
    Err(EngineError::Internal(format!("the contact changed {TRIES} times while the strategy ran")))
}

/// Back into the queue, where it was; costs no attempt.
async fn put_back(shared: &Shared, step: &step::Model) -> Result<(), EngineError> {
    let reason = "it waited for other decisions when the server was stopped, or brought to rest".to_owned();
    let ending = Ending::Again { due_at_ms: step.due_at_ms, reason, failed: false };
    commit(shared, step, ending, Writes::default()).await.map(|_| ())
}

async fn decide(
    shared: &Shared,
    step: &step::Model,
    kind: StrategyType,
    about: About<'_>,
    ground: &Ground,
) -> Result<(Ending, Writes), EngineError> {
    let (engine, setting) = (&shared.engine, &ground.setting);
    let zone = documents::zone(zone_of(about, &ground.contact).as_deref(), &setting.campaign);
    // In whole milliseconds, as the record has it.
    let now_ms = engine.clock().now_ms();
    let now = from_ms(now_ms);
    // 53 bits, so that every JSON reader shows the number that it was.
    let seed = engine.random().next_u64() >> 11;
    let flagged = about.session().map(|session| session.communication_id);
    let stored = documents::contact(&ground.contact, &ground.communications, ground.total, flagged, zone);
    let (contact, existing_contact) = match about {
        About::Import(imported) => load_data::contacts(stored.clone(), imported),
        About::Session(_) | About::Answer(..) => (stored.clone(), None),
    };
    let (mut session_results, mut message) = (None, None);
    match about {
        About::Import(_) => {}
        About::Session(session) => session_results = Some(documents::object(&session.results)),
        About::Answer(_, said) => message = Some(documents::message(said, zone)),
    }
    let mut context = documents::context(&setting.campaign, &setting.stages, now, zone);
    context.session = about.session().map(|session| {
        let agent = ground.agent.as_ref().map(|agent| agent.name.clone());
        documents::session(session, agent, &ground.messages, zone)
    });
    let input = HookInput { contact, existing_contact, session_results, message, context };
    let scope = Scope(step.tenant_id);
    let request = Call {
        stored: &stored,
        input,
        at: Moment { now, time_zone: zone.name(), seed },
        limits: &setting.limits,
        stages: &setting.stages,
        outbound: engine.egress(scope, &format!("step {}", step.id)),
    };
    let decided = call(engine, &setting.code.as_strategy(kind), request).await?;
    engine.metrics().decided(kind, &decided);
    let us = decided.report.wall.as_micros();
    tracing::debug!(hook = kind.as_str(), outcome = decided.outcome(), fuel = decided.report.fuel, us, "decision");

    let mut writes = Writes::default();
    let ending = match &decided.change {
        Ok(change) => {
            effects::apply(engine, step, ground, change.clone(), &mut writes)?;
            if let Some(id) = flagged.filter(|_| matches!(about, About::Session(_))) {
                effects::settle(ground, id, &mut writes);
            }
            let (id, version) = (ground.contact.id, ground.contact.version);
            writes.contact = Some(ContactWrite { id, version, change: change.clone() });
            Ending::Done
        }
        Err(error) if error.kind == RunErrorKind::Internal => after_failure(shared, step, error.to_string()),
        // The same strategy would fail on the same contact again: a person must look.
        Err(error) => Ending::Dead { reason: error.to_string() },
    };
    let given =
        Given { hook: kind, strategy: &setting.strategy, input: &decided.input, now_ms, seed, limits: &setting.limits };
    let mut run = record::record(engine, scope, &given, &decided.report);
    run.campaign_id = step.campaign_id;
    run.contact_id = Some(ground.contact.id);
    run.step_id = Some(step.id);
    match &decided.change {
        Ok(change) => run.diff = record::diff(change).into(),
        Err(error) => {
            run.outcome = error.kind.to_string();
            run.error = serde_json::to_value(error).ok().map(Json);
        }
    }
    writes.run = Some(run);
    Ok((ending, writes))
}

/// Calls the hook and compares what it returns with the stored contact.
pub(crate) async fn call(engine: &Engine, strategy: &Strategy<'_>, request: Call<'_>) -> Result<Decided, EngineError> {
    let Call { stored, input, at, limits, stages, outbound } = request;
    let input = Input::new(input).map_err(|error| EngineError::Internal(error.to_string()))?;
    // In a box, for it is large, and a future is copied on its way to where it runs.
    let report = Box::pin(engine.sandbox().run(strategy, &input, &at, limits, outbound)).await;
    let stages: Vec<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
    let zone = at.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    let change = match report.outcome.as_ref().map(Output::contact) {
        Err(error) => Err(error.clone()),
        Ok(None) => Ok(ContactChange::default()),
        Ok(Some(returned)) => compare(stored, &input.document().contact, returned, Rules { zone, stages: &stages }),
    };
    Ok(Decided { input, report, change })
}

/// The difference to the stored contact. A time zone comes from the import alone: it is taken over with the contact that
/// the import laid over the stored one, and a strategy cannot change it.
fn compare(
    stored: &ContactDoc,
    offered: &ContactDoc,
    returned: &ContactDoc,
    rules: Rules<'_>,
) -> Result<ContactChange, RunError> {
    if returned.time_zone != offered.time_zone || offered.time_zone == stored.time_zone {
        return change_of(stored, returned, rules);
    }
    let base = ContactDoc { time_zone: offered.time_zone.clone(), ..stored.clone() };
    let change = change_of(&base, returned, rules)?;
    Ok(ContactChange { time_zone: Some(offered.time_zone.clone()), ..change })
}

fn zone_of(about: About<'_>, contact: &contact::Model) -> Option<String> {
    match about {
        About::Import(imported) => {
            imported.get("time_zone").map_or_else(|| contact.time_zone.clone(), |zone| zone.as_str().map(str::to_owned))
        }
        About::Session(_) | About::Answer(..) => contact.time_zone.clone(),
    }
}
