//! What `check` and `run` share: a strategy from a file, the sandbox of the command line, and how results read.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use clap::Args;
use stratagem_domain::{
    random,
    strategy::{LogLevel, RunError, RunErrorKind, RunReport, Sources, StrategyType},
};
use stratagem_sandbox::Sandbox;

use super::{Failure, python};
use crate::{app::private_folder, master_key};

/// A strategy in a file.
#[derive(Args)]
pub(super) struct SourceArgs {
    /// The strategy: a Python file, or a folder of modules
    file: PathBuf,

    /// Of a folder: path of the module that has the entry point [default: strategy.py or main.py]
    #[arg(long, value_name = "PATH")]
    entry: Option<String>,

    /// When it runs: data_load, aggregation or answer_analysis
    #[arg(long = "type", value_parser = strategy_type, value_name = "TYPE")]
    kind: StrategyType,

    /// Name of the entry point [default: run; on_agent_answer for answer_analysis]
    #[arg(long, value_name = "NAME")]
    function: Option<String>,
}

fn strategy_type(name: &str) -> Result<StrategyType, &'static str> {
    StrategyType::parse(name).ok_or("must be data_load, aggregation or answer_analysis")
}

/// A strategy that was read.
pub(super) struct Strategy {
    path: PathBuf,
    sources: Sources,
    function: String,
    pub(super) kind: StrategyType,
}

impl SourceArgs {
    pub(super) fn kind(&self) -> StrategyType {
        self.kind
    }

    pub(super) fn read(self) -> Result<Strategy, Failure> {
        Ok(Strategy {
            sources: read_sources(&self.file, self.entry)?,
            path: self.file,
            function: self.function.unwrap_or_else(|| self.kind.default_function().to_owned()),
            kind: self.kind,
        })
    }
}

impl Strategy {
    /// As if it had been uploaded at that moment.
    pub(super) fn as_strategy(&self, loaded_at: DateTime<Utc>) -> stratagem_sandbox::Strategy<'_> {
        stratagem_sandbox::Strategy::python(&self.sources, &self.function, self.kind, loaded_at)
    }

    /// What it is, for the first line of the output.
    pub(super) fn title(&self) -> String {
        format!("{}: {} strategy, function `{}`", self.path.display(), self.kind, self.function)
    }

    /// An error with the lines of the source around it.
    pub(super) fn explain(&self, error: &RunError) -> String {
        // An exception's message begins with its own type, which says more than the word "Exception".
        let mut text = match error.kind.as_str() {
            "Exception" => format!("error: {}\n", plain(&error.message)),
            kind => format!("error: {kind}: {}\n", plain(&error.message)),
        };
        if let Some(line) = error.line {
            let at = error.column.map_or(String::new(), |column| format!(":{column}"));
            let (path, source) = self.place(error.file.as_deref());
            let _ = writeln!(text, "  --> {}:{line}{at}", path.display());
            text.push_str(&excerpt(source, line as usize, error.column.map(|column| column as usize)));
        }
        // The traceback of a syntax error is the excerpt once more.
        let traceback = error.traceback.as_deref().filter(|_| error.kind != RunErrorKind::SyntaxError);
        if let Some(traceback) = traceback.filter(|traceback| !traceback.trim().is_empty()) {
            let _ = writeln!(text, "\n{}", plain(traceback.trim_end()));
        }
        text
    }
}

impl Strategy {
    /// The module that an error is in: where it lies, and its text.
    fn place(&self, file: Option<&str>) -> (PathBuf, &str) {
        match file.filter(|_| !self.sources.is_single()) {
            Some(file) => (self.path.join(file), self.sources.modules().get(file).map_or("", String::as_str)),
            None => (self.path.clone(), self.sources.entry_text()),
        }
    }
}

