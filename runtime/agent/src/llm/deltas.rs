//! A chat completion that comes in pieces, put together.

use serde_json::{Map, Value};

use super::wire::{self, Answer, Call, MAX_CALLS, Words};
use crate::text::clean;

/// What came so far.
#[derive(Debug, Default)]
pub(super) struct Deltas {
    words: Words,
    refusal: String,
    calls: Vec<Part>,
    usage: Option<Value>,
    finished: bool,
}

/// A tool call of which more may come.
#[derive(Debug, Default)]
struct Part {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: Arguments,
}

#[derive(Debug)]
enum Arguments {
    Text(String),
    Object(Map<String, Value>),
    Wrong,
}

impl Default for Arguments {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Deltas {
    /// Takes in one chunk of the stream. What it does not know it passes over.
    pub(super) fn add(&mut self, chunk: &Value) {
        // The usage comes last, in a chunk without choices; some send what it is so far with each.
        if let Some(usage) = chunk.get("usage").filter(|usage| usage.is_object()) {
            self.usage = Some(usage.clone());
        }
        let Some(choice) = chunk.get("choices").and_then(|choices| choices.get(0)) else { return };
        self.finished |= choice.get("finish_reason").is_some_and(|reason| !reason.is_null());
        let Some(delta) = choice.get("delta") else { return };
        if let Some(content) = delta.get("content") {
            self.words.add(&wire::text(content));
        }
        if let Some(refusal) = delta.get("refusal") {
            self.refusal.push_str(&wire::text(refusal));
        }
        for call in delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            self.add_call(call);
        }
    }

    /// What the model has said by now: later, there is only more.
    pub(super) fn said(&self) -> &str {
        self.words.said()
    }

    /// Whether the model has said that it is done.
    pub(super) fn is_finished(&self) -> bool {
        self.finished
    }

    /// The whole answer.
    pub(super) fn answer(self) -> Answer {
        let said = self.words.finish();
        let calls = self.calls.into_iter().take(MAX_CALLS).map(|part| Call {
            name: part.name,
            arguments: match part.arguments {
                Arguments::Text(text) => wire::arguments(Some(&Value::String(text))),
                Arguments::Object(arguments) => Some(arguments),
                Arguments::Wrong => None,
            },
        });
        Answer {
            text: if said.is_empty() { clean(self.refusal.trim()) } else { said },
            calls: calls.collect(),
            usage: wire::usage(self.usage.as_ref()),
        }
    }

    /// Parts of one call have its index. Servers that send calls whole may leave it out, or count them all as the first: then a new
    /// id is a new call.
    fn add_call(&mut self, delta: &Value) {
        let index = delta.get("index").and_then(Value::as_u64);
        let text = |from: &Value, name: &str| from.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let id = text(delta, "id");
        let goes_on = |part: &Part| part.index == index && (id.is_empty() || part.id.is_empty() || part.id == id);
        let at = self.calls.iter().rposition(goes_on).unwrap_or_else(|| {
            self.calls.push(Part { index, ..Part::default() });
            self.calls.len() - 1
        });
        let Some(part) = self.calls.get_mut(at) else { return };
        if part.id.is_empty() {
            part.id = id;
        }
        let function = delta.get("function").unwrap_or(delta);
        part.name.push_str(&text(function, "name"));
        match (function.get("arguments"), &mut part.arguments) {
            (None | Some(Value::Null), _) => {}
            (Some(Value::String(more)), Arguments::Text(text)) => text.push_str(more),
            (Some(Value::Object(all)), Arguments::Text(text)) if text.trim().is_empty() => {
                part.arguments = Arguments::Object(all.clone());
            }
            _ => part.arguments = Arguments::Wrong,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn answer(deltas: impl IntoIterator<Item = Value>) -> Answer {
        let mut all = Deltas::default();
        for delta in deltas {
            let before = all.said().to_owned();
            all.add(&json!({ "choices": [{ "index": 0, "delta": delta }] }));
            assert!(all.said().starts_with(&before));
        }
        all.answer()
    }

    fn names(answer: &Answer) -> Vec<(&str, bool)> {
        answer.calls.iter().map(|call| (call.name.as_str(), call.arguments.is_some())).collect()
    }

    #[test]
    fn calls_are_put_together_by_their_index() {
        let part = |index: u64, id: &str, name: &str, arguments: &str| json!({ "tool_calls": [{ "index": index, "id": id, "type": "function", "function": { "name": name, "arguments": arguments } }] });
        let both = answer([
            json!({ "role": "assistant", "content": null }),
            part(0, "call_a", "end_session", ""),
            part(1, "call_b", "set_state", "{\"name"),
            json!({ "tool_calls": [{ "index": 0, "function": { "arguments": "{\"x\": 1}" } }] }),
            json!({ "tool_calls": [{ "index": 1, "function": { "arguments": "\": \"y\"}" } }] }),
        ]);
        assert_eq!(names(&both), [("end_session", true), ("set_state", true)]);
        assert_eq!(both.calls[1].arguments.as_ref().unwrap()["name"], "y");
        let cut = answer([part(0, "call_a", "end_session", "{\"x\": ")]);
        assert_eq!(names(&cut), [("end_session", false)]);
    }

    #[test]
    fn other_servers_liberties_are_read() {
        let whole = |id: &str, name: &str, arguments: Value| json!({ "id": id, "function": { "name": name, "arguments": arguments } });
        let unnumbered = answer([
            json!({ "tool_calls": [whole("1", "a", json!("{}")), whole("2", "b", json!({ "x": 1 }))] }),
            json!({ "tool_calls": [whole("3", "c", json!([1])), 7] }),
        ]);
        assert_eq!(names(&unnumbered), [("a", true), ("b", true), ("c", false)]);
        assert_eq!(answer([json!({ "content": [{ "text": "Hel" }] }), json!({ "content": "lo" })]).text, "Hello");
        assert_eq!(answer([json!({ "refusal": "I can" }), json!({ "refusal": "not." })]).text, "I cannot.");
        assert_eq!(
            answer([json!({ "content": "<thi" }), json!({ "content": "nk>a</think" }), json!({ "content": ">b" })])
                .text,
            "b"
        );
        assert_eq!(answer([json!({ "content": "<thi" })]).text, "<thi");
        assert_eq!(answer([json!({ "content": "<think>" }), json!({ "content": "x" })]).text, "");
    }

    proptest! {
        /// However an answer is cut into deltas, it is the one that would have come whole.
        #[test]
        fn pieces_are_the_whole(
            text in "(<think>[a-c<]{0,9}(</think>)?)?[a-c <é]{0,20}", arguments in "\\{\"a\": \"[b-d]{0,9}\"\\}?", cut in 1_usize..9,
        ) {
            let chunks = |text: &str| -> Vec<String> {
                text.chars().collect::<Vec<_>>().chunks(cut).map(|chunk| chunk.iter().collect()).collect()
            };
            let said = chunks(&text).into_iter().map(|piece| json!({ "content": piece }));
            let first = json!({ "tool_calls": [{ "index": 0, "id": "1", "function": { "name": "t", "arguments": "" } }] });
            let args = chunks(&arguments).into_iter().map(|piece| json!({ "tool_calls": [{ "index": 0, "function": { "arguments": piece } }] }));
            let pieces = answer(said.chain([first]).chain(args));
            let call = json!({ "id": "1", "function": { "name": "t", "arguments": arguments } });
            let whole = Answer::read(&json!({ "choices": [{ "message": { "content": text, "tool_calls": [call] } }] })).unwrap();
            prop_assert_eq!(pieces, whole);
        }
    }
}
