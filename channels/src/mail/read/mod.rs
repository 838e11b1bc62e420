//! What a mail that came in means: somebody's answer, a machine's note, a bounce, a complaint. All of it comes from outside: sizes and
//! counts are bounded, and nothing that a mail says makes this panic.

mod headers;
mod machine;
mod quotes;
mod report;
mod text;

use chrono::{DateTime, Utc};
use mail_parser::{Message, MessageParser};
use sha2::{Digest, Sha256};

use super::address::MAX_ADDRESS;
use super::thread::{Thread, is_id};
use crate::{Event, InboundMessage};

/// Larger mails are not read, in bytes.
pub(crate) const MAX_BYTES: usize = 10 << 20;
/// References that are looked at.
const MAX_REFERENCES: usize = 50;
/// A subject is cut here, in characters.
const MAX_SUBJECT: usize = 300;

/// Reads a mail as it came over the wire (RFC 5322). `arrived` is when the server took it; without it the mail's own date counts.
/// Gives nothing for what is no mail, concerns nobody, or is larger than 10 MiB.
pub fn read(raw: &[u8], arrived: Option<DateTime<Utc>>) -> Vec<Event> {
    if raw.len() > MAX_BYTES {
        return Vec::new();
    }
    let Some(message) = MessageParser::default().parse(raw).filter(|message| !message.parts.is_empty()) else {
        return Vec::new();
    };
    let at = arrived.or_else(|| written(&message)).unwrap_or(DateTime::UNIX_EPOCH);
    match report::read(&message, at) {
        Some(events) => events,
        None => vec![Event::Message(inbound(&message, raw, at))],
    }
}

fn written(message: &Message<'_>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(message.date()?.to_timestamp(), 0)
}

fn inbound(message: &Message<'_>, raw: &[u8], at: DateTime<Utc>) -> InboundMessage {
    let from = headers::from(message);
    let automatic = machine::wrote(message, from.as_deref());
    InboundMessage {
        id: message_id(message).unwrap_or_else(|| format!("sha256:{}", hex(&Sha256::digest(raw)))),
        from: from.into_iter().collect(),
        answers: headers::answers(message),
        text: text::of(message),
        thread: thread(message).to_json(),
        at,
        automatic,
    }
}

fn thread(message: &Message<'_>) -> Thread {
    let references = headers::ids(message, "References");
    let references = if references.is_empty() { headers::ids(message, "In-Reply-To") } else { references };
    let subject = message.subject().map(|subject| {
        let spaced: String = subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        spaced.trim().chars().take(MAX_SUBJECT).collect()
    });
    Thread { message_id: message_id(message), references, subject }
}

fn message_id(message: &Message<'_>) -> Option<String> {
    message.message_id().map(str::trim).filter(|id| is_id(id)).map(str::to_owned)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
