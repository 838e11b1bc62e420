//! Server-sent events, as far as chat completions use them: the data of each event, out of bytes that are split anywhere.

/// Of one event, in bytes. What models write in one go is a few hundred.
const MAX_EVENT: usize = 256 << 10;

/// Reads a stream of events.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// The line that has not ended yet.
    line: Vec<u8>,
    /// The data of the event that has not ended yet, where it has any.
    data: Option<String>,
    /// The last line ended with a carriage return, to which a line feed may belong.
    returned: bool,
}

impl Events {
    /// The data of the events that end within `bytes`, in order.
    ///
    /// # Errors
    /// An event is longer than anything that a model writes.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<Vec<String>, String> {
        let mut ended = Vec::new();
        for byte in bytes {
            match byte {
                b'\n' if std::mem::take(&mut self.returned) => {}
                b'\n' | b'\r' => {
                    self.returned = *byte == b'\r';
                    ended.extend(self.end_line());
                }
                _ => {
                    self.returned = false;
                    self.line.push(*byte);
                }
            }
            if self.line.len() + self.data.as_ref().map_or(0, String::len) > MAX_EVENT {
                return Err(format!("an event is longer than {} KiB", MAX_EVENT >> 10));
            }
        }
        Ok(ended)
    }

    /// The data of the event that this line ends.
    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return self.data.take();
        }
        let line = String::from_utf8_lossy(&line);
        // Comments and other fields mean nothing here.
        let value = line.strip_prefix("data:").or((line == "data").then_some(""))?;
        let value = value.strip_prefix(' ').unwrap_or(value);
        match &mut self.data {
            Some(data) => *data = format!("{data}\n{value}"),
            None => self.data = Some(value.to_owned()),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8], piece: usize) -> Vec<String> {
        let mut events = Events::default();
        bytes.chunks(piece).flat_map(|piece| events.read(piece).unwrap()).collect()
    }

    #[test]
    fn events_are_found_wherever_the_bytes_are_split() {
        let stream = ": hello\r\n\r\ndata: {\"a\": \"é😀\"}\n\nevent: x\ndata:one\ndata\ndata:  three\r\rid: 7\n\ndata: [DONE]\n\ndata: cut";
        for piece in 1..stream.len() {
            assert_eq!(read(stream.as_bytes(), piece), ["{\"a\": \"é😀\"}", "one\n\n three", "[DONE]"], "{piece}");
        }
        assert_eq!(read(b"data: \xff\n\n", 1), ["\u{fffd}"], "what is no UTF-8 is no JSON either");
    }

    #[test]
    fn no_event_is_longer_than_what_is_kept() {
        let mut events = Events::default();
        assert!(events.read(&vec![b'x'; MAX_EVENT]).is_ok());
        assert!(events.read(b"x").is_err());
        let mut lines = Events::default();
        let line = format!("data: {}\n", "x".repeat(1_000));
        assert!((0..300).any(|_| lines.read(line.as_bytes()).is_err()));
    }

    proptest! {
        #[test]
        fn any_bytes_give_the_same_however_they_are_split(bytes in prop::collection::vec(prop_oneof![
            Just(b'\n'), Just(b'\r'), Just(b':'), Just(b' '), Just(b'd'), any::<u8>(),
        ], 0..200), piece in 1_usize..20) {
            prop_assert_eq!(read(&bytes, piece), read(&bytes, 1));
        }

        #[test]
        fn what_is_sent_is_read(texts in prop::collection::vec("[^\n\r]{1,30}", 0..8), piece in 1_usize..20) {
            let stream: String = texts.iter().map(|text| format!("data: {text}\n\n")).collect();
            prop_assert_eq!(read(stream.as_bytes(), piece), texts);
        }
    }
}
