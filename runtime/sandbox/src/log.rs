//! The log of one run: bounded, and never a reason for a run to fail.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use stratagem_domain::strategy::{Limits, LogLevel, LogLine};

use crate::outcome::{cut, grouped, storable};

/// A line of raw output longer than this is broken up, so that a flood without line breaks stays bounded.
const RAW_LINE_BYTES: usize = 8 << 10;

/// A handle on a run's log, shared by the logging interface and the captured stdout and stderr.
#[derive(Clone)]
pub(crate) struct SharedLog(Arc<Mutex<RunLog>>);

/// Which of the guest's raw streams wrote.
#[derive(Clone, Copy)]
pub(crate) enum Raw {
    Stdout,
    Stderr,
}

struct RunLog {
    lines: Vec<LogLine>,
    bytes: usize,
    dropped: u64,
    unfinished: [Vec<u8>; 2],
    max_lines: usize,
    max_bytes: usize,
}

impl SharedLog {
    /// An empty log.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self(Arc::new(Mutex::new(RunLog {
            lines: Vec::new(),
            bytes: 0,
            dropped: 0,
            unfinished: [Vec::new(), Vec::new()],
            max_lines: limits.log_lines,
            max_bytes: limits.log_bytes,
        })))
    }

    /// Adds a line, or counts it where the log is full.
    pub(crate) fn line(&self, level: LogLevel, message: &str) {
        self.lock().line(level, message);
    }

    /// Adds what came out of a raw stream, line by line.
    pub(crate) fn raw(&self, stream: Raw, bytes: &[u8]) {
        self.lock().raw(stream, bytes);
    }

    /// Takes the log, with a last line that says what is missing from it.
    pub(crate) fn finish(&self) -> Vec<LogLine> {
        self.lock().finish()
    }

    fn lock(&self) -> MutexGuard<'_, RunLog> {
        // Every line is added in one piece, so a log that somebody panicked over is still a log.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RunLog {
    fn line(&mut self, level: LogLevel, message: &str) {
        let left = self.max_bytes.saturating_sub(self.bytes);
        if self.lines.len() >= self.max_lines || left == 0 {
            self.dropped += 1;
            return;
        }
        let message = message.strip_suffix('\n').unwrap_or(message);
        self.bytes += message.len().min(left);
        self.lines.push(LogLine { level, message: storable(cut(message, left)) });
    }

    fn raw(&mut self, stream: Raw, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            for piece in piece.chunks(RAW_LINE_BYTES) {
                let mut line = std::mem::take(&mut self.unfinished[stream as usize]);
                line.extend_from_slice(piece);
                if line.ends_with(b"\n") || line.len() >= RAW_LINE_BYTES {
                    self.line(LogLevel::Print, &String::from_utf8_lossy(&line));
                } else {
                    self.unfinished[stream as usize] = line;
                }
            }
        }
    }

    fn finish(&mut self) -> Vec<LogLine> {
        for line in std::mem::take(&mut self.unfinished) {
            if !line.is_empty() {
                self.line(LogLevel::Print, &String::from_utf8_lossy(&line));
            }
        }
        let mut lines = std::mem::take(&mut self.lines);
        if self.dropped > 0 {
            lines.push(LogLine { level: LogLevel::Warning, message: self.what_is_missing() });
        }
        lines
    }

    fn what_is_missing(&self) -> String {
        format!(
            "{} more {} dropped: a run keeps at most {} lines and {} bytes of log",
            grouped(self.dropped),
            if self.dropped == 1 { "line was" } else { "lines were" },
            grouped(self.max_lines as u64),
            grouped(self.max_bytes as u64),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(lines: usize, bytes: usize) -> SharedLog {
        SharedLog::new(&Limits { log_lines: lines, log_bytes: bytes, ..Limits::default() })
    }

    fn texts(log: &SharedLog) -> Vec<String> {
        log.finish().into_iter().map(|line| line.message).collect()
    }

    #[test]
    fn lines_beyond_the_limit_are_counted() {
        let log = log(2, 100);
        for text in ["one", "two", "three", "four"] {
            log.line(LogLevel::Info, text);
        }
        let last = "2 more lines were dropped: a run keeps at most 2 lines and 100 bytes of log";
        assert_eq!(texts(&log), ["one", "two", last]);
    }

    #[test]
    fn a_line_that_does_not_fit_is_cut_at_a_character() {
        let log = log(10, 5);
        log.line(LogLevel::Info, "ääää");
        assert_eq!(texts(&log), ["ää… (cut, 8 bytes in all)"]);
    }

    #[test]
    fn raw_output_becomes_lines_whatever_pieces_it_comes_in() {
        let log = log(10, 100);
        log.raw(Raw::Stdout, b"a");
        log.raw(Raw::Stderr, b"x\n");
        log.raw(Raw::Stdout, b"b\nc\n\xffd");
        assert_eq!(texts(&log), ["x", "ab", "c", "\u{fffd}d"]);
    }

    #[test]
    fn raw_output_without_line_breaks_stays_bounded() {
        let log = log(3, 1 << 20);
        for _ in 0..1000 {
            log.raw(Raw::Stdout, &[b'x'; 1000]);
        }
        let lines = log.finish();
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|line| line.message.len() < RAW_LINE_BYTES + 1000));
    }
}
