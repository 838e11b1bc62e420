//! A file as a stream of bytes that knows where it is.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::Path;

const BUFFER_BYTES: usize = 64 * 1024;

/// A buffered file and the offset of its next byte.
pub(super) struct Source {
    file: BufReader<File>,
    offset: u64,
}

impl Source {
    /// Opens `path` with `offset` as the next byte.
    pub(super) fn open(path: &Path, offset: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self { file: BufReader::with_capacity(BUFFER_BYTES, file), offset })
    }

    /// Offset of the next byte.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next bytes; empty at the end of the file.
    pub(super) fn fill(&mut self) -> io::Result<&[u8]> {
        self.file.fill_buf()
    }

    /// Steps over `count` of the bytes that [`Self::fill`] gave.
    pub(super) fn consume(&mut self, count: usize) {
        self.file.consume(count);
        self.offset += count as u64;
    }

    /// Goes back (or on) to `offset`.
    pub(super) fn seek(&mut self, offset: u64) -> io::Result<()> {
        // Relative, since that keeps the buffer where the target lies within it.
        self.file.seek_relative(offset.wrapping_sub(self.offset).cast_signed())?;
        self.offset = offset;
        Ok(())
    }

    /// Steps over the line feed that may follow a carriage return.
    pub(super) fn consume_line_feed(&mut self) -> io::Result<()> {
        if self.fill()?.first() == Some(&b'\n') {
            self.consume(1);
        }
        Ok(())
    }

    /// Steps over the rest of the line, its end included.
    pub(super) fn consume_line(&mut self) -> io::Result<()> {
        loop {
            let chunk = self.fill()?;
            if chunk.is_empty() {
                return Ok(());
            }
            match chunk.iter().position(|&b| b == b'\n' || b == b'\r') {
                Some(at) => {
                    let carriage_return = chunk[at] == b'\r';
                    self.consume(at + 1);
                    return if carriage_return { self.consume_line_feed() } else { Ok(()) };
                }
                None => {
                    let all = chunk.len();
                    self.consume(all);
                }
            }
        }
    }
}
