//! Rows of JSON Lines.

use std::fmt;
use std::io;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Number, Value};

use super::columns::Field;
use super::contact::Draft;
use super::rows::Outcome;
use super::source::Source;
use super::{Checkpoint, Finding, MAX_COLUMNS, MAX_DEPTH, MAX_ROW_BYTES, Prepared};

/// The rows of a JSON Lines file.
pub(super) struct JsonRows {
    source: Source,
    line: Vec<u8>,
    encoding: &'static str,
}

impl JsonRows {
    pub(super) fn open(prepared: &Prepared, byte: u64) -> io::Result<Self> {
        Ok(Self { source: Source::open(&prepared.data, byte)?, line: Vec::new(), encoding: prepared.encoding })
    }

    /// The next row, and the line it stands on.
    pub(super) fn next(&mut self, at: &mut Checkpoint, line: &mut u64) -> io::Result<Option<Outcome>> {
        loop {
            let start = self.source.offset();
            if !self.read_line()? {
                return Ok(None);
            }
            at.byte = self.source.offset();
            at.line += 1;
            if self.line.trim_ascii().is_empty() && at.byte - start <= MAX_ROW_BYTES as u64 {
                continue;
            }
            *line = at.line;
            // One byte more is its line feed.
            if at.byte - start > MAX_ROW_BYTES as u64 + 1 {
                return Ok(Some(Err(Finding::of_row(&self.line, "the row is longer than 1 MiB"))));
            }
            return Ok(Some(self.contact()));
        }
    }

    /// Reads up to the next line feed, keeping [`MAX_ROW_BYTES`] of it. False at the end of the file.
    fn read_line(&mut self) -> io::Result<bool> {
        self.line.clear();
        let mut any = false;
        loop {
            let chunk = self.source.fill()?;
            if chunk.is_empty() {
                return Ok(any);
            }
            any = true;
            let end = chunk.iter().position(|&b| b == b'\n');
            let content = &chunk[..end.unwrap_or(chunk.len())];
            let room = MAX_ROW_BYTES - self.line.len();
            self.line.extend_from_slice(&content[..content.len().min(room)]);
            let used = content.len() + usize::from(end.is_some());
            self.source.consume(used);
            if end.is_some() {
                return Ok(true);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn held_bytes(&self) -> usize {
        self.line.capacity()
    }

    fn contact(&self) -> Outcome {
        let whole = |reason: String| Finding::of_row(&self.line, reason);
        let Ok(text) = std::str::from_utf8(&self.line) else {
            return Err(whole(format!("the row holds bytes that are not {}", self.encoding)));
        };
        let Members(members) = serde_json::from_str(text).map_err(|error| whole(explain(&error, text)))?;
        if members.len() > MAX_COLUMNS {
            return Err(whole(format!("the row has {} fields, and {MAX_COLUMNS} are the most", members.len())));
        }
        let mut draft = Draft::default();
        for (key, value) in members {
            if let Some(problem) = problem_in(&key, &value) {
                return Err(Finding::of(&key, &value.to_string(), problem));
            }
            let twice = |key: &str| Finding::of(key, "", "stands in the row twice");
            if let Some(field) = Field::matching(&key) {
                if !draft.set(field, text_of(field, value)?) {
                    return Err(twice(&key));
                }
                continue;
            }
            if let Some(number) = loses_digits(&value) {
                draft.warnings.push(Finding::of(&key, &number, "is too long a number to keep all its digits"));
            }
            match draft.params.entry(key) {
                Entry::Occupied(there) => return Err(twice(there.key())),
                Entry::Vacant(free) => _ = free.insert(value),
            }
        }
        draft.finish()
    }
}

/// The members of a JSON object in order, those with the same key included.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one JSON object a line")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// The parser's message, with the place in the line that it is about.
fn explain(error: &serde_json::Error, text: &str) -> String {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(what, _)| what);
    if message.contains("recursion limit") {
        return format!("the row is nested deeper than {MAX_DEPTH} levels");
    }
    let before = text.get(..error.column()).unwrap_or(text).chars().count();
    format!("the row is no JSON object: {message} (character {before})")
}

/// What makes a value impossible to keep.
fn problem_in(key: &str, value: &Value) -> Option<String> {
    if key.contains('\0') {
        return Some("holds a NUL character in its name".to_owned());
    }
    fault(value, 2)
}

fn fault(value: &Value, level: usize) -> Option<String> {
    let nested = matches!(value, Value::Array(_) | Value::Object(_));
    if nested && level > MAX_DEPTH {
        return Some(format!("is nested deeper than {MAX_DEPTH} levels"));
    }
    match value {
        Value::String(text) => text.contains('\0').then(|| "holds a NUL character".to_owned()),
        Value::Array(items) => items.iter().find_map(|item| fault(item, level + 1)),
        Value::Object(map) => map.iter().find_map(|(key, item)| {
            if key.contains('\0') { Some("holds a NUL character".to_owned()) } else { fault(item, level + 1) }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// The first number that is a whole one beyond 64 bits, as far as it was kept.
fn loses_digits(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => is_beyond_64_bits(number).then(|| number.to_string()),
        Value::Array(items) => items.iter().find_map(loses_digits),
        Value::Object(map) => map.values().find_map(loses_digits),
        Value::Null | Value::Bool(_) | Value::String(_) => None,
    }
}

fn is_beyond_64_bits(number: &Number) -> bool {
    const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
    number.is_f64() && number.as_f64().is_some_and(|n| n.abs() >= TWO_TO_63)
}

/// A field's text. Ids and phone numbers may be numbers, as exports write them.
fn text_of(field: Field, value: Value) -> Result<String, Finding> {
    match (field, value) {
        (_, Value::String(text)) => Ok(text),
        (_, Value::Null) => Ok(String::new()),
        // Neither is needed, so whatever stands there only warns, further on.
        (Field::Phone | Field::TimeZone, other) => Ok(other.to_string()),
        (Field::ObjectId | Field::ExternalId, Value::Number(number)) if number.is_f64() => {
            Err(Finding::of(field.name(), &number.to_string(), "is no whole number of 64 bits; write it in quotes"))
        }
        (Field::ObjectId | Field::ExternalId, Value::Number(number)) => Ok(number.to_string()),
        (_, other) => Err(Finding::of(field.name(), &other.to_string(), "is not text; write it in quotes")),
    }
}
