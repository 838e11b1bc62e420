//! The queue as a state machine: whatever two workers do to it in whatever order, one of them with claims that it has lost long
//! ago, each step's row is what a simple model says.

use std::{cell::RefCell, collections::BTreeMap};

use proptest::{
    prelude::*,
    test_runner::{Config, TestError, TestRunner},
};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use stratagem_domain::{
    campaign::CampaignStatus,
    step::{CRASHES_UNTIL_ALONE, CRASHES_UNTIL_DEAD, StepKind, StepState},
};
use tokio::runtime::Runtime;
use uuid::Uuid;

use super::{Claimer, Without};
use crate::{
    Scope, Store,
    commit::{Committed, Completion, Ending, Fence, Writes},
    entities::step,
    steps::NewStep,
    testing::{self, active_campaign, new_id},
};

const KINDS: [StepKind; 3] = [StepKind::LoadData, StepKind::Aggregate, StepKind::Deliver];
const WORKERS: [&str; 2] = ["one", "two"];
/// How long a claim holds, in ticks.
const LEASE: i64 = 3;

#[derive(Debug, Clone)]
enum Transition {
    Schedule {
        campaign: usize,
        kind: usize,
        contact: usize,
        wait: i64,
    },
    Claim {
        worker: usize,
        limit: u64,
    },
    ClaimAlone {
        worker: usize,
    },
    /// With the worker's `nth` claim, which it may have lost meanwhile.
    End {
        worker: usize,
        nth: usize,
        ending: End,
    },
    Renew {
        worker: usize,
    },
    Rescue,
    Tick(i64),
    Pause {
        campaign: usize,
        paused: bool,
    },
}

#[derive(Debug, Clone, Copy)]
enum End {
    Done,
    Again { wait: i64, failed: bool },
    Dead,
}

/// What may happen; anything may at any time.
struct Happenings;

impl ReferenceStateMachine for Happenings {
    type State = ();
    type Transition = Transition;

    fn init_state() -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn transitions((): &()) -> BoxedStrategy<Transition> {
        let ending = prop_oneof![
            3 => Just(End::Done),
            2 => (0_i64..3, any::<bool>()).prop_map(|(wait, failed)| End::Again { wait, failed }),
            1 => Just(End::Dead),
        ];
        prop_oneof![
            4 => (0_usize..2, 0_usize..3, 0_usize..3, 0_i64..4)
                .prop_map(|(campaign, kind, contact, wait)| Transition::Schedule { campaign, kind, contact, wait }),
            5 => (0_usize..2, 1_u64..5).prop_map(|(worker, limit)| Transition::Claim { worker, limit }),
            1 => (0_usize..2).prop_map(|worker| Transition::ClaimAlone { worker }),
            6 => (0_usize..2, 0_usize..8, ending)
                .prop_map(|(worker, nth, ending)| Transition::End { worker, nth, ending }),
            1 => (0_usize..2).prop_map(|worker| Transition::Renew { worker }),
            2 => Just(Transition::Rescue),
            3 => (1_i64..5).prop_map(Transition::Tick),
            1 => (0_usize..2, any::<bool>()).prop_map(|(campaign, paused)| Transition::Pause { campaign, paused }),
        ]
        .boxed()
    }

    fn apply((): (), _: &Transition) {}
}

/// A step as it should be.
#[derive(Debug, Clone, PartialEq)]
struct Model {
    campaign: usize,
    contact: Uuid,
    decides: bool,
    due: i64,
    state: StepState,
    attempt: i32,
    crashes: i32,
    epoch: i64,
    claimed_by: Option<usize>,
    lease: i64,
}

/// The queue, and the model of it.
struct Queue {
    store: Store,
    scope: Scope,
    campaigns: [Uuid; 2],
    contacts: [Uuid; 3],
    paused: [bool; 2],
    now: i64,
    turn: i64,
    model: BTreeMap<i64, Model>,
    claims: [Vec<Fence>; 2],
}

thread_local! {
    /// One database for all cases of a test: each has campaigns of its own.
    static DATABASE: RefCell<Option<(Runtime, Store, tempfile::TempDir)>> = const { RefCell::new(None) };
}

fn wait<T>(work: impl AsyncFnOnce(&Store) -> T) -> T {
    DATABASE.with_borrow_mut(|database| {
        let (runtime, store, _) = database.get_or_insert_with(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let folder = tempfile::tempdir().unwrap();
            let store = runtime.block_on(testing::store(folder.path()));
            (runtime, store, folder)
        });
        runtime.block_on(work(store))
    })
}

struct Machine<const WITHOUT_EPOCHS: bool>;

impl<const WITHOUT_EPOCHS: bool> StateMachineTest for Machine<WITHOUT_EPOCHS> {
    type SystemUnderTest = Queue;
    type Reference = Happenings;

