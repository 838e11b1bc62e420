//! `tests/support/mail_catcher.py`, a real server (aiosmtpd).

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// The running server; it ends with the test.
pub(crate) struct Catcher {
    pub(crate) port: u16,
    /// Of the server's certificate, where it has one.
    pub(crate) certificate: Option<String>,
    lines: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Catcher {
    pub(crate) async fn start(options: &[&str]) -> Self {
        let home = std::env::var("HOME").unwrap_or_default();
        let python =
            std::env::var("STRATAGEM_PYTHON").unwrap_or_else(|_| format!("{home}/.cache/stratagem/venv/bin/python"));
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/support/mail_catcher.py");
        let mut process = Command::new(&python)
            .arg(script)
            .args(options)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{python} (set STRATAGEM_PYTHON to a Python with aiosmtpd): {error}"));
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut catcher = Self { port: 0, certificate: None, lines, _process: process };
        catcher.port = catcher.line().await.strip_prefix("listening on ").unwrap().parse().unwrap();
        if options.contains(&"--tls") {
            catcher.certificate = catcher.line().await.strip_prefix("certificate ").map(str::to_owned);
        }
        catcher
    }

    /// The next mail that was taken.
    pub(crate) async fn mail(&mut self) -> Value {
        serde_json::from_str(&self.line().await).unwrap()
    }

    async fn line(&mut self) -> String {
        let line = timeout(Duration::from_secs(20), self.lines.next_line()).await;
        line.expect("the catcher says nothing").unwrap().expect("the catcher ended")
    }
}
