//! Cutting a text that is still being written into pieces that can be said.

/// Of a piece, in characters: of a sentence that does not end, so much is said at a time.
const LONGEST: usize = 200;
/// What a sentence ends with where a space follows.
const MARKS: [char; 4] = ['.', '!', '?', '…'];
/// What it ends with whatever follows.
const FULL_MARKS: [char; 4] = ['。', '！', '？', '\n'];
/// What may stand between the mark and the space.
const CLOSING: [char; 7] = ['"', '\'', '”', '’', '»', ')', ']'];

/// Where the first piece of `text` ends, in bytes: before the space after a sentence, or before one within a sentence that is too long;
/// none while that cannot be told. What is written later never changes it.
///
/// Whoever speaks it joins the pieces again, so nothing is lost where the mark ended an abbreviation.
pub(crate) fn first_piece(text: &str) -> Option<usize> {
    let (mut ended, mut space, mut blank) = (None, None, true);
    for (count, (at, c)) in text.char_indices().take(LONGEST + 1).enumerate() {
        match ended {
            Some(end) if c.is_whitespace() => return Some(end),
            Some(_) if CLOSING.contains(&c) || MARKS.contains(&c) => ended = Some(at + c.len_utf8()),
            _ => ended = MARKS.contains(&c).then_some(at + c.len_utf8()),
        }
        if FULL_MARKS.contains(&c) && !blank {
            return Some(before_space(text, at + c.len_utf8()));
        }
        if c.is_whitespace() && !blank {
            space = Some(at);
        }
        if count == LONGEST && !blank {
            return Some(before_space(text, space.unwrap_or(at)));
        }
        blank &= c.is_whitespace();
    }
    None
}

fn before_space(text: &str, end: usize) -> usize {
    text[..end].trim_end().len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The pieces of a text that comes in chunks of so many characters, and what is left.
    fn pieces(text: &str, chunk: usize) -> (Vec<&str>, &str) {
        let (mut pieces, mut from) = (Vec::new(), 0);
        let mut ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
        for end in ends.clone().skip(chunk - 1).step_by(chunk).chain(ends.next_back()) {
            while let Some(length) = first_piece(&text[from..end]) {
                pieces.push(&text[from..from + length]);
                from += length;
            }
        }
        (pieces, &text[from..])
    }

    #[test]
    fn a_piece_is_a_sentence() {
        let text = "Good day! It is 89.50 (\u{201c}due.\u{201d}) When?\nSo… Yes";
        assert_eq!(
            pieces(text, 1),
            (vec!["Good day!", " It is 89.50 (\u{201c}due.\u{201d})", " When?", "\nSo…"], " Yes")
        );
        assert_eq!(pieces("你好。明天见。", 1).0, ["你好。", "明天见。"]);
        assert_eq!(pieces("www.example.com", 1), (vec![], "www.example.com"));
        let endless = "word ".repeat(60);
        let (parts, rest) = pieces(&endless, 7);
        assert_eq!((parts.len(), parts[0].chars().count()), (1, 199));
        assert_eq!(rest.split_whitespace().count(), 20);
        assert_eq!(pieces(&"x".repeat(500), 3).0[0].len(), 200);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_the_text_comes(text in "[a-c .!?\n\"。é]{0,300}", chunk in 1_usize..40) {
            let (parts, rest) = pieces(&text, chunk);
            prop_assert_eq!(&pieces(&text, 1), &(parts.clone(), rest));
            prop_assert_eq!(format!("{}{rest}", parts.concat()), text.clone());
            prop_assert!(parts.iter().all(|piece| !piece.is_empty() && piece.trim_end() == *piece), "{:?}", parts);
        }
    }
}
