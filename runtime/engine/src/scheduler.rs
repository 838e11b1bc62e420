//! Claims steps and sets them to work: as many of each class as there is room for, campaigns in turn.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use fail::fail_point;
use stratagem_domain::{clock::Clock, step::StepKind};
use stratagem_store::{
    StoreError,
    claims::{Claimer, Rescued, Without},
    entities::step,
};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    Engine,
    committer::Committer,
    fetching, housekeeping, preparing,
    steps::{self, Ahead},
    workers::Workers,
};

/// How long the scheduler rests at most before it looks again.
const LONGEST_REST: Duration = Duration::from_secs(1);
/// How long it waits for more once something has happened.
const GATHER: Duration = Duration::from_millis(2);
/// How long steps that must run alone wait on a busy server, and how long the others wait for them then.
const ALONE_EVERY: Duration = Duration::from_secs(30);
const ALONE_AT_A_TIME: Duration = Duration::from_secs(2);
/// How long a jumping clock stands still after the last step, while conversations go on.
const LISTENS: Duration = Duration::from_secs(2);
/// How long a drain waits for what is under way.
const DRAIN: Duration = Duration::from_secs(30);

/// The class of decisions.
const DECISIONS: usize = 0;
/// How many decisions may wait for their campaign's or tenant's share of sandboxes without counting as under way: what each is made of is held meanwhile.
const MOST_WAITING: usize = 16_384;

/// Steps that share a limit of how many run at the same time.
struct Class {
    kinds: &'static [StepKind],
    capacity: usize,
    running: AtomicUsize,
}

impl Class {
    /// Free places, beside `waiting` that do not count; none unless so many are free that a claim is worth its transaction, and few
    /// enough that what is under way lasts until the next.
    fn room(&self, waiting: usize) -> usize {
        let running = self.running.load(Ordering::SeqCst).saturating_sub(waiting);
        let free = self.capacity.saturating_sub(running);
        if free < self.capacity.div_ceil(4) { 0 } else { free }
    }
}

/// What the scheduler's tasks share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) committer: Committer,
    /// Set by a drain: long steps stop at their next checkpoint.
    pub(crate) draining: AtomicBool,
    worker: String,
    turn: AtomicI64,
    classes: [Class; 5],
    held: Mutex<HashSet<i64>>,
    /// When steps last had their chance to run alone.
    ran_alone: Mutex<Instant>,
    /// True while what has not begun is to be given back: for a drain, or so that steps can run alone.
    recalled: watch::Sender<bool>,
    /// When campaigns that have come to their end are looked for next.
    look_for_completed: Mutex<Instant>,
    /// When a step last ended.
    quiet_since: Mutex<Instant>,
    workers: Workers,
}

/// A scheduler at work.
pub struct Running {
    shared: Arc<Shared>,
    scheduling: JoinHandle<()>,
    others: Vec<JoinHandle<()>>,
}

impl Running {
    /// Stops claiming, waits until what is under way has ended, and returns.
    pub async fn drain(mut self) {
        self.shared.draining.store(true, Ordering::SeqCst);
        self.shared.engine.0.stopping.send_replace(true);
        self.shared.recall(false);
        self.shared.engine.wake();
        let rest = async {
            // What its last round claims is under way as well. An error is a panic, after which nothing is claimed either.
            let _ = (&mut self.scheduling).await;
            while !self.shared.held().is_empty() {
                self.shared.engine.0.work.notified().await;
            }
        };
        if tokio::time::timeout(DRAIN, rest).await.is_err() {
            tracing::warn!(steps = self.shared.held().len(), "steps were still under way when the drain ended");
        }
        self.scheduling.abort();
        for task in &self.others {
            task.abort();
        }
    }
}

