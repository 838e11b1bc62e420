//! `tests/support/imap_server.py`, a real server (Dovecot) with one mailbox.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use stratagem_domain::channel::IntegrationKind;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::Integration;

/// The running server; it ends with the test.
pub(crate) struct Dovecot {
    pub(crate) port: u16,
    pub(super) tls_port: u16,
    /// Of whoever made the server's certificate.
    pub(super) certificate: PathBuf,
    maildir: PathBuf,
    delivered: usize,
    _stdin: ChildStdin,
    _process: Child,
}

impl Dovecot {
    pub(crate) async fn start() -> Self {
        let home = std::env::var("HOME").unwrap_or_default();
        let python =
            std::env::var("STRATAGEM_PYTHON").unwrap_or_else(|_| format!("{home}/.cache/stratagem/venv/bin/python"));
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/support/imap_server.py");
        let mut process = Command::new(&python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{python} (set STRATAGEM_PYTHON to a Python with trustme): {error}"));
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self {
            port: said(&mut lines, "listening on ").await.parse().unwrap(),
            tls_port: said(&mut lines, "tls on ").await.parse().unwrap(),
            certificate: said(&mut lines, "certificate ").await.into(),
            maildir: said(&mut lines, "maildir ").await.into(),
            delivered: 0,
            _stdin: process.stdin.take().unwrap(),
            _process: process,
        }
    }

    /// An integration without encryption.
    pub(super) fn integration(&self) -> Integration {
        self.with(json!({"host": "127.0.0.1", "port": self.port, "tls": "none", "mailbox": "INBOX"}), "s3cret")
    }

    pub(super) fn with(&self, settings: Value, password: &str) -> Integration {
        let Value::Object(settings) = settings else { panic!("{settings} is no object") };
        let secrets = HashMap::from([
            ("username".to_owned(), "replies@acme.example".into()),
            ("password".to_owned(), password.to_owned().into()),
        ]);
        Integration {
            id: "i1".to_owned(),
            version: 1,
            kind: IntegrationKind::Imap,
            settings,
            secrets,
            kept: Default::default(),
        }
    }

    /// Delivers a mail that arrived `age` ago.
    pub(super) fn deliver(&mut self, mail: &str, age: Duration) {
        self.delivered += 1;
        let name = format!("{:0>6}.M1.test", self.delivered);
        let (partial, whole) = (self.maildir.join("tmp").join(&name), self.maildir.join("new").join(&name));
        std::fs::write(&partial, mail).unwrap();
        let file = std::fs::File::options().write(true).open(&partial).unwrap();
        let written = file.metadata().unwrap().modified().unwrap();
        // Dovecot takes the file's time for the moment of arrival.
        file.set_modified(written - age).unwrap();
        std::fs::rename(partial, whole).unwrap();
    }
}

async fn said(lines: &mut Lines<BufReader<ChildStdout>>, beginning: &str) -> String {
    // The first time Debian's package is installed.
    let line = timeout(Duration::from_secs(300), lines.next_line()).await.expect("the server says nothing");
    let line = line.unwrap().expect("the server ended");
    line.strip_prefix(beginning).unwrap_or_else(|| panic!("{line} does not begin with {beginning}")).to_owned()
}
