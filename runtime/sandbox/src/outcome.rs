//! From the ways in which a guest can end to the [`RunError`] that the tenant reads.
//!
//! The order of the questions matters. First: was memory refused? A guest that runs out of it dies in many ways (an
//! exception, an abort, an overflow in its own clean-up), and the refusal explains all of them. Only then the trap's kind.

use stratagem_domain::strategy::{Limits, RunError, RunErrorKind};
use wasmtime::Trap;
use wasmtime_wasi::I32Exit;

use crate::bindings::stratagem::strategy::types::StrategyError;
use crate::limits::Limiter;

/// Bytes of an exception's class name that are kept, as `wit/types.wit` says.
const KIND_BYTES: usize = 256;

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The source is being compiled and its top level executed.
    Load,
    /// The hook is being called.
    Call,
}

/// What is known about a run at its end, beside how it ended.
pub(crate) struct Ending<'a> {
    pub(crate) phase: Phase,
    pub(crate) limits: &'a Limits,
    pub(crate) limiter: &'a Limiter,
    /// Whether the guest was told that it has reached a limit of its HTTP requests.
    pub(crate) http_limited: bool,
    /// Whether the guest is our Python runtime, whose words have a known meaning.
    pub(crate) python: bool,
}

/// The run's wall clock limit is over.
#[derive(Debug, thiserror::Error)]
#[error("the run's time is over")]
pub(crate) struct TimedOut;

/// The guest wanted more of a host function than it gives.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct HostCallLimit(pub(crate) String);

impl Ending<'_> {
    /// The shim caught an exception and described it.
    pub(crate) fn raised(&self, error: StrategyError) -> RunError {
        let kept = self.limits.error_bytes;
        let kind = storable(cut(&error.kind, KIND_BYTES));
        let message = storable(cut(&error.message, kept));
        let named = || if message.is_empty() { kind.clone() } else { format!("{kind}: {message}") };
        let (kind, message) = match (kind.as_str(), self.phase) {
            ("HttpLimit", _) if self.http_limited => (RunErrorKind::HttpLimit, message),
            ("MemoryError", _) if self.limiter.refused() => (RunErrorKind::MemoryLimit, self.memory()),
            ("SyntaxError", Phase::Load) => (RunErrorKind::SyntaxError, message),
            ("IndentationError" | "TabError", Phase::Load) => (RunErrorKind::SyntaxError, named()),
            ("MissingFunction", Phase::Load) => (RunErrorKind::MissingFunction, message),
            ("InvalidResult", Phase::Call) => (RunErrorKind::InvalidResult, message),
            ("ResultTooLarge", Phase::Call) => (RunErrorKind::ResultTooLarge, message),
            _ => (RunErrorKind::Exception, named()),
        };
        RunError {
            kind,
            message,
            traceback: error.traceback.map(|traceback| storable(cut_front(&traceback, kept))),
            file: error.file.map(|file| storable(cut(&file, KIND_BYTES))),
            line: error.line,
            column: error.column,
        }
    }

    /// The guest trapped, or the host ended it.
    pub(crate) fn trapped(&self, error: &wasmtime::Error) -> RunError {
        if self.limiter.refused() {
            return RunError::new(RunErrorKind::MemoryLimit, self.memory());
        }
        if error.is::<TimedOut>() {
            return self.timed_out();
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => RunError::new(RunErrorKind::FuelExhausted, self.fuel()),
            Some(Trap::StackOverflow | Trap::MemoryOutOfBounds) => RunError::new(
                RunErrorKind::StackOverflow,
                "the run nested deeper than the stack of 2 MiB allows, or broke its own memory: data that is nested many \
                 thousand levels deep, a recursion through C code, or crafted bytecode",
            ),
            Some(Trap::UnreachableCodeReached) => RunError::new(
                RunErrorKind::Trap,
                format!("{} aborted; what it printed last is at the end of the log", self.guest()),
            ),
            Some(trap) => RunError::new(RunErrorKind::Trap, format!("{} ended: {trap}", self.guest())),
            None => self.ended_by_host(error),
        }
    }

    /// A load that was refused memory, whatever became of it.
    pub(crate) fn memory_refused(&self) -> RunError {
        RunError::new(RunErrorKind::MemoryLimit, self.memory())
    }

    /// The wall clock limit passed.
    pub(crate) fn timed_out(&self) -> RunError {
        if self.limiter.refused() {
            return RunError::new(RunErrorKind::MemoryLimit, self.memory());
        }
        let message = format!(
            "the run took longer than the {} ms that it may, waiting included; a strategy plans a communication instead of \
             waiting",
            grouped(self.limits.wall_ms)
        );
        RunError::new(RunErrorKind::Timeout, message)
    }

    fn ended_by_host(&self, error: &wasmtime::Error) -> RunError {
        if let Some(limit) = self.host_limit(error) {
            return RunError::new(RunErrorKind::HostCallLimit, limit);
        }
        let message = match error.downcast_ref::<I32Exit>() {
            Some(_) => {
                "the strategy ended the Python process (os._exit or the like): raise an exception instead".to_owned()
            }
            None => format!("{} was ended: {}", self.guest(), error.root_cause()),
        };
        RunError::new(RunErrorKind::Trap, storable(cut(&message, self.limits.error_bytes)))
    }

    /// What the guest took too much of in a host call, where that is why it ended.
    fn host_limit(&self, error: &wasmtime::Error) -> Option<String> {
        if let Some(limit) = error.downcast_ref::<HostCallLimit>() {
            return Some(limit.to_string());
        }
        // wasmtime's own errors have no types of their own.
        let cause = error.root_cause().to_string();
        let limits = self.limits;
        [
            ("too much data", "handed the host more than {} bytes in one call", limits.hostcall_bytes),
            ("handle limit", "wanted more than {} handles at a time", limits.handles),
            ("resource table", "wanted more than {} host resources at a time", limits.resources),
        ]
        .into_iter()
        .find(|(sign, ..)| cause.contains(sign))
        .map(|(_, what, most)| format!("the strategy {}", what.replace("{}", &grouped(most as u64))))
    }

    fn guest(&self) -> &'static str {
        if self.python { "the Python process" } else { "the component" }
    }

    fn fuel(&self) -> String {
        match self.phase {
            Phase::Load => format!(
                "loading {} used all of the {} fuel that it may use: it is too large, or its top level does too much",
                if self.python { "the source" } else { "the component" },
                grouped(self.limits.load_fuel)
            ),
            Phase::Call => format!(
                "the run used all of the {} fuel that it may use: an endless loop, or too much work for one contact",
                grouped(self.limits.run_fuel)
            ),
        }
    }

    fn memory(&self) -> String {
        format!(
            "the run wanted more than the {} of memory that it may have; it had {} when it was refused more",
            mebibytes(self.limits.memory_bytes),
            mebibytes(self.limiter.peak())
        )
    }
}

