//! What an answer needs to know of the mail that it answers (RFC 5322 section 3.6.4), as it is stored with the message.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// References of an answer; longer threads keep the first and the latest.
const MAX_REFERENCES: usize = 12;
/// A message id, in bytes: with its header's name it fits the 998 of a line.
const MAX_ID: usize = 250;
/// What mail programs in several languages put before the subject of an answer.
const ANSWERS: [&str; 15] =
    ["re", "aw", "antw", "sv", "vs", "ref", "rif", "r", "res", "odp", "ynt", "回复", "回覆", "答复", "返信"];

/// A mail, as its answer refers to it. Ids are without their brackets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Thread {
    pub(super) message_id: Option<String>,
    /// The mails before it, oldest first.
    pub(super) references: Vec<String>,
    pub(super) subject: Option<String>,
}

impl Thread {
    /// From what is stored. It came from outside, and may be anything.
    pub(super) fn of(stored: &Value) -> Self {
        let mut thread: Self = serde_json::from_value(stored.clone()).unwrap_or_default();
        thread.message_id = thread.message_id.filter(|id| is_id(id));
        thread.references.retain(|id| is_id(id));
        thread
    }

    pub(super) fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The `References` of its answer: those before it, and itself.
    pub(super) fn answer_references(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.references.iter().map(String::as_str).chain(self.message_id.as_deref()).collect();
        let surplus = all.len().saturating_sub(MAX_REFERENCES);
        if surplus > 0 {
            all.drain(1..=surplus);
        }
        all
    }
}

/// Whether it can stand in a header as it is.
pub(super) fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= MAX_ID && id.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte))
}

/// The subject of an answer: one `Re:`, however many there were.
pub(super) fn answer_subject(subject: &str) -> String {
    let mut rest = subject.trim();
    while let Some((before, after)) = rest.split_once([':', '：']) {
        let word = before.split('[').next().unwrap_or_default().trim().to_lowercase();
        if !ANSWERS.contains(&word.as_str()) {
            break;
        }
        rest = after.trim();
    }
    format!("Re: {rest}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_has_one_prefix() {
        for (subject, expected) in [
            ("Reminder", "Re: Reminder"),
            ("Re: Reminder", "Re: Reminder"),
            ("AW: RE[2]: Antw: Rechnung: 7", "Re: Rechnung: 7"),
            ("回复：账单", "Re: 账单"),
            ("Regarding: x", "Re: Regarding: x"),
            ("", "Re: "),
        ] {
            assert_eq!(answer_subject(subject), expected);
        }
    }

    #[test]
    fn what_is_stored_may_be_anything() {
        for odd in [json!(null), json!(7), json!({"references": 3}), json!({"message_id": "a b"}), json!([])] {
            assert_eq!(Thread::of(&odd).answer_references(), Vec::<&str>::new(), "{odd}");
        }
        let thread = Thread::of(&json!({"message_id": "m@x", "references": ["a@x", "b\r\nBcc: c", "é@x"]}));
        assert_eq!(thread.answer_references(), ["a@x", "m@x"]);
        assert_eq!(Thread::of(&thread.to_json()), thread);
        let long: Vec<String> = (0..40).map(|n| format!("{n}@x")).collect();
        let long = Thread { references: long, message_id: Some("m@x".to_owned()), subject: None };
        let kept = long.answer_references();
        assert_eq!((kept.len(), kept[0], kept[1], kept[11]), (12, "0@x", "30@x", "m@x"));
    }
}
