//! The mail server of the stories: `support/mail_catcher.py`, a real one (aiosmtpd) that keeps a ledger.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A mail server on loopback. It ends with the story.
pub struct Catcher {
    /// Where it listens.
    pub port: u16,
    ledger: PathBuf,
    process: Child,
}

/// A mail that was taken.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Address of the recipient.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// Its `Date`.
    pub date: DateTime<Utc>,
    /// Its `Message-ID`.
    pub message_id: String,
    /// Its header fields.
    headers: Value,
}

impl Catcher {
    /// Starts one that writes its ledger, which holds a mail before it is acknowledged, into `folder`. What earlier ones
    /// took there stays.
    pub async fn start(folder: &Path) -> Self {
        Self::start_at(folder, 0).await
    }

    /// As [`Catcher::start`], on a port that has to be free.
    pub async fn start_at(folder: &Path, port: u16) -> Self {
        Self::start_as(folder, port, &[]).await
    }

    /// As [`Catcher::start`], for those alone who show this access token, `USER:TOKEN`.
    pub async fn start_for(folder: &Path, token: &str) -> Self {
        Self::start_as(folder, 0, &["--require-token", token]).await
    }

    async fn start_as(folder: &Path, port: u16, options: &[&str]) -> Self {
        let ledger = folder.join("ledger.jsonl");
        let python = python();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/support/mail_catcher.py");
        let mut process = Command::new(&python)
            .arg(script)
            .args(["--quiet", "--port", &port.to_string(), "--ledger"])
            .arg(&ledger)
            .args(options)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{python} (set STRATAGEM_PYTHON to a Python with aiosmtpd): {error}"));
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line =
            timeout(Duration::from_secs(30), lines.next_line()).await.expect("the mail catcher says nothing").unwrap();
        let line =
            line.expect("the mail catcher ended; does STRATAGEM_PYTHON have aiosmtpd? `make venv` makes one that has");
        let port = line.strip_prefix("listening on ").unwrap().parse().unwrap();
        Self { port, ledger, process }
    }

    /// Kills it; what it took stays readable.
    pub async fn stop(&mut self) {
        self.process.kill().await.unwrap();
    }

    /// Every mail that was taken so far, in order.
    pub fn mails(&self) -> Vec<Mail> {
        let Ok(text) = std::fs::read_to_string(&self.ledger) else { return Vec::new() };
        // The last line may still be being written.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(Mail::read).collect()
    }

    /// The mails that one address was sent, in order.
    pub fn mails_to(&self, address: &str) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| mail.to == address).collect()
    }
}

impl Mail {
    fn read(line: &str) -> Self {
        let mail: Value = serde_json::from_str(line).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let date = text(&mail["headers"]["Date"]);
        Self {
            to: text(&mail["to"]),
            subject: text(&mail["subject"]),
            text: text(&mail["text"]),
            html: text(&mail["html"]),
            date: DateTime::parse_from_rfc2822(&date).unwrap_or_else(|error| panic!("{error}: {date}")).to_utc(),
            message_id: text(&mail["message_id"]),
            headers: mail["headers"].clone(),
        }
    }

    /// A header field.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers[name].as_str().map(str::to_owned)
    }
}

/// The Python that has aiosmtpd.
fn python() -> String {
    let home = std::env::var("HOME").unwrap_or_default();
    std::env::var("STRATAGEM_PYTHON").unwrap_or_else(|_| format!("{home}/.cache/stratagem/venv/bin/python"))
}