    fn init_test((): &()) -> Queue {
        let (scope, campaigns) = (Scope(new_id()), [new_id(), new_id()]);
        let store = wait(async |store| {
            let mut store = store.clone();
            store.without_epochs = WITHOUT_EPOCHS;
            for id in campaigns {
                store.insert_campaign(active_campaign(scope, id)).await.unwrap();
            }
            store
        });
        let contacts = [new_id(), new_id(), new_id()];
        let (model, claims) = Default::default();
        Queue { store, scope, campaigns, contacts, paused: [false; 2], now: 100, turn: 0, model, claims }
    }

    fn apply(mut queue: Queue, (): &(), transition: Transition) -> Queue {
        wait(async |_| queue.apply(transition).await);
        queue
    }

    fn check_invariants(queue: &Queue, (): &()) {
        wait(async |_| queue.check().await);
    }

    fn teardown(queue: Queue, (): ()) {
        wait(async |_| {
            for id in queue.campaigns {
                queue.store.delete_campaign(queue.scope, id).await.unwrap();
            }
        });
    }
}

impl Queue {
    async fn apply(&mut self, transition: Transition) {
        match transition {
            Transition::Schedule { campaign, kind, contact, wait } => {
                self.schedule(campaign, kind, contact, wait).await
            }
            Transition::Claim { worker, limit } => self.claim(worker, limit).await,
            Transition::ClaimAlone { worker } => self.claim_alone(worker).await,
            Transition::End { worker, nth, ending } => self.end(worker, nth, ending).await,
            Transition::Renew { worker } => self.renew(worker).await,
            Transition::Rescue => self.rescue().await,
            Transition::Tick(ticks) => self.now += ticks,
            Transition::Pause { campaign, paused } => self.pause(campaign, paused).await,
        }
    }

    async fn schedule(&mut self, campaign: usize, kind: usize, contact: usize, wait: i64) {
        let step = NewStep {
            campaign_id: self.campaigns[campaign],
            contact_id: Some(self.contacts[contact]),
            subject_id: None,
            kind: KINDS[kind],
            sender: String::new(),
            payload: Value::Null,
            due_at_ms: self.now + wait,
            trace_id: None,
        };
        self.store.ensure_lanes(self.scope, std::slice::from_ref(&step)).await.unwrap();
        let transaction = self.store.begin().await.unwrap();
        self.store.insert_steps(&transaction, self.now, vec![(self.scope, step)], BTreeMap::new()).await.unwrap();
        transaction.commit().await.unwrap();
        let new = self.rows().await.into_iter().find(|row| !self.model.contains_key(&row.id)).unwrap();
        let model = Model {
            campaign,
            contact: self.contacts[contact],
            decides: KINDS[kind].decides(),
            due: self.now + wait,
            state: StepState::Scheduled,
            attempt: 0,
            crashes: 0,
            epoch: 0,
            claimed_by: None,
            lease: 0,
        };
        self.model.insert(new.id, model);
    }