/// One file is one module; of a folder, all its `.py` files are.
fn read_sources(path: &Path, entry: Option<String>) -> Result<Sources, Failure> {
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    if !path.is_dir() {
        let text = fs::read_to_string(path).map_err(|error| failed(path, error))?;
        return Ok(Sources::single(text.trim_start_matches('\u{feff}')));
    }
    let (mut modules, mut folders) = (BTreeMap::new(), vec![path.to_owned()]);
    while let Some(folder) = folders.pop() {
        for found in fs::read_dir(&folder).map_err(|error| failed(&folder, error))? {
            let found = found?.path();
            if found.is_dir() && !found.ends_with("__pycache__") {
                folders.push(found);
            } else if found.extension().is_some_and(|extension| extension == "py") {
                let text = fs::read_to_string(&found).map_err(|error| failed(&found, error))?;
                let inside = found.strip_prefix(path)?.to_string_lossy().replace('\\', "/");
                modules.insert(inside, text.trim_start_matches('\u{feff}').to_owned());
            }
        }
    }
    Sources::several(modules, entry).map_err(|error| match error.path {
        Some(file) => format!("{}: {}", path.join(file).display(), error.reason).into(),
        None => format!("{}: {}", path.display(), error.reason).into(),
    })
}

/// The line, two before and one after it, and a mark below the column.
fn excerpt(source: &str, line: usize, column: Option<usize>) -> String {
    let first = line.saturating_sub(2).max(1);
    let width = (line + 1).to_string().len();
    let mut text = format!("{:width$} |\n", "");
    for (number, content) in (1..).zip(source.lines()).skip(first - 1).take(line + 2 - first) {
        let mark = if number == line { '>' } else { ' ' };
        let _ = writeln!(text, "{number:width$} |{mark}{content}");
        if let Some(column) = column.filter(|column| number == line && *column > 0) {
            let before: String = content.chars().take(column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            let _ = writeln!(text, "{:width$} | {before}^", "");
        }
    }
    text
}

/// The log, a line each, and what the run used.
pub(super) fn describe(report: &RunReport) -> String {
    let mut text = String::new();
    for line in &report.logs {
        let level = match line.level {
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warning => "warning",
            LogLevel::Error => "error",
            LogLevel::Critical => "critical",
            LogLevel::Print => "print",
        };
        let _ = writeln!(text, "{level:>8} | {}", plain(&line.message).replace('\n', "\n         | "));
    }
    let _ = write!(
        text,
        "fuel {}, memory {:.1} MiB, {:.1} ms",
        grouped(report.fuel),
        report.peak_memory as f64 / f64::from(1 << 20),
        report.wall.as_secs_f64() * 1000.0
    );
    text
}

/// A strategy's text without what a terminal would take for a command.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
}

/// `12,345,678`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The sandbox of the command line: compiled code is kept in the user's cache folder, under a key of its own beside it.
pub(super) async fn sandbox() -> Result<Sandbox, Failure> {
    let cache = cache_dir().ok_or("neither XDG_CACHE_HOME nor HOME is set")?.join("stratagem");
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    private_folder(&cache).map_err(|error| failed(&cache, error))?;
    let random = random::system().map_err(|error| format!("no randomness: {error}"))?;
    let key_file = cache.join("artefacts.key");
    let key = master_key::load_or_create(&key_file, &*random).map_err(|error| failed(&key_file, error))?;
    python::open(&cache.join("artefacts"), key, python::Memories::Auto).await
}

fn cache_dir() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("XDG_CACHE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| folder("HOME").map(|home| home.join(".cache")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_shows_its_place_in_the_source() {
        let strategy = Strategy {
            path: "s.py".into(),
            sources: Sources::single("import os\n\ndef run(contact:\n    return contact\n"),
            function: "run".into(),
            kind: StrategyType::DataLoad,
        };
        let error = RunError {
            line: Some(3),
            column: Some(8),
            ..RunError::new(RunErrorKind::SyntaxError, "'(' was never closed")
        };
        let expected = "error: SyntaxError: '(' was never closed\n  --> s.py:3:8\n  |\n1 | import os\n2 | \n\
                        3 |>def run(contact:\n  |        ^\n4 |     return contact\n";
        assert_eq!(strategy.explain(&error), expected);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 1234567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
