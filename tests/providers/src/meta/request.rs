//! What a request must be like.

use axum::http::HeaderMap;
use serde_json::Value;

/// An error of Meta's: HTTP status, code, details.
pub(super) type Fault = (u16, i64, String);

/// `name/1.0.0` and the right token.
pub(super) fn check_headers(headers: &HeaderMap) -> Result<(), Fault> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if header("authorization") != format!("Bearer {}", super::ACCESS_TOKEN) {
        return Err((401, 190, "Invalid OAuth access token - Cannot parse access token".to_owned()));
    }
    let agent = header("user-agent").split_once('/').is_some_and(|(name, version)| {
        let numbers: Vec<&str> = version.split('.').collect();
        let is_number = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        !name.is_empty() && numbers.len() == 3 && numbers.iter().all(is_number)
    });
    if agent { Ok(()) } else { Err((400, 100, "User-Agent must look like name/1.0.0".to_owned())) }
}

/// The recipient of a message that is as Meta describes it: the number's digits, or the user's id.
pub(super) fn check_message(body: &Value, lenient: bool) -> Result<String, Fault> {
    let known = [
        "messaging_product",
        "recipient_type",
        "to",
        "recipient",
        "type",
        "text",
        "template",
        "context",
        "biz_opaque_callback_data",
    ];
    only(body, &known, "")?;
    if body["messaging_product"] != "whatsapp" {
        return Err(missing("messaging_product"));
    }
    if body["recipient_type"] != "individual" {
        return Err(missing("recipient_type"));
    }
    if body.get("context").is_some() {
        only(&body["context"], &["message_id"], "context.")?;
        text(&body["context"]["message_id"], "context.message_id")?;
    }
    if body["biz_opaque_callback_data"].as_str().is_some_and(|text| text.len() > 512) {
        return Err((400, 100, "biz_opaque_callback_data is longer than 512".to_owned()));
    }
    match body["type"].as_str() {
        Some("text") => check_text(&body["text"])?,
        Some("template") => check_template(&body["template"], lenient)?,
        _ => return Err((400, 131_009, "type".to_owned())),
    }
    whom(body)
}

fn whom(body: &Value) -> Result<String, Fault> {
    match (body["to"].as_str(), body["recipient"].as_str()) {
        (Some(number), None) => {
            let digits = number.trim_start_matches('+');
            let fits = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            fits.then(|| digits.to_owned()).ok_or((400, 131_009, "to is no phone number".to_owned()))
        }
        (None, Some(user)) if user.contains('.') => Ok(user.to_owned()),
        _ => Err(missing("to")),
    }
}

fn check_text(message: &Value) -> Result<(), Fault> {
    only(message, &["body", "preview_url"], "text.")?;
    let body = text(&message["body"], "text.body")?;
    if body.chars().count() > 4096 { Err((400, 131_009, "text.body is too long".to_owned())) } else { Ok(()) }
}

fn check_template(template: &Value, lenient: bool) -> Result<(), Fault> {
    only(template, &["name", "language", "components"], "template.")?;
    text(&template["name"], "template.name")?;
    only(&template["language"], &["code", "policy"], "template.language.")?;
    text(&template["language"]["code"], "template.language.code")?;
    let policy = &template["language"]["policy"];
    if policy != "deterministic" && !(lenient && policy.is_null()) {
        return Err(missing("template.language.policy"));
    }
    for component in template["components"].as_array().into_iter().flatten() {
        only(component, &["type", "sub_type", "index", "parameters"], "template.components.")?;
        for parameter in component["parameters"].as_array().ok_or_else(|| missing("parameters"))? {
            let value = match parameter["type"].as_str() {
                Some("text") => text(&parameter["text"], "parameter.text")?,
                Some(media @ ("image" | "video" | "document")) => text(&parameter[media]["link"], "parameter.link")?,
                _ => return Err(missing("parameter.type")),
            };
            if value.contains(['\n', '\t']) || value.contains("     ") {
                return Err((
                    400,
                    132_018,
                    "parameter text cannot have new-lines, tabs or more than 4 spaces".to_owned(),
                ));
            }
        }
    }
    Ok(())
}

/// How many parameters the body has.
pub(super) fn parameters(template: &Value) -> usize {
    let components = template["components"].as_array().into_iter().flatten();
    components
        .filter(|component| component["type"] == "body")
        .filter_map(|body| body["parameters"].as_array())
        .flatten()
        .count()
}

fn only(object: &Value, known: &[&str], prefix: &str) -> Result<(), Fault> {
    let fields = object.as_object().ok_or_else(|| missing(prefix.trim_end_matches('.')))?;
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err((400, 100, format!("Unexpected key \"{prefix}{name}\""))),
        None => Ok(()),
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, Fault> {
    value.as_str().filter(|text| !text.is_empty()).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Fault {
    (400, 131_008, format!("{name} is missing"))
}
