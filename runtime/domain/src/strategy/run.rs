use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ContactDoc, HookInput, HttpExchange};

/// How important a log line is; `Print` is what the strategy printed rather than logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// `logger.debug`
    Debug,
    /// `logger.info`
    Info,
    /// `logger.warning`
    Warning,
    /// `logger.error`, `logger.exception`
    Error,
    /// `logger.critical`
    Critical,
    /// `print`, and whatever the guest wrote to stdout or stderr.
    Print,
}

/// One line of a run's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// How important it is.
    pub level: LogLevel,
    /// Its text, without a line break at the end.
    pub message: String,
}

/// What a hook is given: the document, and its JSON text, which is what the run's record keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    document: HookInput,
    json: String,
}

impl Input {
    /// Fails where the document has no JSON text; every document of ours has one.
    pub fn new(document: HookInput) -> serde_json::Result<Self> {
        Ok(Self { json: serde_json::to_string(&document)?, document })
    }

    /// The input that a record has kept.
    pub fn parse(json: String) -> serde_json::Result<Self> {
        Ok(Self { document: serde_json::from_str(&json)?, json })
    }

    /// The document.
    pub fn document(&self) -> &HookInput {
        &self.document
    }

    /// Its JSON text.
    pub fn json(&self) -> &str {
        &self.json
    }
}

/// What a hook gave: a contact, or none where it may, and its JSON text, whose hash the run's record keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    contact: Option<ContactDoc>,
    json: String,
}

impl Output {
    /// Fails where the contact has no JSON text.
    pub fn new(contact: Option<ContactDoc>) -> serde_json::Result<Self> {
        Ok(Self { json: serde_json::to_string(&contact)?, contact })
    }

    /// No contact: `null`.
    pub fn none() -> Self {
        Self { contact: None, json: "null".to_owned() }
    }

    /// The contact.
    pub fn contact(&self) -> Option<&ContactDoc> {
        self.contact.as_ref()
    }

    /// Its JSON text.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The contact, for keeps.
    pub fn into_contact(self) -> Option<ContactDoc> {
        self.contact
    }
}

/// Everything that is known about one run of a strategy, whether it went well or not.
#[derive(Debug, Clone, PartialEq)]
pub struct RunReport {
    /// What the hook gave, or why it gave nothing. A check gives [`Output::none`].
    pub outcome: Result<Output, RunError>,
    /// What it logged and printed, in order, cut at the limits with a last line that says so.
    pub logs: Vec<LogLine>,
    /// Every HTTP request that it made, in order, with what came of it.
    pub transcript: Vec<HttpExchange>,
    /// Fuel used by the call; of a check, by the load.
    pub fuel: u64,
    /// The most linear memory that the instance had, in bytes.
    pub peak_memory: u64,
    /// Time from the start of the run to its end.
    pub wall: Duration,
}

/// Why a run gave no result. Nothing of it is applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct RunError {
    /// What went wrong.
    pub kind: RunErrorKind,
    /// In plain words; for an exception, `TypeName: text`.
    pub message: String,
    /// The tenant's own lines on the way to the error, newest last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traceback: Option<String>,
    /// Path of the tenant's module that `line` is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line of that module, counted from 1. Where fuel, time or memory ended the run: the line that was being executed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column in that line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

impl RunError {
    /// An error without a place in the source.
    pub fn new(kind: RunErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), traceback: None, file: None, line: None, column: None }
    }
}

/// The kinds of [`RunError`], as the API names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RunErrorKind {
    /// The strategy raised an exception.
    Exception,
    /// The source is larger than it may be.
    SourceTooLarge,
    /// The source is no Python.
    SyntaxError,
    /// The source has no function of the entry point's name.
    MissingFunction,
    /// The load or the call used up its fuel.
    FuelExhausted,
    /// The run took longer than it may.
    Timeout,
    /// The run wanted more memory than it may have.
    MemoryLimit,
    /// The run nested deeper than the stack allows.
    StackOverflow,
    /// The run made more HTTP requests than it may, or wanted an answer larger than it may have, and did not catch it.
    HttpLimit,
    /// The guest handed the host more in one call, or held more handles or resources, than it may.
    HostCallLimit,
    /// The contact, as given or as returned, is larger than it may be.
    ResultTooLarge,
    /// The returned value is no contact, or changes what a strategy may not change.
    InvalidResult,
    /// The guest ended in another way: it called `abort`, or broke the boundary's rules.
    Trap,
    /// The host failed; the strategy is not at fault, and the run may be tried again.
    Internal,
}

impl RunErrorKind {
    /// Its name in the API, in `outcome` of a run.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exception => "Exception",
            Self::SourceTooLarge => "SourceTooLarge",
            Self::SyntaxError => "SyntaxError",
            Self::MissingFunction => "MissingFunction",
            Self::FuelExhausted => "FuelExhausted",
            Self::Timeout => "Timeout",
            Self::MemoryLimit => "MemoryLimit",
            Self::StackOverflow => "StackOverflow",
            Self::HttpLimit => "HttpLimit",
            Self::HostCallLimit => "HostCallLimit",
            Self::ResultTooLarge => "ResultTooLarge",
            Self::InvalidResult => "InvalidResult",
            Self::Trap => "Trap",
            Self::Internal => "Internal",
        }
    }
}

impl std::fmt::Display for RunErrorKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
