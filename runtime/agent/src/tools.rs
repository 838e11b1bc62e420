//! What an agent may do beside speaking. The only place where an act gets a state, results or a hand-over, whoever answers.

use serde_json::{Map, Value, json};
use stratagem_domain::agent::{Act, AgentSpec, AgentState, Turn};

use crate::{schema::Schema, text::first};

/// Ends the session with results.
pub(crate) const END_SESSION: &str = "end_session";
/// Moves to another state.
pub(crate) const SET_STATE: &str = "set_state";
/// Gives the conversation to a person.
pub(crate) const HAND_OVER: &str = "hand_over";
/// Of a reason for handing over, in characters.
const MAX_REASON: usize = 500;

/// The tools of one turn.
pub(crate) struct Tools<'a> {
    spec: &'a AgentSpec,
    state: Option<&'a AgentState>,
    schema: Schema,
}

impl<'a> Tools<'a> {
    /// What `spec` lets the agent do from the state that the turn is in. A conversation that has no state yet, or one that the agent
    /// no longer has, is in the first.
    ///
    /// # Errors
    /// What is wrong with the schema.
    pub(crate) fn of(spec: &'a AgentSpec, turn: &Turn) -> Result<Self, String> {
        let schema = Schema::compile(spec.result_schema.as_ref()).map_err(|error| format!("result_schema {error}"))?;
        let named = turn.state.as_ref().and_then(|name| spec.states.iter().find(|state| state.name == *name));
        Ok(Self { spec, state: named.or(spec.states.first()), schema })
    }

    /// Where the agent is, once the act is done.
    pub(crate) fn state_after(&self, act: &Act) -> Option<&'a AgentState> {
        let moved = act.state.as_ref().and_then(|name| self.spec.states.iter().find(|state| state.name == *name));
        moved.or(self.state)
    }

    /// The states that may follow the present one.
    pub(crate) fn next_states(&self) -> Vec<&'a str> {
        self.state.map(|state| next_states(self.spec, state)).unwrap_or_default()
    }

    /// Ends the session.
    ///
    /// # Errors
    /// Why not, for whoever tried.
    pub(crate) fn end_session(&self, act: &mut Act, results: Map<String, Value>) -> Result<(), String> {
        if act.end.is_some() || act.hand_over.is_some() {
            return Err(format!("`{END_SESSION}` and `{HAND_OVER}` go together neither twice nor with each other"));
        }
        self.schema.check(&results)?;
        act.end = Some(results);
        Ok(())
    }

    /// Moves to a state that may follow. To stay where one is changes nothing.
    ///
    /// # Errors
    /// Why not, for whoever tried.
    pub(crate) fn set_state(&self, act: &mut Act, name: &str) -> Result<(), String> {
        if act.state.as_deref() == Some(name) {
            return Ok(());
        }
        if act.state.is_some() {
            return Err(format!("`{SET_STATE}` may be called once"));
        }
        if self.state.is_some_and(|state| state.name == name) {
            return Ok(());
        }
        let allowed = self.next_states();
        match allowed.iter().find(|state| **state == name) {
            Some(state) => act.state = Some((*state).to_owned()),
            None if allowed.is_empty() => return Err("no other state may follow".to_owned()),
            None => return Err(format!("that state may not follow; there are {}", allowed.join(", "))),
        }
        Ok(())
    }

    /// Hands over to a person.
    ///
    /// # Errors
    /// Why not, for whoever tried.
    pub(crate) fn hand_over(&self, act: &mut Act, reason: &str) -> Result<(), String> {
        if act.end.is_some() || act.hand_over.is_some() {
            return Err(format!("`{END_SESSION}` and `{HAND_OVER}` go together neither twice nor with each other"));
        }
        // What PostgreSQL cannot store.
        let reason = first(reason.trim(), MAX_REASON).replace('\0', "");
        act.hand_over = Some(if reason.is_empty() { "no reason given".to_owned() } else { reason });
        Ok(())
    }

    /// Does what `arguments` ask of the tool `name`.
    ///
    /// # Errors
    /// Why not. Quotes nothing of what was asked: the line is read by a model, and what it was asked may come from a contact.
    pub(crate) fn call(&self, act: &mut Act, name: &str, mut arguments: Map<String, Value>) -> Result<(), String> {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        match name {
            END_SESSION => {
                // Models that do not nest well give the results themselves.
                let results = match (arguments.len(), arguments.get_mut("results")) {
                    (1, Some(Value::Object(results))) => std::mem::take(results),
                    _ => arguments,
                };
                self.end_session(act, results)
            }
            SET_STATE => self.set_state(act, &text("name")),
            HAND_OVER => self.hand_over(act, &text("reason")),
            _ => Err(format!("there is no such tool; there are {END_SESSION}, {SET_STATE} and {HAND_OVER}")),
        }
    }

    /// The tools as a model is told of them, beside what `act` already does.
    pub(crate) fn offered(&self, act: &Act) -> Vec<Value> {
        let results = self.spec.result_schema.clone().unwrap_or_else(|| json!({ "type": "object" }));
        let mut tools = vec![
            tool(
                END_SESSION,
                "Ends the conversation for good. Say your last words in the same answer.",
                json!({ "results": results }),
            ),
            tool(
                HAND_OVER,
                "Gives the conversation to a person, where the contact asks for one or you cannot help.",
                json!({ "reason": { "type": "string", "description": "For that person, in one sentence." } }),
            ),
        ];
        let states = self.next_states();
        if act.state.is_none() && !states.is_empty() {
            let name = json!({ "name": { "type": "string", "enum": states } });
            tools.push(tool(SET_STATE, "Moves the conversation on. Answer the contact as well.", name));
        }
        tools
    }
}

/// The states that may follow `state`.
pub(crate) fn next_states<'a>(spec: &'a AgentSpec, state: &AgentState) -> Vec<&'a str> {
    let allowed = |name: &String| state.transitions.as_ref().is_none_or(|names| names.contains(name));
    let names = spec.states.iter().map(|other| &other.name);
    names.filter(|name| **name != state.name && allowed(name)).map(String::as_str).collect()
}

fn tool(name: &str, description: &str, properties: Value) -> Value {
    let required: Vec<&String> = properties.as_object().map(|fields| fields.keys().collect()).unwrap_or_default();
    let parameters =
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
    json!({ "type": "function", "function": { "name": name, "description": description, "parameters": parameters } })
}