    fn claimer(&mut self, worker: usize) -> Claimer<'static> {
        self.turn += 1;
        let (now_ms, turn) = (self.now, self.turn);
        Claimer {
            worker: WORKERS[worker],
            now_ms,
            real_now_ms: now_ms,
            lease_until_ms: now_ms + LEASE,
            turn,
            without: Without::NONE,
        }
    }

    /// Whether the step may be claimed now, crashes aside.
    fn may_run(&self, id: i64) -> bool {
        let step = &self.model[&id];
        let open = |other: &Model| matches!(other.state, StepState::Scheduled | StepState::Claimed);
        let waits =
            self.model.range(..id).any(|(_, other)| other.decides && other.contact == step.contact && open(other));
        let due = step.state == StepState::Scheduled && step.due <= self.now;
        due && !self.paused[step.campaign] && !(step.decides && waits)
    }

    async fn claim(&mut self, worker: usize, limit: u64) {
        // As often as there are lanes: one that has nothing to give for now may have been asked first.
        for _ in 0..2 * KINDS.len() {
            let claimer = self.claimer(worker);
            let claimed = self.store.claim(claimer, &KINDS, limit).await.unwrap();
            assert!(claimed.len() as u64 <= limit);
            if !claimed.is_empty() {
                // As one: a decision that waits for another one of the batch must not be in it.
                let right = claimed.iter().all(|step| self.may_run(step.id) && step.crashes < CRASHES_UNTIL_ALONE);
                assert!(right, "claimed what must wait: {claimed:#?}");
                claimed.iter().for_each(|step| self.was_claimed(worker, step));
                return;
            }
        }
        let left: Vec<i64> = self.model.keys().copied().filter(|id| self.may_run(*id)).collect();
        assert!(left.iter().all(|id| self.model[id].crashes >= CRASHES_UNTIL_ALONE), "nothing was claimed: {left:?}");
    }

    async fn claim_alone(&mut self, worker: usize) {
        let claimer = self.claimer(worker);
        match self.store.claim_alone(claimer).await.unwrap() {
            Some(step) => {
                assert!(self.may_run(step.id) && step.crashes >= CRASHES_UNTIL_ALONE, "{step:?}");
                self.was_claimed(worker, &step);
            }
            None => {
                let alone = |id: &i64| self.may_run(*id) && self.model[id].crashes >= CRASHES_UNTIL_ALONE;
                assert!(!self.model.keys().any(alone), "a step that must run alone was not found");
            }
        }
    }

    fn was_claimed(&mut self, worker: usize, row: &step::Model) {
        let step = self.model.get_mut(&row.id).unwrap();
        (step.state, step.claimed_by, step.lease) = (StepState::Claimed, Some(worker), self.now + LEASE);
        step.epoch += 1;
        self.claims[worker].push(Fence::from(row));
    }

    async fn end(&mut self, worker: usize, nth: usize, ending: End) {
        let Some(fence) = self.claims[worker].get(nth).copied() else { return };
        let reason = "no".to_owned();
        let stored = match ending {
            End::Done => Ending::Done,
            End::Dead => Ending::Dead { reason },
            End::Again { wait, failed } => Ending::Again { due_at_ms: self.now + wait, reason, failed },
        };
        let completion = Completion { scope: self.scope, fence, ending: stored, writes: Writes::default() };
        let verdict = self.store.commit(self.now, &[completion]).await.unwrap()[0];
        let step = self.model.get_mut(&fence.step_id).unwrap();
        let holds = step.state == StepState::Claimed && step.epoch == fence.epoch;
        assert_eq!(verdict, if holds { Committed::Applied } else { Committed::Fenced }, "{fence:?} of {step:?}");
        if !holds {
            return;
        }
        match ending {
            End::Done => step.state = StepState::Done,
            End::Dead => step.state = StepState::Dead,
            End::Again { wait, failed } => {
                (step.state, step.due) = (StepState::Scheduled, self.now + wait);
                step.attempt += i32::from(failed);
            }
        }
    }

    async fn renew(&mut self, worker: usize) {
        let ids = self.claims[worker].iter().map(|fence| fence.step_id).collect();
        self.store.renew_leases(WORKERS[worker], ids, self.now + LEASE).await.unwrap();
        for step in self.model.values_mut() {
            if step.state == StepState::Claimed && step.claimed_by == Some(worker) {
                step.lease = self.now + LEASE;
            }
        }
    }

    async fn rescue(&mut self) {
        let rescued = self.store.rescue(self.now).await.unwrap();
        let mut count = 0;
        for step in self.model.values_mut().filter(|s| s.state == StepState::Claimed && s.lease < self.now) {
            (step.crashes, step.epoch, count) = (step.crashes + 1, step.epoch + 1, count + 1);
            step.claimed_by = None;
            step.state = if step.crashes >= CRASHES_UNTIL_DEAD { StepState::Dead } else { StepState::Scheduled };
        }
        assert_eq!(rescued.again + rescued.dead, count);
    }

    async fn pause(&mut self, campaign: usize, paused: bool) {
        use CampaignStatus::{Active, Paused};
        let (from, to) = if paused { (Active, Paused) } else { (Paused, Active) };
        let moved = self.store.set_campaign_status(self.scope, self.campaigns[campaign], &[from], to, 0).await.unwrap();
        assert_eq!(moved, self.paused[campaign] != paused);
        self.paused[campaign] = paused;
    }

    async fn rows(&self) -> Vec<step::Model> {
        let query = step::Entity::find().filter(step::Column::CampaignId.is_in(self.campaigns));
        query.all(self.store.write()).await.unwrap()
    }

    /// Every row is what the model says.
    async fn check(&self) {
        let rows = self.rows().await;
        assert_eq!(rows.len(), self.model.len());
        for row in rows {
            let step = &self.model[&row.id];
            let stored = (row.state.as_str(), row.attempt, row.crashes, row.claim_epoch, row.due_at_ms);
            assert_eq!(
                stored,
                (step.state.as_str(), step.attempt, step.crashes, step.epoch, step.due),
                "step {}",
                row.id
            );
        }
    }
}

fn run<const WITHOUT_EPOCHS: bool>(cases: u32) -> Result<(), TestError<impl std::fmt::Debug>> {
    let config = Config { cases, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let strategy = Happenings::sequential_strategy(1..60);
    TestRunner::new(config.clone()).run(&strategy, |((), transitions, seen)| {
        Machine::<WITHOUT_EPOCHS>::test_sequential(config.clone(), (), transitions, seen);
        Ok(())
    })
}

#[test]
fn whatever_two_workers_do_the_queue_is_as_its_model() {
    if let Err(error) = run::<false>(100) {
        panic!("{error}");
    }
}

/// What the test above is worth: without the epochs it must find that a lost claim still counts.
#[test]
fn without_the_check_of_epochs_the_model_finds_it() {
    let Err(TestError::Fail(reason, transitions)) = run::<true>(400) else { panic!("the mutant lives") };
    println!("found: {reason}\n{transitions:?}");
}
