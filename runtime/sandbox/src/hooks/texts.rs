//! `texts` of `wit/python-runtime.wit`: many texts as one, some of them absent.

use std::iter;

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

/// The texts that came out of the guest.
pub(super) fn split(texts: &str) -> impl Iterator<Item = Option<&str>> {
    let mut marks = texts.chars();
    let (absent, between) = (marks.next(), marks.next());
    let mut rest = between.map(|between| texts.split(between));
    // The first piece is the mark of an absent text.
    rest.as_mut().map(Iterator::next);
    let is_absent = move |text: &&str| text.chars().eq(iter::once(absent.unwrap_or_default()));
    rest.into_iter().flatten().map(move |text| Some(text).filter(|text| !is_absent(text)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_the_same_after_they_crossed(
            texts in prop::collection::vec(prop::option::of("[a\0\u{1}\u{2}\u{e000}é]{0,3}"), 0..6)
        ) {
            let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
            let mut joined = Joined::beside(&texts);
            texts.iter().for_each(|text| joined.add(*text));
            let crossing = joined.finish();
            prop_assert_eq!(split(&crossing).collect::<Vec<_>>(), texts);
        }
    }
}
