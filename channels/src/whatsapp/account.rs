//! Checks that integrations of both kinds share.

use serde_json::{Map, Value};
use stratagem_domain::channel::FieldError;
use url::Url;

use crate::settings::Fields;

/// Notes a `base_url` that is none.
pub(crate) fn check_base_url(fields: &mut Fields<'_>) {
    if let Some(text) = fields.text("base_url")
        && !text.is_empty()
        && parse_base_url(text).is_none()
    {
        fields.wrong("base_url", "must be an http or https URL without query, fragment or password");
    }
}

/// Notes a text that is missing, or that holds what has no place in a URL's path.
pub(crate) fn check_path_part(fields: &mut Fields<'_>, name: &str) {
    if let Some(text) = fields.required_text(name)
        && !(text.len() <= 100 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)))
    {
        fields.wrong(name, "must be letters, digits, `-`, `_` and `.` only");
    }
}

/// The fields' faults, and those of the secrets: `known` are all required.
///
/// # Errors
/// Every fault.
pub(crate) fn finish(fields: Fields<'_>, secrets: &[&str], known: &[&str]) -> Result<(), Vec<FieldError>> {
    let mut errors = fields.into_errors();
    for name in secrets.iter().filter(|name| !known.contains(name)) {
        let message = format!("unknown secret; there are {}", known.join(", "));
        errors.push(FieldError::new(format!("secrets.{name}"), message));
    }
    for name in known.iter().filter(|name| !secrets.contains(name)) {
        errors.push(FieldError::new(format!("secrets.{name}"), "is required"));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// The address of one thing: `base_url`, or `default` where there is none, and then `path`, part by part.
///
/// # Errors
/// In plain words; never for what [`check_base_url`] let pass.
pub(crate) fn address(settings: &Map<String, Value>, default: &str, path: &[&str]) -> Result<Url, String> {
    let text = settings.get("base_url").and_then(Value::as_str).filter(|text| !text.is_empty()).unwrap_or(default);
    let mut url = parse_base_url(text).ok_or("settings.base_url is no http or https URL")?;
    url.path_segments_mut().map_err(|()| "settings.base_url has no path")?.pop_if_empty().extend(path);
    Ok(url)
}

fn parse_base_url(text: &str) -> Option<Url> {
    let url: Url = text.parse().ok()?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (matches!(url.scheme(), "http" | "https") && url.has_host() && plain && url.password().is_none()).then_some(url)
}
