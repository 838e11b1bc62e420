//! A chat completion as servers give it: OpenAI's shape, read with all the liberties that others take.

use serde_json::{Map, Value};
use stratagem_domain::agent::Usage;

/// Tool calls of one answer that are read.
const MAX_CALLS: usize = 8;

/// What a model answered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// Empty where it said nothing.
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
        let tokens =
            |name: &str| body.get("usage").and_then(|usage| usage.get(name)).and_then(Value::as_u64).unwrap_or(0);
        Some(Self {
            text: without_thoughts(&said.unwrap_or_else(refused)).to_owned(),
            calls: calls.iter().take(MAX_CALLS).map(call).collect(),
            usage: Usage {
                requests: 1,
                prompt_tokens: tokens("prompt_tokens"),
                completion_tokens: tokens("completion_tokens"),
                cost_micros: 0,
            },
        })
    }
}

/// A text, or the texts of a list of parts.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => String::new(),
    }
}

/// Servers that know nothing of a model's habits leave what it thought before its answer.
fn without_thoughts(text: &str) -> &str {
    match text.trim_start().strip_prefix("<think>") {
        Some(thoughts) => thoughts.split_once("</think>").map_or("", |(_, said)| said),
        None => text,
    }
}

fn call(call: &Value) -> Call {
    let function = call.get("function").unwrap_or(call);
    let name = function.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let arguments = match function.get("arguments") {
        None | Some(Value::Null) => Some(Map::new()),
        Some(Value::Object(arguments)) => Some(arguments.clone()),
        Some(Value::String(text)) if text.trim().is_empty() => Some(Map::new()),
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        Some(_) => None,
    };
    Call { name, arguments }
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