pub(crate) fn start(engine: Engine) -> Running {
    let class = |kinds, capacity| Class { kinds, capacity, running: AtomicUsize::new(0) };
    let shared = Arc::new(Shared {
        committer: Committer::start(engine.clone()),
        worker: format!("{}-{:016x}", std::process::id(), engine.random().next_u64()),
        turn: AtomicI64::new(engine.real_ms()),
        engine,
        draining: AtomicBool::new(false),
        classes: [
            class(&[StepKind::LoadData, StepKind::AnalyzeAnswer, StepKind::Aggregate], 512),
            class(&[StepKind::Deliver, StepKind::Reschedule, StepKind::CloseSession], 128),
            class(&[StepKind::Converse, StepKind::Reply], 64),
            class(&[StepKind::Import], 2),
            class(&[StepKind::Compile], 1),
        ],
        held: Mutex::default(),
        ran_alone: Mutex::new(Instant::now()),
        recalled: watch::Sender::new(false),
        look_for_completed: Mutex::new(Instant::now()),
        quiet_since: Mutex::new(Instant::now()),
        workers: Workers::start(),
    });
    let scheduling = tokio::spawn(schedule(shared.clone()));
    let others = vec![
        tokio::spawn(keep_leases(shared.clone())),
        tokio::spawn(housekeeping::run(shared.engine.clone())),
        tokio::spawn(preparing::run(shared.engine.clone())),
        tokio::spawn(fetching::run(shared.engine.clone(), shared.worker.clone())),
    ];
    Running { shared, scheduling, others }
}

async fn rescue_all(shared: &Shared) -> Result<(), StoreError> {
    shared.engine.store().release_all_held_lanes().await?;
    shared.engine.store().rescue_all().await.map(|rescued| shared.engine.metrics().rescued(rescued))
}

async fn schedule(shared: Arc<Shared>) {
    // Where there is one process, whatever is claimed at its start was claimed by one that died. Otherwise leases tell.
    while !shared.engine.store().is_shared()
        && !shared.draining.load(Ordering::SeqCst)
        && let Err(error) = rescue_all(&shared).await
    {
        tracing::error!(%error, "steps of the last process could not be taken back");
        tokio::time::sleep(LONGEST_REST).await;
    }
    while !shared.draining.load(Ordering::SeqCst) {
        match round(&shared).await {
            Ok(true) => {}
            Ok(false) => rest(&shared).await,
            Err(error) => {
                tracing::error!(%error, "steps could not be claimed");
                tokio::time::sleep(LONGEST_REST).await;
            }
        }
    }
}

/// One look at every class; true where there was something to do.
async fn round(shared: &Arc<Shared>) -> Result<bool, StoreError> {
    let alone = shared.alone_is_overdue() && shared.engine.store().any_alone(shared.engine.clock().now_ms()).await?;
    shared.recall(alone);
    if alone {
        // A busy server is never at rest by itself: it is brought to rest for a moment.
        return if shared.is_quiet() { run_alone(shared).await } else { Ok(false) };
    }
    let busy = fill_all(shared).await?;
    if busy || !shared.held().is_empty() {
        // A busy server may never be at rest, and some of its campaigns are.
        if *shared.look_for_completed() < Instant::now() {
            complete_campaigns(shared).await?;
        }
        return Ok(busy);
    }
    if run_alone(shared).await? {
        return Ok(true);
    }
    complete_campaigns(shared).await?;
    jump(shared).await
}

/// Looks for campaigns that have come to their end. On a busy server the next look comes so late that looks take little of its time.
async fn complete_campaigns(shared: &Shared) -> Result<(), StoreError> {
    let began = Instant::now();
    let completed = shared.engine.store().complete_campaigns(shared.engine.clock().now_ms()).await;
    *shared.look_for_completed() = Instant::now() + LONGEST_REST.max(20 * began.elapsed());
    completed.map(drop)
}

/// Runs steps that crashed too often, one by one, with no decision and no send beside them; true where there were any.
async fn run_alone(shared: &Arc<Shared>) -> Result<bool, StoreError> {
    let began = Instant::now();
    let mut some = false;
    while began.elapsed() < ALONE_AT_A_TIME
        && !shared.draining.load(Ordering::SeqCst)
        && let Some(step) = shared.engine.store().claim_alone(shared.claimer()).await?
    {
        tracing::warn!(step = step.id, kind = step.kind, crashes = step.crashes, "a step that crashed runs alone");
        // A panic is the step's end like any other.
        let _ = spawn(Place::take(shared, DECISIONS, &step), step, None).await;
        some = true;
    }
    *shared.ran_alone.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    Ok(some)
}

