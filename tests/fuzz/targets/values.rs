//! The decoder of values: whatever JSON comes, it is refused by name or within the bounds that both databases can hold.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use stratagem_domain::strategy::{HttpBody, MAX_DEPTH, check_object, escape_tags};

fuzz_target!(|data: &[u8]| {
    let body = HttpBody(data.to_vec());
    let text = serde_json::to_string(&body).unwrap();
    assert_eq!(serde_json::from_str::<HttpBody>(&text).unwrap(), body);

    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    if let Value::Object(object) = &value
        && check_object("value", object).is_ok()
    {
        assert!(depth(&value) <= MAX_DEPTH);
        assert!(!value.to_string().contains("\\u0000"));
    }
    // Data that looks like a tag is none any more.
    assert!(!has_tag(&escape_tags(value)));
});

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// A tag other than the one that escaping makes.
fn has_tag(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_tag),
        Value::Object(object) => {
            let escaped = object.len() == 2 && object.get("$").is_some_and(|kind| kind == "dict");
            (object.contains_key("$") && !escaped) || object.values().any(has_tag)
        }
        _ => false,
    }
}
