//! Watches what a server sends before the parser sees it. The parser makes room for whatever length a server announces, and goes one
//! call deeper with every bracket; the server is the tenant's own choice and may be anybody's.

/// An announced length, in bytes: a mail and some to spare.
const MAX_LITERAL: u64 = 16 << 20;
/// All that is read over one connection, in bytes.
const MAX_TOTAL: u64 = 64 << 20;
/// A line without its literals, in bytes.
const MAX_LINE: usize = 64 << 10;
/// Brackets that are open at a time.
const MAX_DEPTH: usize = 40;

/// How far into the server's words it is.
#[derive(Debug, Default)]
pub(super) struct Guard {
    total: u64,
    line: usize,
    depth: usize,
    /// Bytes of a literal that are still to come.
    literal: u64,
    tail: Tail,
}

/// What the last bytes of the line are of `{123}\r\n`.
#[derive(Debug, Default, Clone, Copy)]
enum Tail {
    #[default]
    Other,
    /// After the brace and these digits.
    Digits(u64),
    /// After the closing brace.
    Closed(u64),
}

impl Guard {
    /// Looks at what came.
    ///
    /// # Errors
    /// What is too much.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        self.total += bytes.len() as u64;
        if self.total > MAX_TOTAL {
            return Err("the server sends more than was asked for");
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.literal > 0 {
                let skipped = usize::try_from(self.literal).unwrap_or(usize::MAX).min(rest.len());
                self.literal -= skipped as u64;
                rest = &rest[skipped..];
            } else {
                self.byte(rest[0])?;
                rest = &rest[1..];
            }
        }
        Ok(())
    }

    fn byte(&mut self, byte: u8) -> Result<(), &'static str> {
        self.line += 1;
        if self.line > MAX_LINE {
            return Err("the server sends a line without an end");
        }
        let before = std::mem::take(&mut self.tail);
        match (byte, before) {
            (b'{', _) => self.tail = Tail::Digits(0),
            (b'0'..=b'9', Tail::Digits(length)) => {
                self.tail = Tail::Digits(length.saturating_mul(10).saturating_add(u64::from(byte - b'0')));
            }
            (b'+', Tail::Digits(length)) => self.tail = Tail::Digits(length),
            (b'}', Tail::Digits(length)) => self.tail = Tail::Closed(length),
            (b'\r', Tail::Closed(length)) => self.tail = Tail::Closed(length),
            (b'\n', Tail::Closed(length)) if length > MAX_LITERAL => {
                return Err("the server announces too long a text");
            }
            (b'\n', Tail::Closed(length)) => {
                // The line goes on after it.
                self.literal = length;
                self.line = 0;
            }
            (b'\n', _) => (self.line, self.depth) = (0, 0),
            (b'(', _) => self.depth += 1,
            (b')', _) => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth > MAX_DEPTH { Err("the server nests its answer too deeply") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(chunks: &[&str]) -> Result<(), &'static str> {
        let mut guard = Guard::default();
        chunks.iter().try_for_each(|chunk| guard.pass(chunk.as_bytes()))
    }

    #[test]
    fn ordinary_words_pass_and_monsters_do_not() {
        let brackets = "(".repeat(50);
        let mail = format!("{{999999999}}\r\n{brackets}");
        let fetch = format!("* 1 FETCH (UID 7 BODY[] {{{}}}\r\n{mail})\r\n* OK done\r\n", mail.len());
        assert_eq!(all(&[&fetch]), Ok(()));
        let halves = fetch.split_at(30);
        assert_eq!(all(&[halves.0, halves.1]), Ok(()), "wherever it is cut");
        assert!(all(&["* 1 FETCH (BODY[] {536870000}", "\r", "\n"]).is_err());
        assert!(all(&["* 1 FETCH (BODY[] {99999999999999999999999}\r\n"]).is_err());
        assert!(all(&["* 1 FETCH ", &brackets]).is_err());
        assert!(all(&["* 1 FETCH (BODY[] {2}\r\n((", &brackets]).is_err(), "after a literal too");
        assert!(all(&[&"x".repeat(MAX_LINE + 1)]).is_err());
    }
}
