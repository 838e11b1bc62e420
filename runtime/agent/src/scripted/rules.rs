//! The rules as they are written, what may be wrong with them, and which one fits.

use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use serde_json::{Map, Value};
use stratagem_domain::agent::{Act, AgentSpec, Turn};
use toml::Spanned;

use super::{template, words};
use crate::{
    schema::MAX_PATTERN_BYTES,
    text,
    tools::{Tools, next_states},
};

/// Of the rules as they are written.
const MAX_BYTES: usize = 64 << 10;
/// Rules.
const MAX_RULES: usize = 200;
/// Rules that have a pattern. The costliest that there can be, on the longest text, hold a thread for about a
/// second.
const MAX_PATTERNS: usize = 16;

/// All of the rules.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    pub(super) greeting: Spanned<String>,
    pub(super) fallback: Spanned<String>,
    #[serde(default, rename = "rule")]
    rules: Vec<Spanned<Rule>>,
}

/// One of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    state: Option<Spanned<OneOrMore>>,
    when: Option<Spanned<OneOrMore>>,
    pattern: Option<Spanned<String>>,
    pub(super) say: Option<Spanned<String>>,
    pub(super) goto: Option<Spanned<String>>,
    results: Option<Spanned<toml::Table>>,
    #[serde(default)]
    pub(super) end: bool,
    pub(super) hand_over: Option<String>,
}

/// A rule that fits what was heard.
pub(super) struct Fit<'a> {
    pub(super) rule: &'a Rule,
    /// What its pattern's named groups matched.
    pub(super) groups: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "must be a text or a list of texts")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::More(texts) => texts,
        }
    }
}

impl Script {
    /// Reads rules.
    ///
    /// # Errors
    /// What is wrong, with the line.
    pub(super) fn parse(rules: &str) -> Result<Self, String> {
        if rules.len() > MAX_BYTES {
            return Err(format!("are larger than {} KiB", MAX_BYTES >> 10));
        }
        toml::from_str(rules).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            format!("line {}: {}", line(rules, at), error.message().trim())
        })
    }

    /// The first rule that fits what was heard in a state.
    ///
    /// # Errors
    /// A pattern that is none.
    pub(super) fn rule(&self, state: Option<&str>, heard: &str) -> Result<Option<Fit<'_>>, String> {
        let spoken = words::normal(heard);
        for rule in self.rules.iter().map(Spanned::get_ref).filter(|rule| rule.holds_in(state)) {
            if let Some(groups) = rule.fits(heard, &spoken)? {
                return Ok(Some(Fit { rule, groups }));
            }
        }
        Ok(None)
    }
}

impl Rule {
    fn states(&self) -> &[String] {
        self.state.as_ref().map(|state| state.get_ref().as_slice()).unwrap_or_default()
    }

    fn holds_in(&self, state: Option<&str>) -> bool {
        self.state.is_none() || self.states().iter().any(|name| Some(name.as_str()) == state)
    }

    fn fits(&self, heard: &str, spoken: &str) -> Result<Option<Map<String, Value>>, String> {
        let phrases = self.when.as_ref().map(|when| when.get_ref().as_slice());
        if let Some(pattern) = &self.pattern {
            let pattern = compile(pattern.get_ref())?;
            if let Some(found) = pattern.captures(heard) {
                let names = pattern.capture_names().flatten();
                let groups =
                    names.filter_map(|name| Some((name.to_owned(), found.name(name)?.as_str().into()))).collect();
                return Ok(Some(groups));
            }
        }
        let always = phrases.is_none() && self.pattern.is_none();
        let named = phrases.unwrap_or_default().iter().any(|phrase| words::contains(spoken, phrase));
        Ok((always || named).then(Map::new))
    }

    /// The results that do not depend on what the contact wrote.
    pub(super) fn fixed_results(&self) -> Map<String, Value> {
        let results = self.results.as_ref().map(|results| results.get_ref().clone()).unwrap_or_default();
        results.into_iter().map(|(name, value)| (name, to_json(value))).collect()
    }
}

/// What is wrong with a scripted agent's rules, with lines. States and schema must be right.
pub(crate) fn check(spec: &AgentSpec) -> Vec<String> {
    if spec.rules.trim().is_empty() {
        return vec!["are required: at least `greeting` and `fallback`".to_owned()];
    }
    let script = match Script::parse(&spec.rules) {
        Ok(script) => script,
        Err(fault) => return vec![fault],
    };
    let first_turn = Turn { messages: Vec::new(), state: None, context: Map::new(), spoken: false };
    let tools = match Tools::of(spec, &first_turn) {
        Ok(tools) => tools,
        Err(fault) => return vec![fault],
    };
    let mut checker = Checker { spec, tools, faults: Vec::new() };
    checker.text(&script.greeting);
    checker.text(&script.fallback);
    if script.rules.len() > MAX_RULES {
        checker.faults.push(format!("are more than {MAX_RULES}"));
        return checker.faults;
    }
    if script.rules.iter().filter(|rule| rule.get_ref().pattern.is_some()).count() > MAX_PATTERNS {
        checker.faults.push(format!("have more than {MAX_PATTERNS} patterns"));
        return checker.faults;
    }
    for rule in &script.rules {
        checker.rule(rule);
    }
    checker.faults
}

