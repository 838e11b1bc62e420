//! Whether a machine wrote a mail (RFC 3834): two of them that answer each other would never end.

use mail_parser::{Message, MimeHeaders};

use super::headers::{value, values};

/// What such mailboxes are called; with `+` or a number after it as well.
const MAILBOXES: [&str; 9] = [
    "mailer-daemon",
    "postmaster",
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "auto-reply",
    "autoreply",
];
/// Headers that only machines write.
const HEADERS: [&str; 7] = [
    "X-Auto-Response-Suppress",
    "List-Id",
    "X-Autoreply",
    "X-Autorespond",
    "X-Auto-Reply-From",
    "Feedback-ID",
    "X-Failed-Recipients",
];

/// Whether nobody should answer it.
pub(super) fn wrote(message: &Message<'_>, from: Option<&str>) -> bool {
    let submitted = value(message, "Auto-Submitted").split(';').next().unwrap_or_default().trim();
    if !submitted.is_empty() && !submitted.eq_ignore_ascii_case("no") {
        return true;
    }
    let precedence = value(message, "Precedence").to_ascii_lowercase();
    if ["bulk", "junk", "list", "auto_reply"].contains(&precedence.as_str()) {
        return true;
    }
    let nobody = values(message, "Return-Path").any(|path| path.replace(char::is_whitespace, "") == "<>");
    let named = HEADERS.iter().any(|name| values(message, name).next().is_some());
    nobody || named || message.is_content_type("multipart", "report") || from.is_some_and(is_machine)
}

fn is_machine(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default();
    let name =
        local.split('+').next().unwrap_or_default().trim_end_matches(|c: char| c.is_ascii_digit() || "-_.".contains(c));
    MAILBOXES.contains(&name)
}
