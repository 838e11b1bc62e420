//! A mail server in this process: fast, with a ledger that outlives whoever sends, and at fault as often as it is told.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use stratagem_domain::clock::{Clock, SystemClock};
use stratagem_domain::random::Random;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Longest pause before a mail that was taken is acknowledged: the moment that a crash makes ambiguous.
const PAUSE: Duration = Duration::from_millis(4);

/// Recipient and subject.
type Name = (String, String);

/// What was taken.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// How often each mail, by recipient and subject. Entered before it is acknowledged.
    pub taken: BTreeMap<Name, u64>,
    /// Those of them that were not acknowledged: the connection was cut instead.
    pub unanswered: BTreeSet<Name>,
    /// When each was taken first, in milliseconds since 1970 by the clock of this process.
    pub taken_at_ms: BTreeMap<Name, i64>,
}

/// How many of a hundred mails meet each fault.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// Taken, and the connection cut instead of an answer.
    pub unanswered: u64,
    /// The connection is cut after the first line of the message: it is not taken.
    pub in_content: u64,
    /// The connection is cut at DATA: it is not taken, and the client can know that.
    pub at_data: u64,
}

/// When a mail that was taken is acknowledged.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// Within milliseconds.
    Soon,
    /// After this long, as a provider does that is far away or busy.
    After(Duration),
    /// Once so many were taken in all: until then as many are under way at the same time.
    Together(u64),
}

/// The server. It ends when it is dropped.
pub struct Sink {
    /// Where it listens.
    pub port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    ledger: Mutex<Ledger>,
    count: watch::Sender<u64>,
    faults: Faults,
    pace: Pace,
    random: Arc<dyn Random>,
}

impl Sink {
    /// Starts one on a free port of loopback.
    pub async fn start(random: Arc<dyn Random>, faults: Faults) -> Self {
        Self::start_at_pace(random, faults, Pace::Soon).await
    }

    /// As [`Sink::start`], but acknowledging at this pace.
    pub async fn start_at_pace(random: Arc<dyn Random>, faults: Faults, pace: Pace) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared { ledger: Mutex::default(), count: watch::Sender::new(0), faults, pace, random });
        let of_task = shared.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // An error is a cut, by either side.
                tokio::spawn(talk(stream, of_task.clone()));
            }
        });
        Self { port, shared, task }
    }

    /// What was taken so far.
    pub fn ledger(&self) -> Ledger {
        self.shared.ledger.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many mails were taken so far; changes are seen at once.
    pub fn taken(&self) -> watch::Receiver<u64> {
        self.shared.count.subscribe()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn enter(&self, mail: Name, answered: bool) {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        *ledger.taken.entry(mail.clone()).or_default() += 1;
        ledger.taken_at_ms.entry(mail.clone()).or_insert_with(|| SystemClock.now_ms());
        if !answered {
            ledger.unanswered.insert(mail);
        }
        drop(ledger);
        self.count.send_modify(|count| *count += 1);
    }

    /// Waits until a mail that was taken may be acknowledged.
    async fn pause(&self) {
        match self.pace {
            Pace::Soon => {
                let pause = self.random.next_u64() % PAUSE.as_micros() as u64;
                tokio::time::sleep(Duration::from_micros(pause)).await;
            }
            Pace::After(pause) => tokio::time::sleep(pause).await,
            Pace::Together(least) => {
                // The count outlives whoever waits for it.
                let _ = self.count.subscribe().wait_for(|count| *count >= least).await;
            }
        }
    }
}

type Lines = tokio::io::Lines<BufReader<OwnedReadHalf>>;

/// One connection, RFC 5321 as far as a client needs it.
async fn talk(stream: TcpStream, shared: Arc<Shared>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut to = String::new();
    write.write_all(b"220 sink ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let reply = match verb.as_str() {
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                "250 2.1.5 Fine"
            }
            "DATA" => {
                take(&mut lines, &mut write, &to, &shared).await?;
                "250 2.0.0 Taken"
            }
            "QUIT" => "221 2.0.0 Bye",
            _ => "250 2.0.0 Fine",
        };
        write.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
    Ok(())
}

/// Takes a mail, or meets with a fault, which is an error.
async fn take(lines: &mut Lines, write: &mut OwnedWriteHalf, to: &str, shared: &Shared) -> std::io::Result<()> {
    let Faults { unanswered, in_content, at_data } = shared.faults;
    let cut = || Error::from(ErrorKind::ConnectionAborted);
    let lot = shared.random.next_u64() % 100;
    if lot < at_data {
        return Err(cut());
    }
    write.write_all(b"354 Go on\r\n").await?;
    if lot < at_data + in_content {
        lines.next_line().await?;
        return Err(cut());
    }
    let subject = subject(lines).await?.ok_or_else(cut)?;
    let answered = lot >= at_data + in_content + unanswered;
    shared.enter((to.to_owned(), subject), answered);
    shared.pause().await;
    if answered { Ok(()) } else { Err(cut()) }
}

/// Reads a message to its final dot; none where the client left before that.
async fn subject(lines: &mut Lines) -> std::io::Result<Option<String>> {
    let mut subject = None;
    while let Some(line) = lines.next_line().await? {
        if line == "." {
            return Ok(Some(subject.unwrap_or_default()));
        }
        let found = line.strip_prefix("Subject: ").filter(|_| subject.is_none());
        subject = found.map(str::to_owned).or(subject);
    }
    Ok(None)
}
