//! A mail server that behaves as it is told, for what a well-behaved one never does.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the peer does with a recipient whose local part begins with the behaviour's name.
///
/// | address | behaviour |
/// |---|---|
/// | `refused…@` | RCPT is answered 550 |
/// | `full…@` | the final dot is answered 552 |
/// | `busy…@` | RCPT is answered 451, the first time |
/// | `silent…@` | the connection closes after the final dot: nobody knows whether the mail was taken |
/// | any other | taken |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// 550 to RCPT.
    Refused,
    /// 552 to the final dot.
    Full,
    /// 451 to the first RCPT, 250 to later ones.
    Busy,
    /// No answer to the final dot.
    Silent,
    /// Taken.
    Taken,
}

impl Behaviour {
    fn of(address: &str) -> Self {
        [("refused", Self::Refused), ("full", Self::Full), ("busy", Self::Busy), ("silent", Self::Silent)]
            .into_iter()
            .find_map(|(name, behaviour)| address.starts_with(name).then_some(behaviour))
            .unwrap_or(Self::Taken)
    }
}

/// The server. It ends with the story.
pub struct Peer {
    /// Where it listens.
    pub port: u16,
    seen: Arc<Mutex<Vec<(String, String)>>>,
    task: JoinHandle<()>,
}

impl Peer {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let of_task = seen.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, of_task.clone()));
            }
        });
        Self { port, seen, task }
    }

    /// Every verdict so far: the recipient, and `RCPT 451`, `DATA 250` and so on.
    pub fn verdicts(&self) -> Vec<(String, String)> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The verdicts on one recipient.
    pub fn verdicts_on(&self, address: &str) -> Vec<String> {
        self.verdicts().into_iter().filter_map(|(to, verdict)| (to == address).then_some(verdict)).collect()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection. An error is the client's leaving.
async fn talk(mut stream: TcpStream, seen: Arc<Mutex<Vec<(String, String)>>>) -> std::io::Result<()> {
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read).lines();
    let mut to = String::new();
    write.write_all(b"220 peer ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let reply = match verb.as_str() {
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                let earlier = count(&seen, &to);
                let reply = match Behaviour::of(&to) {
                    Behaviour::Refused => "550 5.1.1 No such user here",
                    Behaviour::Busy if earlier == 0 => "451 4.7.1 Greylisted, come again",
                    _ => "250 2.1.5 Fine",
                };
                note(&seen, &to, "RCPT", reply);
                reply
            }
            "DATA" => {
                write.write_all(b"354 Go on\r\n").await?;
                while lines.next_line().await?.is_some_and(|line| line != ".") {}
                let reply = match Behaviour::of(&to) {
                    Behaviour::Full => "552 5.2.2 The mailbox is full",
                    Behaviour::Silent => "000",
                    _ => "250 2.0.0 Taken",
                };
                note(&seen, &to, "DATA", reply);
                if reply == "000" {
                    return Ok(());
                }
                reply
            }
            "QUIT" => "221 2.0.0 Bye",
            _ => "250 2.0.0 Fine",
        };
        write.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
    Ok(())
}

fn count(seen: &Mutex<Vec<(String, String)>>, to: &str) -> usize {
    seen.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|(known, _)| known == to).count()
}

fn note(seen: &Mutex<Vec<(String, String)>>, to: &str, verb: &str, reply: &str) {
    let verdict = format!("{verb} {}", &reply[..3]);
    seen.lock().unwrap_or_else(PoisonError::into_inner).push((to.to_owned(), verdict));
}
