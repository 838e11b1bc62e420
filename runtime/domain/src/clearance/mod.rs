//! The rules that are asked right before a send, below the tenant's code: a strategy can be stricter, never laxer.

mod max_communications;

use chrono::{DateTime, Utc};

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
const RULES: [Rule; 1] = [max_communications::rule];

/// The first objection, or [`Verdict::Allow`].
pub fn clear(send: &Send<'_>) -> Verdict {
    RULES.iter().map(|rule| rule(send)).find(|verdict| *verdict != Verdict::Allow).unwrap_or(Verdict::Allow)
}
