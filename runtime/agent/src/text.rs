//! Cutting texts to size.

/// The first `limit` characters of `text`, back to the end of a sentence or else of a word where one is near; with an ellipsis where it ends
/// within a sentence.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(limit) else {
        return text.to_owned();
    };
    let head = &text[..end];
    let near = head.len() / 2;
    let sentence = head.rfind(['.', '!', '?', '…', '\n']).filter(|at| *at >= near);
    if let Some(at) = sentence {
        let mark = head[at..].chars().next().map_or(0, char::len_utf8);
        return head[..at + mark].trim_end().to_owned();
    }
    let word = head.char_indices().nth(limit.saturating_sub(1)).map_or(end, |(at, _)| at);
    let head = &head[..word];
    let at = head.rfind(char::is_whitespace).filter(|at| *at >= near).unwrap_or(head.len());
    format!("{}…", head[..at].trim_end())
}

/// The first `limit` characters.
pub(crate) fn first(text: &str, limit: usize) -> &str {
    text.char_indices().nth(limit).map_or(text, |(end, _)| &text[..end])
}

/// Without control characters, which neither PostgreSQL nor XML takes, apart from those that lay a text out.
pub(crate) fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ends_at_a_sentence_or_a_word() {
        assert_eq!(shorten("One. Two and three.", 15), "One. Two and…");
        assert_eq!(shorten("One and two. Three", 15), "One and two.");
        assert_eq!(shorten("short", 5), "short");
        assert_eq!(shorten("ééééééé", 3), "éé…");
    }

    proptest! {
        #[test]
        fn never_longer_than_the_limit(text in any::<String>(), limit in 0_usize..40) {
            prop_assert!(shorten(&text, limit).chars().count() <= limit.max(1));
            prop_assert!(text.starts_with(first(&text, limit)));
        }
    }
}
