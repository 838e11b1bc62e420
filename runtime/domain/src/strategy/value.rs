//! What a value may be that comes from outside: the same on SQLite and PostgreSQL, and cheap to walk.

use serde_json::{Map, Value};

/// Deepest nesting of `params`, `results` and `internal_data`.
pub const MAX_DEPTH: usize = 32;

/// Refuses nesting beyond [`MAX_DEPTH`] and NUL characters, which PostgreSQL cannot store; the error names the path below
/// `name`.
pub fn check_object(name: &str, object: &Map<String, Value>) -> Result<(), String> {
    object.iter().try_for_each(|(key, value)| {
        check_text(name, key)?;
        check(&format!("{name}.{key}"), value, 2)
    })
}

/// Refuses a NUL character.
pub fn check_text(name: &str, text: &str) -> Result<(), String> {
    if text.contains('\0') { Err(format!("{name} contains a NUL character")) } else { Ok(()) }
}

/// The value with every object escaped that has the key `$`, which marks tagged values (`wit/types.wit`): for values of
/// plain JSON, such as those of a contact file, which are data and never tags.
pub fn escape_tags(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(escape_tags).collect(),
        Value::Object(object) if object.contains_key("$") => {
            let pairs: Vec<Value> =
                object.into_iter().map(|(key, item)| Value::from(vec![Value::from(key), escape_tags(item)])).collect();
            serde_json::json!({ "$": "dict", "v": pairs })
        }
        Value::Object(object) => object.into_iter().map(|(key, item)| (key, escape_tags(item))).collect(),
        other => other,
    }
}

fn check(path: &str, value: &Value, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH && matches!(value, Value::Array(_) | Value::Object(_)) {
        return Err(format!("{path} is nested more than {MAX_DEPTH} levels deep"));
    }
    match value {
        Value::String(text) => check_text(path, text),
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(i, item)| check(&format!("{path}[{i}]"), item, depth + 1))
        }
        Value::Object(object) => object.iter().try_for_each(|(key, item)| {
            check_text(path, key)?;
            check(&format!("{path}.{key}"), item, depth + 1)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}
