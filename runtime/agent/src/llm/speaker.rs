//! Saying what a model writes while it writes it.

use crate::{Aloud, sentences::first_piece, text};

/// What is said in one turn, over all its requests.
pub(super) struct Speaker<'a> {
    /// None where the turn is not made aloud: then all is said at its end.
    aloud: Option<&'a Aloud>,
    /// What of it has been said aloud.
    said: String,
    /// How much of the present answer that is, in bytes.
    taken: usize,
    /// Most that may be said in the turn, in characters.
    most: usize,
}

impl<'a> Speaker<'a> {
    pub(super) fn new(aloud: Option<&'a Aloud>, most: usize) -> Self {
        Self { aloud, said: String::new(), taken: 0, most }
    }

    /// Nobody hears anything.
    pub(super) fn silent() -> Self {
        Self::new(None, 0)
    }

    /// Whether there is somebody who hears words before the turn is done.
    pub(super) fn is_aloud(&self) -> bool {
        self.aloud.is_some()
    }

    /// What has been said aloud; nothing can be taken back of it.
    pub(super) fn said(&self) -> Option<&str> {
        Some(self.said.as_str()).filter(|said| !said.is_empty())
    }

    /// Says each whole sentence of what the model has written of its answer so far.
    pub(super) async fn hear(&mut self, answer: &str) {
        let Some(aloud) = self.aloud else { return };
        while let Some(end) = first_piece(rest(answer, self.taken)) {
            let piece = self.joined(&rest(answer, self.taken)[..end]);
            // The rest is cut to size where all of it is known.
            if self.left() < piece.chars().count() || !aloud.say(piece.clone()).await {
                return;
            }
            self.said.push_str(&piece);
            self.taken += end;
        }
    }

    /// All that the turn says if it ends with this answer, and none where that is nothing.
    pub(super) fn whole(&self, answer: &str) -> Option<String> {
        let rest = self.joined(rest(answer, self.taken));
        let rest = if self.left() > 0 { text::shorten(rest.trim_end(), self.left()) } else { String::new() };
        Some(format!("{}{}", self.said, rest.trim_end())).filter(|whole| !whole.is_empty())
    }

    /// The answer was of no use; another one follows.
    pub(super) fn again(&mut self) {
        self.taken = 0;
    }

    fn left(&self) -> usize {
        self.most.saturating_sub(self.said.chars().count())
    }

    /// A piece as it follows what was said: what another answer begins with is apart from it.
    fn joined(&self, piece: &str) -> String {
        let apart = self.taken == 0 && !self.said.is_empty() && !piece.trim().is_empty();
        if apart { format!(" {piece}") } else { piece.to_owned() }
    }
}

/// What follows in an answer after so much of it, in bytes, without the space that it begins with.
fn rest(answer: &str, taken: usize) -> &str {
    answer.trim_start().get(taken..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is said aloud of answers that are written in chunks of so many characters, and the whole.
    fn speak(answers: &[&str], chunk: usize, most: usize) -> (String, Option<String>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (aloud, mut pieces) = Aloud::new();
            let listening = tokio::spawn(async move {
                let mut heard = String::new();
                while let Some(piece) = pieces.recv().await {
                    heard += &piece;
                }
                heard
            });
            let mut speaker = Speaker::new(Some(&aloud), most);
            let mut whole = None;
            for (nth, answer) in answers.iter().enumerate() {
                if nth > 0 {
                    speaker.again();
                }
                let mut written = String::new();
                for c in answer.chars().collect::<Vec<_>>().chunks(chunk) {
                    written.extend(c);
                    speaker.hear(&written).await;
                }
                whole = speaker.whole(answer.trim());
            }
            drop(aloud);
            (listening.await.unwrap(), whole)
        })
    }

    #[test]
    fn whole_sentences_are_said_at_once_and_the_rest_at_the_end() {
        let whole = |text: &str| Some(text.to_owned());
        let (said, all) = speak(&[" Good day! Is it 3.5? Yes. "], 1, 500);
        assert_eq!((said.as_str(), all), ("Good day! Is it 3.5? Yes.", whole("Good day! Is it 3.5? Yes.")));
        let (said, all) = speak(&["One. Two", "Three. Four"], 2, 500);
        assert_eq!(
            (said.as_str(), all),
            ("One. Three.", whole("One. Three. Four")),
            "what was not said aloud is not said"
        );
        let (said, all) = speak(&["One. Two.", ""], 3, 500);
        assert_eq!((said.as_str(), all), ("One.", whole("One.")));
        let (said, all) = speak(&["One is here. Two is too long."], 1, 20);
        assert_eq!((said.as_str(), all), ("One is here.", whole("One is here. Two…")));
    }

    proptest! {
        #[test]
        fn what_is_said_aloud_is_the_beginning_of_the_whole(
            answers in prop::collection::vec("[a-c .!?é\n]{0,60}", 1..4), chunk in 1_usize..9, most in 1_usize..90,
        ) {
            let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
            let (said, whole) = speak(&answers, chunk, most);
            let all = whole.clone().unwrap_or_default();
            prop_assert!(all.starts_with(&said), "{said:?} {all:?}");
            prop_assert!(all.chars().count() <= most && all.trim() == all, "{all:?}");
            prop_assert_eq!(speak(&answers, 60, most), (said, whole));
        }
    }
}
