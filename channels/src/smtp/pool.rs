//! Connections that are kept for a while: a bounded number per integration, forgotten when the integration changes.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Noop, Rset};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};

use super::Limits;
use super::connect::{Dialler, leave, within};
use super::fault::{Failure, Fault, Phase};
use super::settings::SmtpSettings;
use crate::Integration;

/// The pools of all integrations.
pub(super) struct Pools {
    dialler: Arc<Dialler>,
    by_integration: Mutex<HashMap<String, Arc<Pool>>>,
}

impl Pools {
    pub(super) fn new(dialler: Arc<Dialler>) -> Self {
        Self { dialler, by_integration: Mutex::default() }
    }

    /// The pool of this version of the integration. A newer version takes the place of an older one; a send that still
    /// has an older version at hand gets a pool of its own.
    ///
    /// # Errors
    /// The settings cannot be used.
    pub(super) fn of(&self, integration: &Integration) -> Result<Arc<Pool>, String> {
        let known = lock(&self.by_integration).get(&integration.id).cloned();
        if let Some(pool) = known.as_ref().filter(|pool| pool.version == integration.version) {
            return Ok(Arc::clone(pool));
        }
        let settings = SmtpSettings::of(integration)?;
        let tls = self.dialler.tls(&settings).map_err(|failure| failure.to_string())?;
        let pool = Arc::new(Pool::new(Arc::clone(&self.dialler), integration.version, settings, tls));
        let mut pools = lock(&self.by_integration);
        let current = pools.entry(integration.id.clone()).or_insert_with(|| Arc::clone(&pool));
        if current.version < pool.version {
            *current = Arc::clone(&pool);
        }
        Ok(if current.version == pool.version { Arc::clone(current) } else { pool })
    }
}

/// The connections of one version of an integration.
pub(super) struct Pool {
    dialler: Arc<Dialler>,
    version: u64,
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
    seats: Arc<Semaphore>,
    resting: Mutex<Vec<Resting>>,
    sweeping: AtomicBool,
}

struct Resting {
    connection: AsyncSmtpConnection,
    sent: u32,
    /// The server refused the last message half-way, so that its transaction is still open.
    half_way: bool,
    since: Instant,
}

impl Resting {
    /// Makes it ready for another message.
    async fn wake(&mut self, limits: &Limits) -> Result<(), Fault> {
        if self.half_way {
            within(limits.command, self.connection.command(Rset)).await.map(drop)
        } else if self.since.elapsed() >= limits.fresh {
            within(limits.command, self.connection.command(Noop)).await.map(drop)
        } else {
            Ok(())
        }
    }
}

impl Pool {
    fn new(dialler: Arc<Dialler>, version: u64, settings: SmtpSettings, tls: Option<TlsParameters>) -> Self {
        let seats = Arc::new(Semaphore::new(dialler.limits.connections));
        Self { dialler, version, settings, tls, seats, resting: Mutex::default(), sweeping: AtomicBool::new(false) }
    }

    /// A connection that is ready for `MAIL FROM`: one that rested, if it is still alive, or else a new one.
    ///
    /// # Errors
    /// All seats stay taken, or no connection can be opened.
    pub(super) async fn take(self: &Arc<Self>) -> Result<Connection, Failure> {
        let seat = timeout(self.dialler.limits.queue, Arc::clone(&self.seats).acquire_owned()).await;
        let seat = match seat {
            Ok(Ok(seat)) => seat,
            Ok(Err(closed)) => return Err(Failure::new(Phase::Queue, Fault::Broken(closed.to_string()))),
            Err(_) => return Err(Failure::new(Phase::Queue, Fault::TimedOut)),
        };
        while let Some(mut resting) = self.rested() {
            if resting.wake(&self.dialler.limits).await.is_ok() {
                let Resting { connection, sent, .. } = resting;
                return Ok(Connection { pool: Arc::clone(self), inner: connection, sent, reused: true, seat });
            }
        }
        let inner = self.open().await?;
        Ok(Connection { pool: Arc::clone(self), inner, sent: 0, reused: false, seat })
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Failure> {
        self.dialler.open(&self.settings, self.tls.as_ref()).await
    }

    /// The one that rested last, since it is the likeliest to be alive.
    fn rested(&self) -> Option<Resting> {
        lock(&self.resting).pop().filter(|resting| resting.since.elapsed() < self.dialler.limits.idle)
    }

    /// Closes connections that rested too long; one task per pool does it while there are any.
    fn sweep(self: &Arc<Self>) {
        if self.sweeping.swap(true, Ordering::AcqRel) {
            return;
        }
        let pool = Arc::downgrade(self);
        let idle = self.dialler.limits.idle;
        tokio::spawn(async move {
            loop {
                sleep(idle / 2).await;
                let Some(pool) = pool.upgrade() else { return };
                let mut old: Vec<Resting> = Vec::new();
                let done = {
                    let mut resting = lock(&pool.resting);
                    old.extend(resting.extract_if(.., |resting| resting.since.elapsed() >= idle));
                    // Under the lock, so that whoever rests next starts a new sweep.
                    let done = resting.is_empty();
                    if done {
                        pool.sweeping.store(false, Ordering::Release);
                    }
                    done
                };
                for mut resting in old {
                    leave(&mut resting.connection).await;
                }
                if done {
                    return;
                }
            }
        });
    }
}

/// A connection in use. Dropping it closes it; [`Connection::give_back`] keeps it for the next message.
pub(super) struct Connection {
    pool: Arc<Pool>,
    inner: AsyncSmtpConnection,
    sent: u32,
    /// It carried a message before.
    pub(super) reused: bool,
    seat: OwnedSemaphorePermit,
}

impl Connection {
    /// A new one in its place, on the same seat.
    ///
    /// # Errors
    /// None can be opened.
    pub(super) async fn renew(&mut self) -> Result<(), Failure> {
        self.inner = self.pool.open().await?;
        self.sent = 0;
        self.reused = false;
        Ok(())
    }

    /// Keeps it for the next message.
    pub(super) fn give_back(self, half_way: bool) {
        let Self { pool, mut inner, sent, seat, .. } = self;
        let sent = sent + 1;
        if sent >= pool.dialler.limits.messages {
            tokio::spawn(async move {
                leave(&mut inner).await;
                drop(seat);
            });
            return;
        }
        lock(&pool.resting).push(Resting { connection: inner, sent, half_way, since: Instant::now() });
        pool.sweep();
    }
}

impl Deref for Connection {
    type Target = AsyncSmtpConnection;

    fn deref(&self) -> &AsyncSmtpConnection {
        &self.inner
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut AsyncSmtpConnection {
        &mut self.inner
    }
}

/// A map of connections is as good after a panic as before it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
