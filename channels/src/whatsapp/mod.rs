//! What both ways to WhatsApp share: whom a message is for, when free text may be sent, what Meta's error codes mean, and how a
//! template's values are filled in.

pub(crate) mod account;
pub(crate) mod codes;
#[cfg(test)]
pub(crate) mod webhooks;

use chrono::TimeDelta;
use serde_json::{Map, Value};
use stratagem_domain::address;

use crate::settings::Fields;
use crate::template::{self, Format, Templates};
use crate::{Content, Draft, PrepareError};

/// The longest free text, in characters (Meta, "Text messages").
const MAX_TEXT: usize = 4096;
/// The longest value of a template's parameter, in characters: with more, no template fits its own limit.
const MAX_VALUE: usize = 1024;

/// Whom a message is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recipient {
    /// A phone number in E.164, `+16505551234`.
    Phone(String),
    /// A user as WhatsApp names them to one business, `US.13491208655302741918`: since 2026 some users show no number.
    User(String),
}

impl Recipient {
    /// Reads what WhatsApp calls a user: a number with or without its plus, or a business-scoped id.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.strip_prefix('+').unwrap_or(text);
        if (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self::Phone(format!("+{digits}")));
        }
        let (country, id) = text.split_once('.')?;
        let fits = country.len() == 2
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
            && (1..=140).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        fits.then(|| Self::User(text.to_owned()))
    }

    /// The number, or the id.
    pub(crate) fn as_str(&self) -> &str {
        let (Self::Phone(text) | Self::User(text)) = self;
        text
    }
}

/// The contact's own number in E.164.
///
/// # Errors
/// [`PrepareError::Unreachable`]: there is none, or none that can be dialled.
pub(crate) fn phone(draft: &Draft<'_>) -> Result<Recipient, PrepareError> {
    let text = match &draft.scope["contact"]["phone"] {
        Value::String(text) => text.trim(),
        Value::Null => "",
        _ => return Err(unreachable("the contact's phone number is no text")),
    };
    if text.is_empty() {
        return Err(unreachable("the contact has no phone number"));
    }
    let number = address::dialable(text)
        .map_err(|reason| PrepareError::Unreachable { reason: format!("the contact's phone number {reason}") })?;
    Ok(Recipient::Phone(number))
}

/// Free text is taken for 24 hours after the contact last wrote; after that only templates are.
///
/// # Errors
/// [`PrepareError::Unreachable`], because it is this contact, now, that cannot be reached so: the integration works, and a template of
/// another stage may still arrive.
pub(crate) fn check_window(draft: &Draft<'_>) -> Result<(), PrepareError> {
    match draft.heard_at {
        None => Err(unreachable("the contact has not written yet, so that WhatsApp takes only templates")),
        Some(heard_at) if draft.now - heard_at > TimeDelta::hours(24) => {
            Err(unreachable("the contact last wrote more than 24 hours ago, so that WhatsApp takes only templates"))
        }
        Some(_) => Ok(()),
    }
}

/// A free text, as it may be sent.
///
/// # Errors
/// [`PrepareError::Template`]: it is empty or too long.
pub(crate) fn check_text(text: &str) -> Result<&str, PrepareError> {
    let invalid = |reason: String| Err(PrepareError::Template { reason });
    if text.trim().is_empty() {
        return invalid("the answer is empty".to_owned());
    }
    if text.chars().count() > MAX_TEXT {
        return invalid(format!("the answer is longer than {MAX_TEXT} characters, the most that WhatsApp takes"));
    }
    Ok(text)
}

/// The values of a template that a provider keeps: by number or by name, each a template of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Values {
    /// `{{1}}`, `{{2}}` and so on.
    Numbered(Vec<String>),
    /// By name, in the author's order.
    Named(Vec<(String, String)>),
}

/// Checks the setting `name`: a list of templates where `numbered` allows it, or an object of them.
pub(crate) fn check_values(
    fields: &mut Fields<'_>,
    settings: &Map<String, Value>,
    name: &str,
    numbered: bool,
    templates: &Templates,
) {
    let values: Vec<(String, &Value)> = match settings.get(name) {
        None | Some(Value::Null) => return,
        Some(Value::Array(items)) if numbered => {
            items.iter().enumerate().map(|(at, item)| (format!("{name}.{at}"), item)).collect()
        }
        Some(Value::Object(items)) => items.iter().map(|(key, item)| (format!("{name}.{key}"), item)).collect(),
        Some(_) if numbered => return fields.wrong(name, "must be a list of templates, or an object of them by name"),
        Some(_) => return fields.wrong(name, "must be an object of templates by name"),
    };
    for (path, value) in values {
        match value.as_str().filter(|text| !text.trim().is_empty()) {
            None => fields.wrong(&path, "must be a text that is not empty"),
            Some(source) => {
                for reason in templates.check(source).err().into_iter().flatten() {
                    fields.wrong(&path, reason);
                }
            }
        }
    }
}

/// Fills in the setting `name`; none where there is nothing to fill in.
///
/// # Errors
/// [`PrepareError::Template`], which names the value.
pub(crate) fn render_values(
    draft: &Draft<'_>,
    name: &str,
    templates: &Templates,
) -> Result<Option<Values>, PrepareError> {
    let scope = template::scope(draft.scope);
    let render = |path: String, source: &Value| {
        let text = templates.render(&path, source.as_str().unwrap_or_default(), Format::Text, &scope);
        text.and_then(|text| one_line(&path, &text)).map_err(|reason| PrepareError::Template { reason })
    };
    match draft.settings.get(name) {
        Some(Value::Array(items)) if !items.is_empty() => {
            let values = items.iter().enumerate().map(|(at, item)| render(format!("{name}.{at}"), item));
            Ok(Some(Values::Numbered(values.collect::<Result<_, _>>()?)))
        }
        Some(Value::Object(items)) if !items.is_empty() => {
            let values = items.iter().map(|(key, item)| Ok((key.clone(), render(format!("{name}.{key}"), item)?)));
            Ok(Some(Values::Named(values.collect::<Result<_, _>>()?)))
        }
        _ => Ok(None),
    }
}

/// WhatsApp refuses values that are empty or hold line breaks, tabs or more than four spaces on end (error 132018).
fn one_line(path: &str, text: &str) -> Result<String, String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.chars().count() {
        0 => Err(format!("{path}: is empty")),
        1..=MAX_VALUE => Ok(text),
        _ => Err(format!("{path}: becomes longer than {MAX_VALUE} characters")),
    }
}

fn unreachable(reason: &str) -> PrepareError {
    PrepareError::Unreachable { reason: reason.to_owned() }
}

/// What the contact reads, as far as it is known here: an answer's text, or a template's name with the values that were filled in.
pub(crate) fn shown(draft: &Draft<'_>, name: &str, content: &Value) -> String {
    if let Content::Reply { text, .. } = draft.content {
        return text.to_owned();
    }
    let name = draft.settings.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut values = Vec::new();
    collect(content, &mut values);
    format!("[template {name}] {}", values.join(" · ")).trim_end().to_owned()
}

fn collect<'a>(content: &'a Value, values: &mut Vec<&'a str>) {
    match content {
        Value::Object(fields) => {
            values.extend(["text", "value"].iter().filter_map(|name| fields.get(*name)?.as_str()));
            fields.values().for_each(|field| collect(field, values));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, values)),
        _ => {}
    }
}
