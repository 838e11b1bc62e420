//! The filters and tests that templates have: what people need for a message, and nothing that grows without bounds.

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, Value, filters, tests};

use super::MAX_VALUE_BYTES;

/// Every filter that [`install`] adds; a test compares the two.
pub(super) const NAMES: [&str; 18] = [
    "abs",
    "capitalize",
    "default",
    "e",
    "escape",
    "first",
    "float",
    "int",
    "join",
    "last",
    "length",
    "lower",
    "replace",
    "round",
    "safe",
    "title",
    "trim",
    "upper",
];

pub(super) fn install(environment: &mut Environment<'static>) {
    environment.add_filter("abs", filters::abs);
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("default", default);
    environment.add_filter("escape", filters::escape);
    environment.add_filter("e", filters::escape);
    environment.add_filter("first", filters::first);
    environment.add_filter("float", filters::float);
    environment.add_filter("int", filters::int);
    environment.add_filter("join", join);
    environment.add_filter("last", filters::last);
    environment.add_filter("length", filters::length);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("replace", replace);
    environment.add_filter("round", filters::round);
    environment.add_filter("safe", filters::safe);
    environment.add_filter("title", filters::title);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("upper", filters::upper);

    environment.add_test("defined", tests::is_defined);
    environment.add_test("undefined", tests::is_undefined);
    environment.add_test("none", tests::is_none);
    environment.add_test("number", tests::is_number);
    environment.add_test("string", tests::is_string);
    environment.add_test("in", tests::is_in);
}

/// `contact.phone|default("-")`, for what is missing and for what is null. The original leaves null alone.
fn default(value: &Value, other: Option<Value>) -> Value {
    if value.is_undefined() || value.is_none() { other.unwrap_or_else(|| Value::from("")) } else { value.clone() }
}

/// `items|join(", ")`. The original has no bound: a long separator times a long list.
fn join(items: &Value, separator: Option<String>) -> Result<String, Error> {
    let separator = separator.unwrap_or_default();
    let mut joined = String::new();
    for (index, item) in items.try_iter()?.enumerate() {
        if index > 0 {
            joined.push_str(&separator);
        }
        match item.as_str() {
            Some(text) => joined.push_str(text),
            None => joined.push_str(&item.to_string()),
        }
        within_bounds("join", joined.len())?;
    }
    Ok(joined)
}

/// `text|replace(".", ",")`, bounded like [`join`].
fn replace(text: &Value, from: String, to: String) -> Result<String, Error> {
    if matches!(text.kind(), ValueKind::Undefined) {
        return Err(ErrorKind::UndefinedError.into());
    }
    let text = text.to_string();
    let growth = text.matches(&from).count().saturating_mul(to.len());
    within_bounds("replace", text.len().saturating_add(growth))?;
    Ok(text.replace(&from, &to))
}

fn within_bounds(filter: &str, bytes: usize) -> Result<(), Error> {
    if bytes <= MAX_VALUE_BYTES {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidOperation,
        format!("{filter} makes a text longer than {} KiB", MAX_VALUE_BYTES >> 10),
    ))
}
