//! Cutting a long text into the pieces that a provider takes.

/// Cuts `text` into pieces of at most `most` UTF-16 code units, which is how providers count: at the last paragraph that fits, else the
/// last line, else the last word, else between two characters. All pieces together are the text again.
///
/// A character is never cut, so a piece may be one unit too long where `most` is 1.
pub(crate) fn split(text: &str, most: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(end_of_first(rest, most));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

fn end_of_first(text: &str, most: usize) -> usize {
    let mut units = 0;
    let too_far = text.char_indices().find(|(_, character)| {
        units += character.len_utf16();
        units > most
    });
    let Some((end, _)) = too_far else { return text.len() };
    let fits = &text[..end];
    let after = |separator: &str| fits.rfind(separator).map(|at| at + separator.len());
    // A paragraph that ends early would leave a piece of a few words.
    let late = |cut: &usize| *cut >= end / 2;
    after("\n\n")
        .filter(late)
        .or_else(|| after("\n").filter(late))
        .or_else(|| fits.rfind(char::is_whitespace).map(|at| at + fits[at..].chars().next().map_or(1, char::len_utf8)))
        .unwrap_or(if end == 0 { text.chars().next().map_or(1, char::len_utf8) } else { end })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::split;

    #[test]
    fn cuts_where_a_reader_would() {
        assert_eq!(split("one two\n\nthree four", 12), ["one two\n\n", "three four"]);
        assert_eq!(split("one two\nthree four", 12), ["one two\n", "three four"]);
        assert_eq!(split("a\n\nlong line of words", 12), ["a\n\nlong ", "line of ", "words"]);
        assert_eq!(split("aaaaaaaa", 3), ["aaa", "aaa", "aa"]);
        assert_eq!(split("a😀😀", 2), ["a", "😀", "😀"]);
        assert!(split("", 5).is_empty());
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_moved(text in "[a-c \n😀é]{0,60}", most in 2_usize..20) {
            let pieces = split(&text, most);
            prop_assert_eq!(pieces.concat(), text.as_str());
            for piece in pieces {
                prop_assert!((1..=most).contains(&piece.encode_utf16().count()), "{:?}", piece);
            }
        }
    }
}
