//! The schema of a session's results: what a tenant may write, and whether results satisfy it.
//!
//! It is a tenant's program that runs in the server's own process, so it is kept to what takes little time: patterns that match in
//! linear time, no references (which fetch, recurse, or double at every step), bounded size.

use jsonschema::{PatternOptions, Validator};
use serde_json::{Map, Value};
use stratagem_domain::strategy::{MAX_DEPTH, check_object};

/// Of a schema, as JSON.
const MAX_SCHEMA_BYTES: usize = 32 << 10;
/// Patterns in a schema. The costliest that there can be, on results of the largest size, hold a
/// thread for less than two seconds.
const MAX_PATTERNS: usize = 8;
/// Of one compiled pattern; a class such as `\w` takes about 30 KiB. The time that a match takes is this times the length of the text.
pub(crate) const MAX_PATTERN_BYTES: usize = 128 << 10;
/// Of results, as JSON.
const MAX_RESULTS_BYTES: usize = 8 << 10;

/// What results have to be.
pub(crate) struct Schema(Option<Validator>);

impl Schema {
    /// Compiles it; without one, any object will do.
    ///
    /// # Errors
    /// What is wrong with it, in plain words.
    pub(crate) fn compile(schema: Option<&Value>) -> Result<Self, String> {
        let Some(schema) = schema else {
            return Ok(Self(None));
        };
        if schema.get("type").and_then(Value::as_str) != Some("object") {
            return Err("must be a JSON Schema with `\"type\": \"object\"`".to_owned());
        }
        let patterns = walk(schema, 0)?;
        if patterns > MAX_PATTERNS {
            return Err(format!("has more than {MAX_PATTERNS} patterns"));
        }
        if schema.to_string().len() > MAX_SCHEMA_BYTES {
            return Err(format!("is larger than {} KiB", MAX_SCHEMA_BYTES >> 10));
        }
        let linear = PatternOptions::regex().size_limit(MAX_PATTERN_BYTES).dfa_size_limit(MAX_PATTERN_BYTES);
        let validator = jsonschema::options().with_pattern_options(linear).build(schema);
        validator.map(|validator| Self(Some(validator))).map_err(|error| {
            let (at, what) = (error.instance_path().to_string(), error.to_string());
            let at = if at.is_empty() { String::new() } else { format!(" at {at}") };
            format!("is no valid JSON Schema{at}: {}", crate::text::first(&what, 300))
        })
    }

    /// Whether `results` satisfy it and can be stored.
    ///
    /// # Errors
    /// Every fault of the first few, in one line. It quotes no values: they may come from a contact, and the line is read by a model.
    pub(crate) fn check(&self, results: &Map<String, Value>) -> Result<(), String> {
        if check_object("results", results).is_err() || results.values().any(has_tag) || results.contains_key("$") {
            return Err(format!(
                "results are nested more than {MAX_DEPTH} levels deep, contain a NUL character or have a field `$`"
            ));
        }
        let results = Value::Object(results.clone());
        if results.to_string().len() > MAX_RESULTS_BYTES {
            return Err(format!("results are larger than {} KiB", MAX_RESULTS_BYTES >> 10));
        }
        let Some(validator) = &self.0 else {
            return Ok(());
        };
        let faults: Vec<String> = validator.iter_errors(&results).take(5).map(|error| explain(&error)).collect();
        if faults.is_empty() { Ok(()) } else { Err(faults.join("; ")) }
    }
}

fn explain(error: &jsonschema::ValidationError<'_>) -> String {
    use jsonschema::error::ValidationErrorKind as Kind;

    let path = error.instance_path().to_string().replace('/', ".");
    // This one kind quotes the names that were given.
    let what = match error.kind() {
        Kind::AdditionalProperties { .. } | Kind::UnevaluatedProperties { .. } | Kind::PropertyNames { .. } => {
            "has fields that the schema does not know".to_owned()
        }
        _ => error.masked().to_string(),
    };
    format!("results{}: {}", crate::text::first(&path, 100), crate::text::first(&what, 300))
}

/// Whether a field `$` is anywhere, which would be read as the mark of a tagged value (`wit/types.wit`).
fn has_tag(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, value)| name == "$" || has_tag(value)),
        Value::Array(items) => items.iter().any(has_tag),
        _ => false,
    }
}

