//! The message's bytes (RFC 5322): headers that nobody can inject into, a text part and an HTML part.

use std::time::{Duration, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};

use super::body::Body;

/// The last second that a `Date` header can name, 31 December 9999.
const LAST_DATE: i64 = 253_402_300_799;
/// RFC 5322 section 2.1.1 allows lines of 998 characters.
const MAX_URL: usize = 900;
/// A subject is cut here, in characters; clients show about 100.
const MAX_SUBJECT: usize = 500;
/// A display name is cut here, in characters.
const MAX_NAME: usize = 100;

/// What a message is made of.
pub(super) struct Parts<'a> {
    pub(super) from: Mailbox,
    pub(super) to: Address,
    /// The contact's, beside its address.
    pub(super) name: &'a str,
    pub(super) subject: &'a str,
    pub(super) body: Body,
    pub(super) reference: &'a str,
    /// Empty for none.
    pub(super) unsubscribe_url: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// The `Message-ID` without its brackets; bounces and answers refer to it.
pub(super) fn id(reference: &str, domain: &str) -> String {
    format!("{reference}@{domain}")
}

impl Parts<'_> {
    /// The complete message. The same parts give the same bytes, so that a repeated attempt is recognised as such.
    ///
    /// # Errors
    /// Nothing is left of the subject.
    pub(super) fn build(self) -> Result<Vec<u8>, String> {
        let subject = one_line(self.subject, MAX_SUBJECT);
        if subject.is_empty() {
            return Err("subject: is empty".to_owned());
        }
        let name = Some(one_line(self.name, MAX_NAME)).filter(|name| !name.is_empty());
        let seconds = u64::try_from(self.now.timestamp().clamp(0, LAST_DATE)).unwrap_or_default();
        let mut message = Message::builder()
            .raw_header(header("Message-ID", &format!("<{}>", id(self.reference, self.from.email.domain()))))
            .date(UNIX_EPOCH + Duration::from_secs(seconds))
            .from(self.from)
            .to(Mailbox::new(name, self.to))
            .subject(subject)
            // Answering machines stay silent (RFC 3834).
            .raw_header(header("Auto-Submitted", "auto-generated"));
        if fits_header(self.unsubscribe_url) {
            // One click in the mail program is enough (RFC 8058).
            message = message
                .raw_header(header("List-Unsubscribe", &format!("<{}>", self.unsubscribe_url)))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        let parts = MultiPart::alternative()
            // lettre would draw one at random. `=_` occurs in neither of the encodings that it uses for long lines.
            .boundary(format!("=_{}", self.reference))
            .singlepart(SinglePart::plain(self.body.text))
            .singlepart(SinglePart::html(self.body.html));
        message.multipart(parts).map(|message| message.formatted()).map_err(|error| error.to_string())
    }
}

/// A header whose value is ASCII already, and must not be folded or encoded.
fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.to_owned(), value.to_owned())
}

/// Control characters become spaces: there is no way to begin another header.
fn one_line(text: &str, longest: usize) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(longest).collect()
}

fn fits_header(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    web && url.len() <= MAX_URL && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\",".contains(&byte))
}
