//! Words by which a contact says that it does not want to be written to any more. They act before any strategy or agent sees the
//! message.

/// Words that stand alone in a message, by language. The English ones are those that carriers act on (CTIA, "Messaging Principles and
/// Best Practices").
const WORDS: [(&str, &[&str]); 8] = [
    ("en", &["stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "opt out", "optout", "remove me"]),
    ("de", &["stopp", "abmelden", "abbestellen", "austragen"]),
    ("fr", &["arret", "arrêt", "desabonner", "désabonner", "se désabonner"]),
    ("es", &["baja", "alto", "parar", "cancelar"]),
    ("it", &["basta", "ferma", "annulla", "disiscrivimi"]),
    ("nl", &["afmelden", "uitschrijven"]),
    ("pt", &["pare", "sair", "descadastrar"]),
    ("ru", &["стоп", "отписаться", "отписка"]),
];

/// Whether the text is such a word and nothing else, in any language or among the tenant's own words.
///
/// A word within a sentence does not count: "please do not stop" is no wish to be left alone.
pub fn is_stop_word(text: &str, own: &[String]) -> bool {
    if text.len() > 200 {
        return false;
    }
    let said = canonical(text);
    !said.is_empty()
        && (WORDS.iter().any(|(_, words)| words.contains(&said.as_str()))
            || own.iter().any(|word| canonical(word) == said))
}

fn canonical(text: &str) -> String {
    let kept: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    kept.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_alone_counts_and_a_sentence_does_not() {
        for stop in ["STOP", " stop. ", "Stop all!", "Unsubscribe", "СТОП", "Désabonner", "\"opt-out\""] {
            assert!(is_stop_word(stop, &[]), "{stop}");
        }
        for other in ["", "...", "please do not stop", "stop by tomorrow", "the end", "ok"] {
            assert!(!is_stop_word(other, &[]), "{other}");
        }
        assert!(is_stop_word("Laat me met rust", &["laat me met rust".to_owned()]));
    }
}
