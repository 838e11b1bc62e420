//! A server that follows a plan: at any command it answers what the plan says, says nothing, or hangs up.

use std::collections::HashMap;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

/// What it does instead of the usual.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// Says this, and goes on.
    Say(&'static str),
    /// Says this, and hangs up.
    SayAndDrop(&'static str),
    /// Hangs up.
    Drop,
    /// Keeps the connection and never answers.
    Hang,
}

/// One connection's departures from the usual, by command: `CONNECT`, `EHLO`, `AUTH`, `MAIL`, `RCPT`, `DATA`, `CONTENT`
/// (instead of reading the message), `DOT`, `RSET`, `NOOP`, `QUIT`. `MAIL 2` is the second one on the connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan(HashMap<&'static str, Act>);

impl Plan {
    pub(crate) fn at(command: &'static str, act: Act) -> Self {
        Self(HashMap::from([(command, act)]))
    }

    fn act(&self, command: &str, count: usize) -> Option<Act> {
        self.0.get(command).or_else(|| self.0.get(format!("{command} {count}").as_str())).copied()
    }
}

/// The server.
pub(crate) struct Scripted {
    pub(crate) port: u16,
    /// `CONNECTION: COMMAND` in the order of events, connections counted from 0; `CLOSED` at a connection's end.
    log: watch::Receiver<Vec<String>>,
}

impl Scripted {
    /// Follows one plan per connection, the last one for all later connections.
    pub(crate) async fn start(plans: impl Into<Vec<Plan>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, log) = watch::channel(Vec::new());
        let plans: Vec<Plan> = plans.into();
        tokio::spawn(async move {
            for number in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let plan = plans.get(number).or(plans.last()).cloned().unwrap_or_default();
                let sender = sender.clone();
                tokio::spawn(async move {
                    let _ = Conversation {
                        stream: BufReader::new(stream),
                        plan,
                        number,
                        log: &sender,
                        counts: HashMap::new(),
                    }
                    .run()
                    .await;
                    sender.send_modify(|log| log.push(format!("{number}: CLOSED")));
                });
            }
        });
        Self { port, log }
    }

    /// What happened so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.borrow().clone()
    }

    /// How often that happened, e.g. `DOT`.
    pub(crate) fn count(&self, command: &str) -> usize {
        self.log().iter().filter(|line| line.ends_with(&format!(": {command}"))).count()
    }

    /// Waits until that is in the log.
    pub(crate) async fn saw(&self, line: &str) {
        let mut log = self.log.clone();
        let seen = timeout(Duration::from_secs(10), log.wait_for(|log| log.iter().any(|one| one == line))).await;
        assert!(seen.is_ok(), "never saw {line}: {:?}", self.log());
    }
}

struct Conversation<'a> {
    stream: BufReader<TcpStream>,
    plan: Plan,
    number: usize,
    log: &'a watch::Sender<Vec<String>>,
    counts: HashMap<String, usize>,
}

impl Conversation<'_> {
    async fn run(&mut self) -> std::io::Result<()> {
        if !self.turn("CONNECT", "220 scripted").await? {
            return Ok(());
        }
        let mut line = String::new();
        loop {
            line.clear();
            if self.stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let command = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            let usual = match command.as_str() {
                "EHLO" => "250-scripted\r\n250 AUTH PLAIN",
                "AUTH" => "235 welcome",
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 fine",
            };
            let on = self.turn(&command, usual).await? && command != "QUIT";
            if !on || (command == "DATA" && !self.message().await?) {
                return Ok(());
            }
        }
    }

    async fn message(&mut self) -> std::io::Result<bool> {
        // After a refusal of DATA no message comes.
        if matches!(self.plan.act("DATA", self.counts["DATA"]), Some(Act::Say(_))) {
            return Ok(true);
        }
        if let Some(act) = self.plan.act("CONTENT", 1) {
            self.note("CONTENT");
            self.stream.read_u8().await?;
            return self.act(act).await;
        }
        let mut line = Vec::new();
        while line != b".\r\n" {
            line.clear();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Ok(false);
            }
        }
        self.turn("DOT", "250 taken").await
    }

    /// Notes the command and answers it; false where the connection is over.
    async fn turn(&mut self, command: &str, usual: &'static str) -> std::io::Result<bool> {
        self.note(command);
        let count = self.counts.entry(command.to_owned()).or_default();
        *count += 1;
        let act = self.plan.act(command, *count).unwrap_or(Act::Say(usual));
        self.act(act).await
    }

    async fn act(&mut self, act: Act) -> std::io::Result<bool> {
        match act {
            Act::Say(text) | Act::SayAndDrop(text) => {
                self.stream.write_all(format!("{text}\r\n").as_bytes()).await?;
                Ok(matches!(act, Act::Say(_)))
            }
            Act::Drop => Ok(false),
            Act::Hang => std::future::pending().await,
        }
    }

    fn note(&self, command: &str) {
        self.log.send_modify(|log| log.push(format!("{}: {command}", self.number)));
    }
}
