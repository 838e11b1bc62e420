//! Whether a phrase is in a text, as whole words.

/// The words of `text` in lower case, each between spaces. Apostrophes are left out, all other marks part words.
pub(super) fn normal(text: &str) -> String {
    let mut words = String::from(" ");
    for c in text.chars().filter(|c| !matches!(c, '\'' | '’' | '‘')) {
        if c.is_alphanumeric() {
            words.extend(c.to_lowercase());
        } else if !words.ends_with(' ') {
            words.push(' ');
        }
    }
    if !words.ends_with(' ') {
        words.push(' ');
    }
    words
}

/// Whether `phrase` is in a text that [`normal`] was made of.
pub(super) fn contains(normal_text: &str, phrase: &str) -> bool {
    let phrase = normal(phrase);
    !phrase.trim().is_empty() && normal_text.contains(&phrase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_whole_words() {
        let text = normal("I don’t KNOW, maybe\n\n  I'll pay – on Friday. ÜBERMORGEN?");
        for phrase in ["don't know", "ill pay on", "I", "übermorgen", "Pay, on friday!"] {
            assert!(contains(&text, phrase), "{phrase}");
        }
        for phrase in ["no", "pay friday", "morgen", "?", ""] {
            assert!(!contains(&text, phrase), "{phrase}");
        }
    }
}
