//! What a tenant may configure.

use std::collections::HashSet;

use stratagem_domain::{
    agent::{AgentKind, AgentSpec, AgentState},
    channel::FieldError,
};

use crate::{schema::Schema, scripted};

/// Of a name, in characters.
const MAX_NAME: usize = 100;
/// Of instructions, in characters.
const MAX_INSTRUCTIONS: usize = 20_000;
/// Of one state's instructions, in characters.
const MAX_STATE_INSTRUCTIONS: usize = 5_000;
/// States.
const MAX_STATES: usize = 50;

/// Checks an agent before it is stored: names and sizes, states and what may follow them, the schema, the rules. What passes can be
/// acted by, and never fails as misconfigured for a reason that lies in here.
///
/// # Errors
/// Every fault, with paths such as `states[1].transitions`; faults of rules name the line.
pub fn check(spec: &AgentSpec) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    check_name(&mut errors, "name", &spec.name);
    check_length(&mut errors, "instructions", &spec.instructions, MAX_INSTRUCTIONS);
    if spec.kind == AgentKind::Llm && spec.instructions.trim().is_empty() {
        errors.push(FieldError::new("instructions", "must say what the model is to do"));
    }
    check_states(&mut errors, &spec.states);
    if let Err(fault) = Schema::compile(spec.result_schema.as_ref()) {
        errors.push(FieldError::new("result_schema", fault));
    }
    match spec.kind {
        // Rules are held against states and schema, so those must be right first.
        AgentKind::Scripted if errors.is_empty() => {
            errors.extend(scripted::check(spec).into_iter().map(|fault| FieldError::new("rules", fault)));
        }
        AgentKind::Llm if !spec.rules.is_empty() => {
            errors.push(FieldError::new("rules", "only an agent of kind `scripted` has rules"));
        }
        AgentKind::Scripted | AgentKind::Llm => {}
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn check_states(errors: &mut Vec<FieldError>, states: &[AgentState]) {
    if states.len() > MAX_STATES {
        errors.push(FieldError::new("states", format!("are more than {MAX_STATES}")));
        return;
    }
    let known: HashSet<&str> = states.iter().map(|state| state.name.as_str()).collect();
    let mut seen = HashSet::new();
    for (n, state) in states.iter().enumerate() {
        let at = format!("states[{n}]");
        check_name(errors, &format!("{at}.name"), &state.name);
        check_length(errors, &format!("{at}.instructions"), &state.instructions, MAX_STATE_INSTRUCTIONS);
        if !seen.insert(&state.name) {
            errors.push(FieldError::new(format!("{at}.name"), format!("`{}` is there twice", state.name)));
        }
        for name in state.transitions.iter().flatten().filter(|name| !known.contains(name.as_str())) {
            errors.push(FieldError::new(format!("{at}.transitions"), format!("there is no state `{name}`")));
        }
        if state.transitions.as_ref().is_some_and(|names| names.len() > MAX_STATES) {
            errors.push(FieldError::new(format!("{at}.transitions"), format!("are more than {MAX_STATES}")));
        }
    }
}

fn check_name(errors: &mut Vec<FieldError>, field: &str, name: &str) {
    check_length(errors, field, name, MAX_NAME);
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        errors.push(FieldError::new(field, "must be a text of one line that is not empty"));
    }
}

fn check_length(errors: &mut Vec<FieldError>, field: &str, text: &str, limit: usize) {
    if text.chars().nth(limit).is_some() {
        errors.push(FieldError::new(field, format!("is longer than {limit} characters")));
    }
    if text.contains('\0') {
        errors.push(FieldError::new(field, "contains a NUL character"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_fault_has_its_path() {
        let state = |name: &str, transitions: Option<Vec<String>>| AgentState {
            name: name.to_owned(),
            instructions: String::new(),
            transitions,
        };
        let mut spec = AgentSpec {
            name: " ".to_owned(),
            kind: AgentKind::Llm,
            instructions: String::new(),
            rules: "greeting = ''".to_owned(),
            states: vec![state("a", Some(vec!["b".to_owned()])), state("a", None), state("x\ny", None)],
            result_schema: Some(json!([])),
        };
        let fields: Vec<String> = check(&spec).unwrap_err().into_iter().map(|error| error.field).collect();
        let expected = [
            "name",
            "instructions",
            "states[0].transitions",
            "states[1].name",
            "states[2].name",
            "result_schema",
            "rules",
        ];
        assert_eq!(fields, expected);

        spec = AgentSpec {
            name: "Iris".to_owned(),
            instructions: "Ask.".to_owned(),
            rules: String::new(),
            states: vec![state("a", Some(vec!["b".to_owned()])), state("b", Some(vec![]))],
            result_schema: None,
            ..spec
        };
        assert_eq!(check(&spec), Ok(()));
    }
}
