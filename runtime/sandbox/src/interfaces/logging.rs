//! `stratagem:strategy/logging`: lines of the run's log.

use stratagem_domain::strategy::LogLevel;

use crate::bindings::stratagem::strategy::logging::{Host, Level};
use crate::state::RunState;

impl Host for RunState {
    fn log(&mut self, level: Level, message: String) {
        self.log.line(level.into(), &message);
    }
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
            Level::Critical => Self::Critical,
            Level::Print => Self::Print,
        }
    }
}