/// Counts patterns.
fn walk(schema: &Value, depth: usize) -> Result<usize, String> {
    if depth > MAX_DEPTH {
        return Err(format!("is nested more than {MAX_DEPTH} levels deep"));
    }
    match schema {
        Value::Object(fields) => {
            let mut patterns = 0;
            for (name, value) in fields {
                if matches!(name.as_str(), "$ref" | "$dynamicRef" | "$recursiveRef") {
                    return Err(format!("has a `{name}`: write what it refers to in its place"));
                }
                patterns += match (name.as_str(), value) {
                    ("pattern", Value::String(_)) => 1,
                    ("patternProperties", Value::Object(of)) => of.len(),
                    _ => 0,
                };
                patterns += walk(value, depth + 1)?;
            }
            Ok(patterns)
        }
        Value::Array(items) => items.iter().map(|item| walk(item, depth + 1)).sum(),
        _ => Ok(0),
    }
}

/// Checks a session's results, whoever collected them.
///
/// # Errors
/// What is wrong with them, in plain words.
pub fn check_results(schema: Option<&Value>, results: &Map<String, Value>) -> Result<(), String> {
    Schema::compile(schema)?.check(results)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_that_could_hold_the_server_up_are_refused() {
        let deep = (0..40).fold(json!({}), |inner, _| json!({ "properties": { "a": inner } }));
        let many: Map<String, Value> = (0..9).map(|n| (n.to_string(), json!({ "pattern": "a" }))).collect();
        for (schema, word) in [
            (json!({}), "type"),
            (json!({ "type": "string" }), "type"),
            (json!(true), "type"),
            (json!({ "type": "object", "required": "x" }), "no valid JSON Schema"),
            (json!({ "type": "object", "properties": { "a": { "type": "strin" } } }), "no valid JSON Schema"),
            (json!({ "type": "object", "properties": { "a": { "$ref": "#" } } }), "$ref"),
            (json!({ "type": "object", "allOf": [{ "$ref": "http://169.254.169.254/" }] }), "$ref"),
            (json!({ "type": "object", "$schema": "http://127.0.0.1/mine" }), "no valid JSON Schema"),
            (json!({ "type": "object", "properties": { "a": { "pattern": "(a)\\1" } } }), "no valid JSON Schema"),
            (
                json!({ "type": "object", "properties": { "a": { "pattern": "(\\w{99}){99}" } } }),
                "no valid JSON Schema",
            ),
            (json!({ "type": "object", "properties": deep }), "deep"),
            (json!({ "type": "object", "properties": many }), "patterns"),
            (json!({ "type": "object", "description": "x".repeat(40_000) }), "KiB"),
        ] {
            let error = Schema::compile(Some(&schema)).err().unwrap_or_default();
            assert!(error.contains(word), "{schema:.80}: {error}");
        }
    }

    #[test]
    fn faults_of_results_name_the_field_and_quote_nothing() {
        let schema = json!({
            "type": "object",
            "properties": { "OutcomeStatus": { "enum": ["PAID", "REFUSED"] }, "Day": { "pattern": "^\\d+$" } },
            "required": ["OutcomeStatus"],
            "additionalProperties": false,
        });
        let schema = Schema::compile(Some(&schema)).unwrap();
        let fault = |results: Value| schema.check(results.as_object().unwrap()).err().unwrap_or_default();
        assert_eq!(fault(json!({ "OutcomeStatus": "PAID", "Day": "3" })), "");
        assert!(fault(json!({})).contains("OutcomeStatus"), "{}", fault(json!({})));
        for secret in [
            json!({ "OutcomeStatus": "s3cret" }),
            json!({ "OutcomeStatus": "PAID", "Day": "s3cret" }),
            json!({ "OutcomeStatus": "PAID", "s3cret": 1 }),
        ] {
            let said = fault(secret);
            assert!(said.contains("results") && !said.contains("s3cret"), "{said}");
        }
        let anything = Schema::compile(None).unwrap();
        for unfit in [json!({ "a": "\0" }), json!({ "a": "x".repeat(9_000) }), json!({ "a": [{ "$": "date" }] })] {
            assert!(anything.check(unfit.as_object().unwrap()).is_err());
        }
    }
}
