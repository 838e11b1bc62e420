//! Who a mail is from, and which of our messages its headers name.

use mail_parser::Message;

use super::super::address::references;
use super::super::thread::is_id;
use super::{MAX_ADDRESS, MAX_REFERENCES};

/// Where servers note whom a mail was delivered to; the first is the surest.
const RECIPIENTS: [&str; 6] = ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc"];

/// The values of a header, as they came.
pub(super) fn values<'a>(message: &'a Message<'_>, name: &'a str) -> impl Iterator<Item = &'a str> {
    message.headers_raw().filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// The first value of a header, or nothing.
pub(super) fn value<'a>(message: &'a Message<'_>, name: &'a str) -> &'a str {
    values(message, name).next().unwrap_or_default()
}

/// The writer's address, in lower case.
pub(super) fn from(message: &Message<'_>) -> Option<String> {
    let address = message.from()?.first()?.address()?.trim().to_lowercase();
    let fits = address.len() <= MAX_ADDRESS && address.contains('@') && !address.contains(char::is_control);
    fits.then_some(address)
}

/// The references of our messages that it was sent to or answers, the surest first.
pub(super) fn answers(message: &Message<'_>) -> Vec<String> {
    let mut found = recipients(message);
    found.extend(values(message, "In-Reply-To").flat_map(references).take(MAX_REFERENCES));
    // The latest message is the last one.
    found.extend(values(message, "References").flat_map(|value| references(value).rev()).take(MAX_REFERENCES));
    unique(found)
}

/// Those that it was sent to.
pub(super) fn recipients(message: &Message<'_>) -> Vec<String> {
    let values = RECIPIENTS.iter().flat_map(|name| values(message, name));
    unique(values.flat_map(references).take(MAX_REFERENCES).collect())
}

/// The message ids in a header, without their brackets; the latest where there are too many.
pub(super) fn ids(message: &Message<'_>, name: &str) -> Vec<String> {
    let mut ids: Vec<String> = values(message, name)
        .flat_map(|value| value.split(['<', '>', ' ', '\t', '\r', '\n', ',']))
        .filter(|id| is_id(id) && id.contains('@'))
        .map(str::to_owned)
        .collect();
    ids.drain(..ids.len().saturating_sub(MAX_REFERENCES));
    ids
}

pub(super) fn unique(found: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for one in found {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}