/// Moves a jumping clock to what is due next, now that nothing is claimed.
async fn jump(shared: &Arc<Shared>) -> Result<bool, StoreError> {
    let Some(clock) = shared.engine.clock().as_jumping() else { return Ok(false) };
    if shared.engine.store().is_shared() && shared.engine.store().any_claimed().await? {
        return Ok(false);
    }
    if !shared.has_listened().await? {
        return Ok(false);
    }
    let (store, now_ms) = (shared.engine.store(), clock.now_ms());
    let due_ms = match store.next().await? {
        Some(next) if next.due_ms > now_ms => Some(next.due_ms),
        // Held back by a rate limit, which goes by real time.
        Some(next) if next.held_until_ms > shared.engine.real_ms() => None,
        // It may have come after this round had looked, with the end of another step; what a second look does not claim waits for something.
        Some(_) if fill_all(shared).await? => return Ok(true),
        Some(_) => store.next_due_after(now_ms).await?,
        None => None,
    };
    due_ms.inspect(|due_ms| clock.jump_to(*due_ms));
    Ok(due_ms.is_some())
}

/// Claims for every class that has room and of which something is due; true where there was something.
async fn fill_all(shared: &Arc<Shared>) -> Result<bool, StoreError> {
    let mut waiting = shared.engine.0.sandboxes.waiting();
    let mut rooms = shared.classes.each_ref().map(|class| class.room(0));
    rooms[DECISIONS] = shared.classes[DECISIONS].room(waiting.decisions.min(MOST_WAITING));
    if rooms.iter().all(|room| *room == 0) {
        return Ok(false);
    }
    let due = shared.engine.store().due_kinds(shared.engine.clock().now_ms(), shared.engine.real_ms()).await?;
    let mut some = false;
    for (index, (class, room)) in shared.classes.iter().zip(rooms).enumerate() {
        let without = if index == DECISIONS { std::mem::take(&mut waiting.without) } else { Without::default() };
        if room > 0 && class.kinds.iter().any(|kind| due.contains(kind)) {
            some |= fill(shared, index, class.kinds, room, &without).await?;
        }
    }
    Ok(some)
}

async fn fill(
    shared: &Arc<Shared>,
    index: usize,
    kinds: &[StepKind],
    room: usize,
    without: &Without,
) -> Result<bool, StoreError> {
    let (began, claimer) = (Instant::now(), Claimer { without, ..shared.claimer() });
    let claimed = shared.engine.store().claim(claimer, kinds, room as u64).await?;
    shared.engine.metrics().claimed(began, claimer.now_ms, &claimed);
    let some = !claimed.is_empty();
    if some {
        fail_point!("claimed");
    }
    spawn_all(shared, index, claimed);
    Ok(some)
}

/// Does the step; a decision on a thread for decisions.
fn spawn(place: Place, step: step::Model, ahead: Option<Ahead>) -> JoinHandle<()> {
    let decides = StepKind::parse(&step.kind).is_some_and(|kind| kind.hook().is_some());
    let shared = place.shared.clone();
    let work = async move { steps::run(&place.shared, step, ahead).await };
    if decides { shared.workers.spawn(work) } else { tokio::spawn(work) }
}

/// Does many steps. What those of one campaign and kind need is read for all of them together.
fn spawn_all(shared: &Arc<Shared>, index: usize, claimed: Vec<step::Model>) {
    let mut groups: BTreeMap<_, Vec<(Place, step::Model)>> = BTreeMap::new();
    for step in claimed {
        let place = Place::take(shared, index, &step);
        groups.entry((step.campaign_id, step.kind.clone())).or_default().push((place, step));
    }
    for ((_, kind), group) in groups {
        let engine = shared.engine.clone();
        tokio::spawn(async move {
            let (places, steps): (Vec<Place>, Vec<step::Model>) = group.into_iter().unzip();
            let mut ahead = match StepKind::parse(&kind) {
                Some(kind) => steps::look_ahead(&engine, kind, &steps).await,
                None => HashMap::new(),
            };
            for (place, step) in places.into_iter().zip(steps) {
                let ahead = ahead.remove(&step.id);
                spawn(place, step, ahead);
            }
        });
    }
}

/// A step's place in its class; given back however the step ends, a panic included.
struct Place {
    shared: Arc<Shared>,
    index: usize,
    step_id: i64,
}

impl Place {
    fn take(shared: &Arc<Shared>, index: usize, step: &step::Model) -> Self {
        shared.held().insert(step.id);
        if let Some(class) = shared.classes.get(index) {
            class.running.fetch_add(1, Ordering::SeqCst);
        }
        Self { shared: shared.clone(), index, step_id: step.id }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *self.shared.quiet_since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.shared.held().remove(&self.step_id);
        if let Some(class) = self.shared.classes.get(self.index) {
            class.running.fetch_sub(1, Ordering::SeqCst);
        }
        self.shared.engine.wake();
    }
}

