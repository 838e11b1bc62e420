//! A chat completion as servers give it: OpenAI's shape, read with all the liberties that others take.

use serde_json::{Map, Value};
use stratagem_domain::agent::Usage;

use crate::text::clean;

/// Tool calls of one answer that are read.
pub(super) const MAX_CALLS: usize = 8;
/// Servers that know nothing of a model's habits leave what it thought before its answer, between these.
const THOUGHTS: (&str, &str) = ("<think>", "</think>");

/// What a model answered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// Without thoughts, control characters and the space around it; empty where it said nothing.
    pub(super) text: String,
    /// In its order.
    pub(super) calls: Vec<Call>,
    /// Tokens, without their cost.
    pub(super) usage: Usage,
}

/// A tool that the model called.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    /// Which.
    pub(super) name: String,
    /// None where they were no JSON object.
    pub(super) arguments: Option<Map<String, Value>>,
}

impl Answer {
    /// Reads the first choice; none where there is none.
    pub(super) fn read(body: &Value) -> Option<Self> {
        let message = body.get("choices")?.get(0)?.get("message")?.as_object()?;
        let said = message.get("content").map(text).filter(|text| !text.trim().is_empty());
        let refused = || message.get("refusal").map(text).unwrap_or_default();
        let calls = message.get("tool_calls").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut words = Words::default();
        words.add(&said.unwrap_or_else(refused));
        Some(Self {
            text: words.finish(),
            calls: calls.iter().take(MAX_CALLS).map(call).collect(),
            usage: usage(body.get("usage")),
        })
    }
}

/// What a model writes, without what it only thinks.
#[derive(Debug, Default)]
pub(super) struct Words {
    said: String,
    /// What cannot be told yet: whether it is a thought, or where the thought ends.
    held: String,
    place: Place,
}

#[derive(Debug, Default, PartialEq)]
enum Place {
    #[default]
    Beginning,
    Thought,
    Said,
}

impl Words {
    /// Takes in what the model wrote next.
    pub(super) fn add(&mut self, more: &str) {
        if self.place == Place::Said {
            self.said.push_str(&clean(more));
            return;
        }
        self.held.push_str(more);
        let (begin, end) = THOUGHTS;
        if self.place == Place::Beginning {
            let begun = self.held.trim_start();
            match begun.strip_prefix(begin) {
                Some(thought) => (self.held, self.place) = (thought.to_owned(), Place::Thought),
                None if begin.starts_with(begun) => return self.held = begun.to_owned(),
                None => return self.say(0),
            }
        }
        match self.held.find(end) {
            Some(at) => self.say(at + end.len()),
            // Of a thought only what may be the beginning of its end is kept.
            None => {
                let kept = self.held.char_indices().rev().nth(end.len()).map_or(0, |(at, _)| at);
                self.held.drain(..kept);
            }
        }
    }

    fn say(&mut self, from: usize) {
        self.said = clean(&self.held[from..]);
        (self.held, self.place) = (String::new(), Place::Said);
    }

    /// What it said so far: later, there is only more.
    pub(super) fn said(&self) -> &str {
        &self.said
    }

    /// What it said, without the space around it.
    pub(super) fn finish(self) -> String {
        let said = if self.place == Place::Beginning { clean(&self.held) } else { self.said };
        said.trim().to_owned()
    }
}

/// Tokens, without their cost; none where the server does not count.
pub(super) fn usage(usage: Option<&Value>) -> Usage {
    let tokens = |name: &str| usage.and_then(|usage| usage.get(name)).and_then(Value::as_u64).unwrap_or(0);
    let (prompt_tokens, completion_tokens) = (tokens("prompt_tokens"), tokens("completion_tokens"));
    Usage { requests: 1, prompt_tokens, completion_tokens, cost_micros: 0 }
}

/// A text, or the texts of a list of parts.
pub(super) fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => String::new(),
    }
}

fn call(call: &Value) -> Call {
    let function = call.get("function").unwrap_or(call);
    let name = function.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    Call { name, arguments: arguments(function.get("arguments")) }
}

/// A tool's arguments; none where they are no JSON object.
pub(super) fn arguments(given: Option<&Value>) -> Option<Map<String, Value>> {
    match given {
        None | Some(Value::Null) => Some(Map::new()),
        Some(Value::Object(arguments)) => Some(arguments.clone()),
        Some(Value::String(text)) if text.trim().is_empty() => Some(Map::new()),
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn other_servers_liberties_are_read() {
        let read = |message: Value| Answer::read(&json!({ "choices": [{ "message": message }] })).unwrap();
        assert_eq!(read(json!({ "content": [{ "type": "text", "text": "Hel" }, { "text": "lo" }, {}] })).text, "Hello");
        assert_eq!(read(json!({ "content": "<think>The fool…</think>Hello" })).text, "Hello");
        assert_eq!(read(json!({ "content": "<think>cut off" })).text, "");
        assert_eq!(read(json!({ "content": null, "refusal": "I cannot." })).text, "I cannot.");
        let calls = json!([
            { "function": { "name": "a", "arguments": { "x": 1 } } },
            { "name": "b", "arguments": "" },
            { "function": { "name": "c", "arguments": "[1]" } },
            7,
        ]);
        let calls = read(json!({ "tool_calls": calls })).calls;
        let arguments: Vec<bool> = calls.iter().map(|call| call.arguments.is_some()).collect();
        assert_eq!(arguments, [true, true, false, true]);
        for none in [json!({}), json!([]), json!({ "choices": [] }), json!({ "choices": [{ "message": "x" }] })] {
            assert_eq!(Answer::read(&none), None, "{none}");
        }
    }
}
