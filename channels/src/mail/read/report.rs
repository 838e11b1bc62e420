//! Reports about mails of ours: bounces (RFC 3464) and complaints (RFC 5965).

use chrono::{DateTime, Utc};
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders};
use stratagem_domain::communication::Delivery;

use super::super::address::references;
use super::{MAX_ADDRESS, headers};
use crate::{Event, StatusReport, Suppress};

/// What is read of a report's fields, in bytes; servers write some hundreds.
const MAX_FIELDS: usize = 64 << 10;
/// A server's own words are cut here, in characters.
const MAX_DIAGNOSTIC: usize = 300;

/// None where the mail is no such report. A report that names none of our messages tells nothing: anybody can write one.
pub(super) fn read(message: &Message<'_>, at: DateTime<Utc>) -> Option<Vec<Event>> {
    if !message.is_content_type("multipart", "report") {
        return None;
    }
    if let Some(part) = part(message, "delivery-status").or_else(|| part(message, "global-delivery-status")) {
        return Some(bounce(message, part, at).map(Event::Status).into_iter().collect());
    }
    let part = part(message, "feedback-report")?;
    Some(complaint(message, part).into_iter().collect())
}

fn part<'a>(message: &'a Message<'_>, subtype: &str) -> Option<&'a MessagePart<'a>> {
    message.parts.iter().find(|part| part.is_content_type("message", subtype))
}

fn bounce(message: &Message<'_>, part: &MessagePart<'_>, at: DateTime<Utc>) -> Option<StatusReport> {
    let groups = groups(part);
    // A delay is not the end, whatever its status; `failed` is, even where the last error was a passing one.
    let failed =
        groups.iter().find(|group| group.get("action").is_some_and(|action| action.eq_ignore_ascii_case("failed")))?;
    let original = Original::of(message);
    let of = original.references(message);
    if of.is_empty() {
        return None;
    }
    let code = failed.get("status").and_then(status_code);
    let diagnostic = failed.get("diagnostic-code").map(tidy).unwrap_or_default();
    let meaning = meaning(code.as_deref().unwrap_or_default());
    let reason = if diagnostic.is_empty() { meaning.to_owned() } else { format!("{meaning}: {diagnostic}") };
    // The contact's address as we wrote to it: behind a forwarding the final one is another.
    let address = || {
        let noted = ["original-recipient", "final-recipient"].into_iter().find_map(|name| failed.get(name));
        original.to.clone().or_else(|| noted.and_then(mailbox))
    };
    let gone = code.as_deref().filter(|code| is_gone(code)).and_then(|_| address());
    let suppress = gone.map(|address| Suppress { address, channels: &[] });
    Some(StatusReport { of, delivery: Delivery::Failed, code, reason: Some(reason), suppress, at })
}

fn complaint(message: &Message<'_>, part: &MessagePart<'_>) -> Option<Event> {
    let groups = groups(part);
    let fields = groups.first()?;
    let kind = fields.get("feedback-type")?.to_ascii_lowercase();
    if !["abuse", "fraud", "opt-out", "opt-out-list", "miscategorized", "other"].contains(&kind.as_str()) {
        return None;
    }
    let original = Original::of(message);
    if original.references(message).is_empty() {
        return None;
    }
    let address = fields.get("original-rcpt-to").and_then(mailbox).or(original.to)?;
    Some(Event::Blocked { address, reason: format!("complained to their mail provider ({kind})") })
}

/// What a report repeats of the mail that it is about.
struct Original {
    message_id: String,
    to: Option<String>,
}

impl Original {
    fn of(report: &Message<'_>) -> Self {
        let whole = report.parts.iter().find_map(MessagePart::message);
        let of = |message: &Message<'_>| Self {
            message_id: headers::value(message, "Message-ID").to_owned(),
            to: message.to().and_then(|to| to.first()?.address()).and_then(mailbox),
        };
        let only_headers = || {
            let part = report.parts.iter().find(|part| part.is_content_type("text", "rfc822-headers"))?;
            MessageParser::default().parse_headers(part.contents()).as_ref().map(of)
        };
        whole.map(of).or_else(only_headers).unwrap_or(Self { message_id: String::new(), to: None })
    }

    fn references(&self, report: &Message<'_>) -> Vec<String> {
        let mut found = headers::recipients(report);
        found.extend(references(&self.message_id));
        headers::unique(found)
    }
}

/// One block of fields; names are in lower case.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// The blocks of fields, which blank lines separate.
fn groups(part: &MessagePart<'_>) -> Vec<Fields> {
    let bytes = part.contents();
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_FIELDS)]);
    let mut groups = vec![Fields(Vec::new())];
    for line in text.lines() {
        let Some(group) = groups.last_mut() else { break };
        if line.trim().is_empty() {
            groups.push(Fields(Vec::new()));
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = group.0.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            group.0.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    groups.retain(|group| !group.0.is_empty());
    groups
}

/// `rfc822;ada@contact.example`, or an address in brackets.
fn mailbox(value: &str) -> Option<String> {
    let address = value.rsplit_once(';').map_or(value, |(_, address)| address).trim();
    let address = address.trim_start_matches('<').trim_end_matches('>').to_lowercase();
    let fits = address.len() <= MAX_ADDRESS
        && address.contains('@')
        && !address.contains(|c: char| c.is_control() || c == ' ');
    fits.then_some(address)
}

/// A status as RFC 3463 has it, without the comment that may follow.
fn status_code(value: &str) -> Option<String> {
    let code = value.split_whitespace().next()?;
    let mut numbers = code.split('.');
    let three = numbers.by_ref().take(3).filter(|number| (1..=3).contains(&number.len())).count() == 3;
    let digits = code.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (three && digits && numbers.next().is_none()).then(|| code.to_owned())
}

/// Whether the address is the fault, for good. 5.1.7 and 5.1.8 are about the sender's address; 5.7 is policy, 5.2.2 a full mailbox.
fn is_gone(code: &str) -> bool {
    code == "5.2.1" || (code.starts_with("5.1.") && !["5.1.7", "5.1.8", "5.1.9"].contains(&code))
}

fn meaning(code: &str) -> &'static str {
    match code.split('.').skip(1).map(|number| number.parse().unwrap_or(0)).collect::<Vec<u32>>()[..] {
        [1, 7..=9] => "the sender's address was not accepted",
        [1, _] => "the address does not exist",
        [2, 1] => "the mailbox is closed",
        [2, 2] => "the mailbox is full",
        [2, 3] | [3, 4] => "the mail is too large",
        [4, _] => "the contact's mail server could not be reached",
        [7, _] => "the contact's mail server refused the mail by its rules",
        _ => "the mail could not be delivered",
    }
}

/// The server's words, without the protocol's name before them.
fn tidy(diagnostic: &str) -> String {
    let words =
        diagnostic.split_once(';').filter(|(kind, _)| !kind.contains(' ')).map_or(diagnostic, |(_, words)| words);
    words
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_DIAGNOSTIC)
        .collect::<String>()
        .trim()
        .to_owned()
}
