//! What stages of all channels that speak have in common.

use crate::settings::Fields;
use crate::template::Templates;

/// Checks `greeting` (a template of what is said first) and `language` (how speech is understood and spoken).
pub(crate) fn check(fields: &mut Fields<'_>, templates: &Templates) {
    fields.template("greeting", templates);
    if fields.text("language").is_some_and(|tag| !is_language(tag)) {
        fields.wrong("language", "must be a language such as en-US (BCP 47)");
    }
}

/// Whether it looks like a tag of BCP 47: a language of two or three letters, and parts of up to eight letters or digits.
pub(crate) fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    let language = (2..=3).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    language && tag.len() <= 35 && parts.all(part)
}
