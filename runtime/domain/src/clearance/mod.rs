//! The rules that are asked right before a send, below the tenant's code: a strategy can be stricter, never laxer.

mod max_communications;
mod sending_hours;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

pub use self::sending_hours::WAITS as WAITS_FOR_SENDING_HOURS;
use crate::sending_hours::SendingHours;

/// What a rule says about one send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing against it.
    Allow,
    /// Not before this moment; costs no attempt.
    Defer {
        /// When to ask again.
        until: DateTime<Utc>,
        /// Why, in plain words.
        reason: String,
    },
    /// Never: the communication is skipped.
    Deny {
        /// Why, in plain words.
        reason: String,
    },
}

/// What the rules look at.
#[derive(Debug, Clone)]
pub struct Send<'a> {
    /// The present moment.
    pub now: DateTime<Utc>,
    /// The contact's zone, else the campaign's.
    pub zone: Tz,
    /// The campaign's sending hours; none where messages may leave at any time.
    pub sending_hours: Option<&'a SendingHours>,
    /// Name of the stage.
    pub stage_name: &'a str,
    /// How many communications one contact may get from the stage.
    pub max_communications: u32,
    /// How many it has had from the stage before this one.
    pub earlier_communications: u32,
}

/// A rule: pure, in a file of its own.
type Rule = fn(&Send<'_>) -> Verdict;

/// Every rule, in the order in which they are asked.
const RULES: [Rule; 2] = [sending_hours::rule, max_communications::rule];

/// The first objection, or [`Verdict::Allow`].
pub fn clear(send: &Send<'_>) -> Verdict {
    RULES.iter().map(|rule| rule(send)).find(|verdict| *verdict != Verdict::Allow).unwrap_or(Verdict::Allow)
}

#[cfg(test)]
impl Send<'_> {
    /// One that no rule objects to.
    fn example() -> Self {
        Self {
            now: DateTime::UNIX_EPOCH,
            zone: Tz::UTC,
            sending_hours: None,
            stage_name: "1. Email",
            max_communications: 3,
            earlier_communications: 0,
        }
    }
}
