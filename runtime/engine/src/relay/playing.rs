//! Whether the last words of a call have been played: ending it earlier would cut them off.

use std::time::Duration;

use tokio::time::Instant;

use crate::calls::cut;

/// How long the provider may take until it plays what it was told.
const UNTIL_PLAYED: Duration = Duration::from_secs(2);
/// No voice takes longer for a byte of text. A letter of Latin script is one, a sign of Chinese, which is a syllable, three.
const A_BYTE: Duration = Duration::from_millis(125);

/// Words that are being played. They are over when the provider says so, and after a time in which they must be where it says nothing,
/// or what is not understood.
pub(super) struct Playing {
    words: String,
    played: String,
    until: Instant,
}

impl Playing {
    /// Nothing.
    pub(super) fn nothing(now: Instant) -> Self {
        Self { words: String::new(), played: String::new(), until: now }
    }

    /// These words, too, after those that went before.
    pub(super) fn says(&mut self, words: &str, now: Instant) {
        self.words.push_str(words);
        self.until = self.until.max(now + UNTIL_PLAYED) + A_BYTE * u32::try_from(words.len()).unwrap_or(u32::MAX);
    }

    /// More of them has been played by now.
    pub(super) fn played(&mut self, words: &str, now: Instant) {
        self.played.push_str(words);
        if cut(&self.words, &self.played).is_none() {
            self.until = now;
        }
    }

    /// When they are over, as far as is known.
    pub(super) fn until(&self) -> Instant {
        self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_over_when_the_provider_says_so_or_nobody_could_speak_them_longer() {
        let began = Instant::now();
        let takes = |told: &[(&str, &str)]| {
            let mut playing = Playing::nothing(began);
            for (words, played) in told {
                playing.says(words, began);
                playing.played(played, began);
            }
            (playing.until() - began).as_millis()
        };
        assert_eq!(takes(&[]), 0);
        assert_eq!(takes(&[("Thank you.", ""), (" Goodbye!", "Thank you. goodbye")]), 0);
        assert_eq!(takes(&[("Thank you.", "Thank you."), (" Goodbye!", " Goodbye!")]), 0);
        assert_eq!(takes(&[("Thank you.", "Thank you."), (" Goodbye!", "")]), 2_000 + 9 * 125);
        assert_eq!(takes(&[("Thank you.", ""), (" Goodbye!", "Thank you.")]), 2_000 + 19 * 125);
        assert_eq!(takes(&[("Bye.", "[music]")]), 2_500);
        assert_eq!(takes(&[("再见", "")]), 2_000 + 2 * 375);
    }
}