/// Waits until there may be work: something ended, somebody called, or the next step is due. What ends together is waited for, so that
/// each look finds much.
async fn rest(shared: &Shared) {
    let next = shared.engine.store().next().await.ok().flatten();
    let until = next.map(|next| {
        let until_due = next.due_ms.saturating_sub(shared.engine.clock().now_ms());
        until_due.max(next.held_until_ms.saturating_sub(shared.engine.real_ms()))
    });
    // What is due and not held back, and was not claimed all the same, waits for something that is under way.
    let until = until.filter(|until| *until > 0).and_then(|until| u64::try_from(until).ok());
    let pause = until.map_or(LONGEST_REST, Duration::from_millis).min(LONGEST_REST);
    if tokio::time::timeout(pause, shared.engine.0.work.notified()).await.is_ok() {
        tokio::time::sleep(GATHER).await;
    }
}

async fn keep_leases(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(shared.engine.lease() / 3).await;
        if let Err(error) = shared.engine.agree_on_time().await {
            tracing::error!(%error, "the database could not be asked for the time");
        }
        let ids: Vec<i64> = shared.held().iter().copied().collect();
        let store = shared.engine.store();
        let now = shared.engine.real_ms();
        let renewed = match ids.is_empty() {
            true => Ok(()),
            false => store.renew_leases(&shared.worker, ids, shared.lease_until(now)).await,
        };
        let rescued = store.rescue(now).await.inspect(|rescued| shared.engine.metrics().rescued(*rescued));
        match rescued {
            Ok(rescued) if rescued == Rescued::default() => {}
            Ok(Rescued { again, dead }) => {
                tracing::warn!(again, dead, "steps whose lease had ended were taken back");
                shared.engine.wake();
            }
            Err(error) => tracing::error!(%error, "lost steps could not be looked for"),
        }
        if let Err(error) = renewed {
            tracing::error!(%error, "leases could not be renewed");
        }
    }
}

impl Shared {
    fn lease_until(&self, real_now_ms: i64) -> i64 {
        real_now_ms.saturating_add(i64::try_from(self.engine.lease().as_millis()).unwrap_or(i64::MAX))
    }

    fn claimer(&self) -> Claimer<'_> {
        let real_now_ms = self.engine.real_ms();
        Claimer {
            worker: &self.worker,
            now_ms: self.engine.clock().now_ms(),
            real_now_ms,
            lease_until_ms: self.lease_until(real_now_ms),
            turn: self.turn.fetch_add(1, Ordering::Relaxed),
            without: Without::NONE,
        }
    }

    /// Whether contacts have had a moment to answer. They do so in real time, over which a jumping clock would leap to where nobody
    /// waits for them any more.
    async fn has_listened(&self) -> Result<bool, StoreError> {
        let quiet_since = *self.quiet_since.lock().unwrap_or_else(PoisonError::into_inner);
        if quiet_since.elapsed() >= LISTENS || !self.engine.store().any_conversation().await? {
            return Ok(true);
        }
        tokio::time::sleep(LISTENS / 10).await;
        Ok(false)
    }

    fn alone_is_overdue(&self) -> bool {
        self.ran_alone.lock().unwrap_or_else(PoisonError::into_inner).elapsed() > ALONE_EVERY
    }

    /// No decision and no send is under way. Imports may be: they take long, and crashes cost them nothing.
    fn is_quiet(&self) -> bool {
        self.classes.iter().take(3).all(|class| class.running.load(Ordering::SeqCst) == 0)
    }

    fn look_for_completed(&self) -> MutexGuard<'_, Instant> {
        self.look_for_completed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says whether what has not begun is to be given back: for steps that must run alone, and in a drain whatever else is.
    fn recall(&self, alone: bool) {
        self.recalled.send_if_modified(|recalled| {
            let before = std::mem::replace(recalled, alone || self.draining.load(Ordering::SeqCst));
            before != *recalled
        });
    }

    /// Comes back once what has not begun is to be given back.
    pub(crate) async fn recalled(&self) {
        // An error means that the scheduler is gone.
        let _ = self.recalled.subscribe().wait_for(|recalled| *recalled).await;
    }

    fn held(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
