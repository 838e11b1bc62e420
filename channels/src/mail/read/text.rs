//! What somebody wrote, as text.

use mail_parser::{Message, MessagePart, MimeHeaders, PartType};

use super::super::html_text;
use super::quotes;

/// What is read of each part, in bytes.
const MAX_PART: usize = 256 << 10;
/// Parts that are read.
const MAX_PARTS: usize = 20;
/// What is kept, in bytes.
const MAX_TEXT: usize = 32 << 10;
/// Attachments that are named.
const MAX_NAMES: usize = 10;

/// The text without quotes and signature; attachments are named in brackets.
pub(super) fn of(message: &Message<'_>) -> String {
    let mut text = joined(message.text_bodies());
    if text.trim().is_empty() {
        text = joined(message.html_bodies());
    }
    let mut kept = cut(&quotes::strip(&text), MAX_TEXT).trim().to_owned();
    for name in message.attachments().filter_map(name).take(MAX_NAMES) {
        kept.push_str(if kept.is_empty() { "" } else { "\n" });
        kept.push_str(&format!("[attachment: {name}]"));
    }
    if kept.is_empty() { "[empty mail]".to_owned() } else { kept }
}

fn joined<'a>(parts: impl Iterator<Item = &'a MessagePart<'a>>) -> String {
    let texts: Vec<String> = parts.take(MAX_PARTS).filter_map(part).collect();
    texts.join("\n")
}

fn part(part: &MessagePart<'_>) -> Option<String> {
    match &part.body {
        PartType::Text(text) => Some(tidy(cut(text, MAX_PART))),
        PartType::Html(html) => Some(tidy(&html_text::convert(cut(html, MAX_PART)))),
        _ => None,
    }
}

/// Line ends become `\n`; what nobody sees is left out.
fn tidy(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\u{a0}', " ");
    let seen =
        |c: &char| (!c.is_control() || matches!(c, '\n' | '\t')) && !matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}');
    text.chars().filter(seen).collect()
}

/// Pictures within the text are mostly logos, so only what was attached is named.
fn name(part: &MessagePart<'_>) -> Option<String> {
    match &part.body {
        PartType::Message(_) => return Some("a mail".to_owned()),
        PartType::InlineBinary(_) if part.content_id().is_some() => return None,
        _ => {}
    }
    let name = part.attachment_name().unwrap_or("a file");
    Some(name.chars().filter(|c| !c.is_control() && !"[]".contains(*c)).take(100).collect())
}

fn cut(text: &str, longest: usize) -> &str {
    let mut end = text.len().min(longest);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