struct Checker<'a> {
    spec: &'a AgentSpec,
    tools: Tools<'a>,
    faults: Vec<String>,
}

impl Checker<'_> {
    fn wrong(&mut self, at: usize, what: &str) {
        self.faults.push(format!("line {}: {what}", line(&self.spec.rules, at)));
    }

    fn text(&mut self, text: &Spanned<String>) {
        if text.get_ref().trim().is_empty() {
            self.wrong(text.span().start, "must not be empty");
        }
        if let Err(fault) = template::check(text.get_ref()) {
            self.wrong(text.span().start, &fault);
        }
    }

    fn rule(&mut self, rule: &Spanned<Rule>) {
        let (at, rule) = (rule.span().start, rule.get_ref());
        if rule.end && rule.hand_over.is_some() {
            self.wrong(at, "a rule either ends the session or hands over");
        }
        match &rule.say {
            Some(say) => self.text(say),
            None if rule.end || rule.hand_over.is_some() => {}
            None => self.wrong(at, "a rule needs a `say`, unless it ends the session or hands over"),
        }
        for phrases in rule.when.iter() {
            let none = phrases.get_ref().as_slice().is_empty();
            if none || phrases.get_ref().as_slice().iter().any(|phrase| words::normal(phrase).trim().is_empty()) {
                self.wrong(phrases.span().start, "a phrase in `when` needs a letter or a digit");
            }
        }
        self.states(rule);
        self.results(at, rule);
    }

    fn states(&mut self, rule: &Rule) {
        let spec = self.spec;
        for state in rule.state.iter() {
            let names = state.get_ref().as_slice();
            if names.is_empty() {
                self.wrong(state.span().start, "names no state");
            }
            for name in names.iter().filter(|name| spec.states.iter().all(|state| state.name != **name)) {
                self.wrong(state.span().start, &format!("there is no state `{name}`"));
            }
        }
        let Some(goto) = &rule.goto else {
            return;
        };
        let (at, name) = (goto.span().start, goto.get_ref());
        if spec.states.iter().all(|state| state.name != *name) {
            self.wrong(at, &format!("there is no state `{name}`"));
            return;
        }
        for from in spec.states.iter().filter(|state| rule.holds_in(Some(&state.name)) && state.name != *name) {
            if !next_states(spec, from).contains(&name.as_str()) {
                self.wrong(at, &format!("`{name}` may not follow `{}`; limit the rule with `state`", from.name));
            }
        }
    }

    fn results(&mut self, at: usize, rule: &Rule) {
        let mut groups = false;
        if let Some(pattern) = &rule.pattern {
            match compile(pattern.get_ref()) {
                Ok(compiled) => groups = compiled.capture_names().flatten().next().is_some(),
                Err(fault) => self.wrong(pattern.span().start, &fault),
            }
        }
        let at = rule.results.as_ref().map_or(at, |results| results.span().start);
        if !rule.end && (groups || rule.results.is_some()) {
            self.wrong(at, "results (and a pattern's named groups) belong to a rule with `end = true`");
        }
        // What the groups add is known only when somebody wrote something.
        if rule.end
            && !groups
            && let Err(fault) = self.tools.end_session(&mut Act::default(), rule.fixed_results())
        {
            self.wrong(at, &fault);
        }
    }
}

fn compile(pattern: &str) -> Result<Regex, String> {
    let limited = RegexBuilder::new(pattern).size_limit(MAX_PATTERN_BYTES).dfa_size_limit(MAX_PATTERN_BYTES).build();
    limited.map_err(|error| {
        // The last line says what is wrong; those before draw where.
        let error = error.to_string();
        format!("is no pattern: {}", text::first(error.lines().last().unwrap_or_default().trim(), 200))
    })
}

/// Times become texts, and numbers that JSON does not have become null.
fn to_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(yes) => Value::from(yes),
        toml::Value::Datetime(time) => Value::from(time.to_string()),
        toml::Value::Array(items) => items.into_iter().map(to_json).collect(),
        toml::Value::Table(fields) => fields.into_iter().map(|(name, value)| (name, to_json(value))).collect(),
    }
}

/// Which line of `text` the byte `at` is in, from 1.
fn line(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}
