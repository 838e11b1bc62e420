//! Texts with placeholders: `{name}`, `{params.amount}`, `{params.amount|what is said where there is none}`.

use serde_json::{Map, Value};

use crate::text;

/// Of one value, in characters.
const MAX_VALUE: usize = 200;

/// One piece of a text.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Text(&'a str),
    Field { path: &'a str, otherwise: Option<&'a str> },
}

/// Checks the placeholders of a text.
///
/// # Errors
/// What is wrong with one.
pub(super) fn check(template: &str) -> Result<(), String> {
    pieces(template).map(drop)
}

/// The text for one context. Values are put in as they are: braces in them mean nothing.
///
/// # Errors
/// The placeholder that there is nothing for.
pub(super) fn fill(template: &str, context: &Map<String, Value>) -> Result<String, String> {
    let mut filled = String::new();
    for piece in pieces(template)? {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Field { path, otherwise } => {
                let value = find(context, path).or(otherwise.map(str::to_owned));
                filled.push_str(&value.ok_or_else(|| format!("the contact has nothing for `{{{path}}}`"))?);
            }
        }
    }
    Ok(filled)
}

fn find(context: &Map<String, Value>, path: &str) -> Option<String> {
    let mut names = path.split('.');
    let mut value = context.get(names.next()?)?;
    for name in names {
        value = value.get(name)?;
    }
    let value = match value {
        Value::String(text) if !text.trim().is_empty() => text::clean(text),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => return None,
    };
    Some(text::first(&value, MAX_VALUE).to_owned())
}

fn pieces(template: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        pieces.push(Piece::Text(&rest[..at]));
        let from = &rest[at..];
        if from.starts_with("{{") || from.starts_with("}}") {
            pieces.push(Piece::Text(&from[..1]));
            rest = &from[2..];
            continue;
        }
        let inside = from.strip_prefix('{').and_then(|inside| inside.split_once('}'));
        let (inside, after) = inside.ok_or("a single `{` or `}`; a brace is written twice")?;
        let (path, otherwise) = inside.split_once('|').map_or((inside, None), |(path, other)| (path, Some(other)));
        let path = path.trim();
        let is_name = |name: &str| !name.is_empty() && !name.contains(|c: char| c.is_control() || c == '{');
        if !path.split('.').all(is_name) {
            return Err(format!("`{{{inside}}}` is no placeholder"));
        }
        pieces.push(Piece::Field { path, otherwise });
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_come_from_the_context_and_stay_what_they_are() {
        let context =
            json!({ "name": "{params.x} {{", "params": { "amount": 12.5, "paid": false, "list": [], "none": "" } });
        let fill = |template: &str| fill(template, context.as_object().unwrap());
        assert_eq!(
            fill("Hello { name }, {{x}} {params.amount}, {params.paid}"),
            Ok("Hello {params.x} {{, {x} 12.5, false".into())
        );
        assert_eq!(fill("{params.none|nothing} {gone|}."), Ok("nothing .".into()));
        for missing in ["{gone}", "{params.list}", "{params}", "{name.x}", "{params.none}"] {
            assert!(fill(missing).unwrap_err().contains(missing), "{missing}");
            assert_eq!(check(missing), Ok(()));
        }
        for wrong in ["{", "}", "{}", "{a..b}", "{a{b}", "{a}}", "{{{", "{|x}"] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_passes_the_check_is_filled_or_lacks_a_value(template in "[a{}|. é]{0,12}", value in any::<String>()) {
            let context = Map::from_iter([("a".to_owned(), Value::from(value))]);
            let filled = fill(&template, &context);
            prop_assert_eq!(check(&template).is_err(), filled.as_ref().is_err_and(|error| !error.starts_with("the contact")));
        }
    }
}