/// The input or the output is too large.
pub(crate) fn too_large(what: &str, bytes: usize, limits: &Limits) -> RunError {
    let message = format!(
        "{what} has {} bytes as JSON, {} are allowed",
        grouped(bytes as u64),
        grouped(limits.contact_bytes as u64)
    );
    RunError::new(RunErrorKind::ResultTooLarge, message)
}

/// Text from a guest as a database can hold it: PostgreSQL takes no NUL.
pub(crate) fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{2400}") } else { text }
}

/// The first `max` bytes, whole characters only, with a mark where something is missing.
pub(crate) fn cut(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    let kept = &text[..text.floor_char_boundary(max)];
    format!("{kept}… (cut, {} bytes in all)", grouped(text.len() as u64))
}

/// The last `max` bytes in whole lines: the end of a traceback is the part that tells.
fn cut_front(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    let kept = &text[text.ceil_char_boundary(text.len() - max)..];
    let kept = kept.split_once('\n').map_or(kept, |(_, whole_lines)| whole_lines);
    format!("… (cut, {} bytes in all)\n{kept}", grouped(text.len() as u64))
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub(crate) fn mebibytes(bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    match bytes % MIB * 10 / MIB {
        0 => format!("{} MiB", grouped(bytes / MIB)),
        tenths => format!("{}.{tenths} MiB", grouped(bytes / MIB)),
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::ResourceLimiter;

    use super::*;

    fn raised(kind: &str, phase: Phase, refused: bool) -> RunError {
        let limits = Limits::default();
        let mut limiter = Limiter::new(1 << 20);
        limiter.memory_growing(0, 1 << 19, None).unwrap();
        if refused {
            limiter.memory_growing(0, 2 << 20, None).unwrap();
        }
        let error = StrategyError {
            kind: kind.into(),
            message: "text".into(),
            traceback: None,
            file: None,
            line: Some(3),
            column: None,
        };
        Ending { phase, limits: &limits, limiter: &limiter, http_limited: false, python: true }.raised(error)
    }

    #[test]
    fn an_exception_keeps_its_name_and_place() {
        let error = raised("ValueError", Phase::Call, true);
        assert_eq!(
            (error.kind, error.message.as_str(), error.line),
            (RunErrorKind::Exception, "ValueError: text", Some(3))
        );
    }

    #[test]
    fn a_memory_error_is_the_limit_only_where_memory_was_refused() {
        assert_eq!(raised("MemoryError", Phase::Call, true).kind, RunErrorKind::MemoryLimit);
        assert_eq!(raised("MemoryError", Phase::Load, false).kind, RunErrorKind::Exception);
    }

    #[test]
    fn names_of_the_shim_count_only_in_their_phase() {
        assert_eq!(raised("SyntaxError", Phase::Load, false).kind, RunErrorKind::SyntaxError);
        assert_eq!(raised("SyntaxError", Phase::Call, false).kind, RunErrorKind::Exception);
        assert_eq!(raised("MissingFunction", Phase::Call, false).kind, RunErrorKind::Exception);
        assert_eq!(raised("InvalidResult", Phase::Call, false).kind, RunErrorKind::InvalidResult);
    }

    #[test]
    fn long_texts_are_cut_with_a_mark() {
        assert_eq!(cut("abcdef", 3), "abc… (cut, 6 bytes in all)");
        assert_eq!(cut_front("one\ntwo\nthree", 7), "… (cut, 13 bytes in all)\nthree");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(mebibytes((1 << 20) + (1 << 19)), "1.5 MiB");
        assert_eq!(mebibytes(u64::MAX), "17,592,186,044,415.9 MiB");
    }
}
