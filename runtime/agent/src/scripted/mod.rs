//! Rules that answer, written by the tenant as TOML: the same words get the same answer, always.
//!
//! ```toml
//! greeting = "Hello {name}, this is about your invoice of {params.amount|last month}. When can you pay it?"
//! fallback = "Sorry, I did not get that."
//!
//! [[rule]]
//! state = "asking"                        # or several: ["asking", "waiting"]; without it, in any state
//! when = ["promise to pay", "will pay"]   # any of these
//! say = "Thank you, {name}. On which day?"
//! goto = "promised"
//!
//! [[rule]]
//! pattern = '(?i)on (?<Day>monday|friday)'
//! say = "Noted, thank you. Goodbye!"
//! end = true
//! results = { OutcomeStatus = "PROMISE" }
//!
//! [[rule]]
//! when = "a person"
//! hand_over = "asked for a person"
//! ```
//!
//! - `greeting` is said while the contact has not said anything, `fallback` where no rule fits. Both are required.
//! - Rules are tried in their order on what the contact wrote since the last answer, and the first that fits is followed.
//! - `when` fits where one of its phrases is in the text as whole words; case, punctuation and apostrophes do not matter. `pattern` is
//!   a regular expression of the `regex` crate. A rule with neither fits always. One with both fits by either.
//! - `state` limits a rule to states; `goto` moves to another, which must be one that may follow wherever the rule can be followed.
//! - `end` ends the session, `hand_over` gives it to a person, with the reason. Without either a rule needs a `say`.
//! - `results` are those of the session, so they stand in a rule that ends it. What a named group of the `pattern` matched becomes
//!   the result of that name. Results do not accumulate: a rule that ends says them all.
//! - `{name}` in what is said stands for a field of the context, `{params.amount}` for one inside; after `|` comes what is said where there is
//!   none. `{{` and `}}` are braces. Nothing that the contact wrote is ever put into what is said.

mod rules;
mod template;
mod words;

use serde_json::{Map, Value};
use stratagem_domain::agent::{Act, AgentError, AgentSpec, Role, Turn};

pub(crate) use self::rules::check;
use self::rules::{Fit, Rule, Script};
use crate::{Limits, text, tools::Tools};

/// What is read of a text, in characters: patterns take time in proportion.
const MAX_HEARD: usize = 2_000;

/// The agent.
pub(crate) struct Scripted {
    limits: Limits,
}

impl Scripted {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits }
    }

    /// See [`crate::Agent::act`].
    pub(crate) fn act(&self, spec: &AgentSpec, turn: &Turn) -> Result<Act, AgentError> {
        let misconfigured = |reason| AgentError::Misconfigured { reason };
        let invalid = |reason| AgentError::Invalid { reason };
        let tools = Tools::of(spec, turn).map_err(misconfigured)?;
        let script = Script::parse(&spec.rules).map_err(misconfigured)?;
        let mut act = Act::default();
        let said = match self.heard(turn) {
            None => Some(&script.greeting),
            Some(heard) => {
                let state = tools.state_after(&act).map(|state| state.name.as_str());
                match script.rule(state, &heard).map_err(misconfigured)? {
                    None => Some(&script.fallback),
                    Some(Fit { rule, groups }) => {
                        follow(&tools, &mut act, rule, groups).map_err(invalid)?;
                        rule.say.as_ref()
                    }
                }
            }
        };
        let limit = if turn.spoken { self.limits.spoken } else { self.limits.answer };
        if let Some(said) = said {
            let said = template::fill(said.get_ref(), &turn.context).map_err(invalid)?;
            act.say = Some(text::shorten(said.trim(), limit)).filter(|said| !said.is_empty());
        }
        if act.say.is_none() && act.end.is_none() && act.hand_over.is_none() {
            return Err(invalid("what would be said is empty for this contact".to_owned()));
        }
        Ok(act)
    }

    /// What the contact wrote since it was last answered; none while it has not written at all.
    fn heard(&self, turn: &Turn) -> Option<String> {
        let messages = turn.messages.iter().rev().skip_while(|message| message.role != Role::Human);
        let mut heard: Vec<&str> = messages
            .take_while(|message| message.role == Role::Human)
            .take(self.limits.messages)
            .map(|message| message.content.as_str())
            .collect();
        heard.reverse();
        (!heard.is_empty()).then(|| text::first(&heard.join("\n"), self.limits.message.min(MAX_HEARD)).to_owned())
    }
}

/// Does what a rule says, beside speaking.
fn follow(tools: &Tools<'_>, act: &mut Act, rule: &Rule, groups: Map<String, Value>) -> Result<(), String> {
    if let Some(state) = &rule.goto {
        tools.set_state(act, state.get_ref())?;
    }
    if let Some(reason) = &rule.hand_over {
        tools.hand_over(act, reason)?;
    }
    if rule.end {
        let mut results = rule.fixed_results();
        results.extend(groups);
        tools.end_session(act, results)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
