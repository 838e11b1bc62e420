//! `texts` and `changes` of `wit/python-runtime.wit`: many texts as one.

use serde::Serialize;

/// Texts on their way into the guest.
pub(super) struct Joined {
    absent: char,
    between: char,
    texts: String,
}

impl Joined {
    /// No text yet. `plain` are those that will come and are no JSON, which has no control characters.
    pub(super) fn beside(plain: &[Option<&str>]) -> Self {
        let unused = |mark: &char| !plain.iter().flatten().any(|text| text.contains(*mark));
        let mut unused = ('\0'..' ').chain('\u{e000}'..=char::MAX).filter(unused);
        // Texts that had all of those would be larger than a contact may be.
        let mut mark = || unused.next().unwrap_or_default();
        let (between, absent) = (mark(), mark());
        let mut texts = String::with_capacity(1024);
        texts.push(absent);
        Self { absent, between, texts }
    }

    pub(super) fn add(&mut self, text: Option<&str>) {
        self.texts.push(self.between);
        match text {
            Some(text) => self.texts.push_str(text),
            None => self.texts.push(self.absent),
        }
    }

    /// The JSON text of a document, which always has one: its keys are texts, and its numbers finite.
    pub(super) fn add_json(&mut self, document: Option<&impl Serialize>) {
        self.add(document.map(|document| serde_json::to_string(document).unwrap_or_default()).as_deref());
    }

    pub(super) fn finish(self) -> String {
        self.texts
    }
}

/// The changes that came out of the guest.
pub(super) fn apart(changes: &str) -> impl Iterator<Item = &str> {
    let mut marks = changes.chars();
    let between = marks.next();
    let rest = Some(marks.as_str()).filter(|rest| !rest.is_empty());
    between.zip(rest).into_iter().flat_map(|(between, rest)| rest.split(between))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As the guest does it.
    fn split(texts: &str) -> Vec<Option<&str>> {
        let mut marks = texts.chars();
        let (absent, between) = (marks.next().unwrap(), marks.next().unwrap());
        let absent = absent.to_string();
        texts.split(between).skip(1).map(|text| Some(text).filter(|text| *text != absent)).collect()
    }

    proptest! {
        #[test]
        fn texts_are_the_same_after_they_crossed(
            texts in prop::collection::vec(prop::option::of("[a\0\u{1}\u{2}\u{e000}é]{0,3}"), 1..6)
        ) {
            let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
            let mut joined = Joined::beside(&texts);
            texts.iter().for_each(|text| joined.add(*text));
            let crossing = joined.finish();
            prop_assert_eq!(split(&crossing), texts);
        }

        #[test]
        fn changes_are_told_apart(changes in prop::collection::vec("[a-m][a\u{1}é]{0,3}", 0..5)) {
            let crossing: String = if changes.is_empty() { "\0".to_owned() } else { changes.iter().map(|change| format!("\0{change}")).collect() };
            prop_assert_eq!(apart(&crossing).collect::<Vec<_>>(), changes);
        }
    }
}
