//! The shape of `sending_hours`.

use serde_json::{Map, Value};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Checks weekday to list of `HH:MM-HH:MM`, each list in order and without overlaps.
pub(super) fn check(hours: Map<String, Value>) -> Result<Value, String> {
    for (day, spans) in &hours {
        if !DAYS.contains(&day.as_str()) {
            return Err(format!("`{}` is no weekday; there are {}", shorten(day), DAYS.join(", ")));
        }
        let spans = spans.as_array().ok_or_else(|| format!("{day} must be a list such as [\"09:00-17:30\"]"))?;
        let mut last_end = 0;
        for span in spans {
            let (from, to) = span.as_str().and_then(read).ok_or_else(|| {
                format!("{day}: {} is no span of time such as \"09:00-17:30\"", shorten(&span.to_string()))
            })?;
            if from >= to {
                return Err(format!("{day}: {span} ends before it begins"));
            }
            if from < last_end {
                return Err(format!("{day}: {span} begins before the span before it ends"));
            }
            last_end = to;
        }
    }
    Ok(Value::Object(hours))
}

/// Minutes of the day.
fn read(span: &str) -> Option<(u32, u32)> {
    let (from, to) = span.split_once('-')?;
    Some((minutes(from)?, minutes(to)?))
}

fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        (digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse::<u32>().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let at = hours * 60 + minutes;
    (minutes < 60 && at <= 24 * 60).then_some(at)
}

fn shorten(text: &str) -> String {
    text.chars().take(50).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check_value(value: Value) -> Result<Value, String> {
        check(value.as_object().unwrap().clone())
    }

    #[test]
    fn spans_are_in_order() {
        for good in
            [json!({}), json!({"mon": []}), json!({"mon": ["09:00-12:00", "12:00-24:00"], "sun": ["00:00-00:01"]})]
        {
            assert_eq!(check_value(good.clone()), Ok(good));
        }
        for bad in [
            json!({"monday": []}),
            json!({"mon": "09:00-12:00"}),
            json!({"mon": ["9:00-12:00"]}),
            json!({"mon": ["09:00-24:01"]}),
            json!({"mon": ["09:60-12:00"]}),
            json!({"mon": ["12:00-09:00"]}),
            json!({"mon": ["+9:00-12:00"]}),
            json!({"mon": ["09:00-12:00", "11:00-13:00"]}),
        ] {
            assert!(check_value(bad.clone()).is_err(), "{bad}");
        }
    }
}
