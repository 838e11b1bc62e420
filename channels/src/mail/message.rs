//! The message's bytes (RFC 5322): headers that nobody can inject into, a text part and an HTML part.

use std::time::{Duration, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};

use super::body::Body;
use super::thread::Thread;

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
    /// Where answers go, if not to `from`.
    pub(super) reply_to: Option<Address>,
    pub(super) occasion: Occasion<'a>,
    pub(super) now: DateTime<Utc>,
}

/// Why it is written.
pub(super) enum Occasion<'a> {
    /// The campaign begins to talk.
    Opening {
        /// Empty for none.
        unsubscribe_url: &'a str,
    },
    /// The contact wrote this.
    Answer(&'a Thread),
}

/// The `Message-ID` of a message that was built here, without its brackets; bounces and answers refer to it.
pub(super) fn id(message: &[u8]) -> Option<String> {
    let first = message.split(|byte| *byte == b'\n').next()?;
    let id = std::str::from_utf8(first).ok()?.trim().strip_prefix("Message-ID: <")?.strip_suffix('>')?;
    Some(id.to_owned())
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
            .raw_header(header("Message-ID", &format!("<{}@{}>", self.reference, self.from.email.domain())))
            .date(UNIX_EPOCH + Duration::from_secs(seconds))
            .from(self.from)
            .to(Mailbox::new(name, self.to))
            .subject(subject);
        if let Some(reply_to) = self.reply_to {
            message = message.reply_to(Mailbox::new(None, reply_to));
        }
        message = self.occasion.headers().into_iter().fold(message, |message, header| message.raw_header(header));
        let parts = MultiPart::alternative()
            // lettre would draw one at random. `=_` occurs in neither of the encodings that it uses for long lines.
            .boundary(format!("=_{}", self.reference))
            .singlepart(SinglePart::plain(self.body.text))
            .singlepart(SinglePart::html(self.body.html));
        message.multipart(parts).map(|message| message.formatted()).map_err(|error| error.to_string())
    }
}

impl Occasion<'_> {
    fn headers(&self) -> Vec<HeaderValue> {
        match self {
            // Answering machines stay silent (RFC 3834).
            Self::Opening { unsubscribe_url } => {
                let mut headers = vec![header("Auto-Submitted", "auto-generated")];
                if fits_header(unsubscribe_url) {
                    // One click in the mail program is enough (RFC 8058).
                    headers.push(header("List-Unsubscribe", &format!("<{unsubscribe_url}>")));
                    headers.push(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
                }
                headers
            }
            Self::Answer(thread) => {
                let mut headers = vec![header("Auto-Submitted", "auto-replied")];
                if let Some(id) = &thread.message_id {
                    headers.push(header("In-Reply-To", &format!("<{id}>")));
                }
                let ids: Vec<String> = thread.answer_references().iter().map(|id| format!("<{id}>")).collect();
                if !ids.is_empty() {
                    headers.push(header("References", &ids.join("\r\n ")));
                }
                headers
            }
        }
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
