//! Splits CSV into records, as RFC 4180 has it: the csv crate's own reader is not used, because it keeps a record of any
//! length in memory, and takes a quote that is never closed for one record up to the end of the file.
//!
//! Here a record is kept up to a limit, text after a closing quote is an error, and an error costs one line: reading goes
//! on at the second line of the record that went wrong. That re-reads at most [`REREAD_WINDOW`] bytes an error and
//! [`REREAD_BUDGET`] a file; beyond, reading goes on after the error, so that no file can make it quadratic.

use std::io;

use super::source::Source;
use super::{Checkpoint, MAX_ROW_BYTES};

/// How far a quoted cell is followed before its quote counts as never closed.
const REREAD_WINDOW: u64 = 64 * 1024 * 1024;
/// About two seconds of reading, for a whole file.
const REREAD_BUDGET: u64 = 1024 * 1024 * 1024;

/// How a record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// There is none: the file has ended.
    End,
    /// An empty line.
    Blank,
    Complete,
    /// More than [`MAX_ROW_BYTES`]; its beginning was kept.
    TooLong,
    /// A quote without its other half.
    Unclosed,
    /// `"like" this`.
    AfterQuote,
}

/// One record; used again for the next, so that its memory is allocated once.
#[derive(Default)]
pub(super) struct Record {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    cells: usize,
    start: u64,
    lines: u64,
    /// Offset of the record's second line, where it has one.
    second_line: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    CellStart,
    Plain,
    Quoted,
    /// After a quote in a quoted cell: its end, or the first half of a doubled one.
    Closing,
}

impl Record {
    /// How many cells the record has.
    pub(super) fn cells(&self) -> usize {
        self.cells
    }

    /// All cells, one after the other, without delimiters.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where the kept cells lie in [`Self::bytes`].
    pub(super) fn ranges(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| start..*end)
    }

    /// The bytes of the cell that was being read when the record went wrong, and its index.
    pub(super) fn last_cell(&self) -> (usize, &[u8]) {
        (self.cells, &self.bytes[self.ends.last().copied().unwrap_or(0)..])
    }

    #[cfg(test)]
    pub(super) fn held_bytes(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<usize>()
    }

    /// Reads the next record, keeping its first `keep` cells, and leaves `source` and `at` (save its row) behind it.
    pub(super) fn read(
        &mut self,
        source: &mut Source,
        delimiter: u8,
        keep: usize,
        at: &mut Checkpoint,
    ) -> io::Result<Shape> {
        let shape = self.scan(source, delimiter, keep)?;
        match shape {
            Shape::Unclosed | Shape::AfterQuote => self.recover(source, at)?,
            Shape::End | Shape::Blank | Shape::Complete | Shape::TooLong => {}
        }
        at.byte = source.offset();
        at.line += self.lines;
        Ok(shape)
    }

    fn scan(&mut self, source: &mut Source, delimiter: u8, keep: usize) -> io::Result<Shape> {
        self.bytes.clear();
        self.ends.clear();
        (self.cells, self.start, self.lines, self.second_line) = (0, source.offset(), 0, None);
        let mut state = State::CellStart;
        loop {
            let offset = source.offset();
            if state == State::Quoted && offset - self.start > REREAD_WINDOW {
                return Ok(Shape::Unclosed);
            }
            let chunk = source.fill()?;
            if chunk.is_empty() {
                return Ok(self.end_of_file(state, offset, keep));
            }
            let (used, end) = self.take(chunk, offset, delimiter, keep, &mut state);
            let carriage_return = end == Some(Shape::Complete) && chunk[used - 1] == b'\r';
            source.consume(used);
            let Some(shape) = end else { continue };
            if carriage_return {
                source.consume_line_feed()?;
            }
            return Ok(if shape == Shape::Complete { self.measure(source.offset()) } else { shape });
        }
    }

    /// Takes what it can of `chunk`: how many bytes, and how the record ended if it did.
    fn take(
        &mut self,
        chunk: &[u8],
        offset: u64,
        delimiter: u8,
        keep: usize,
        state: &mut State,
    ) -> (usize, Option<Shape>) {
        let mut i = 0;
        while i < chunk.len() {
            let (run, needle) = match state {
                State::CellStart | State::Closing => (0, chunk[i]),
                State::Plain => run_until(&chunk[i..], |b| b == delimiter || is_line_end(b)),
                State::Quoted => run_until(&chunk[i..], |b| b == b'"' || is_line_end(b)),
            };
            self.push(&chunk[i..i + run]);
            i += run;
            if i == chunk.len() {
                break;
            }
            match (*state, needle) {
                (State::CellStart, b'"') => *state = State::Quoted,
                (State::Quoted, b'"') => *state = State::Closing,
                (State::Quoted, line_end) => {
                    self.note_line_end(line_end, offset + i as u64);
                    self.push(&[line_end]);
                }
                (State::Closing, b'"') => {
                    self.push(b"\"");
                    *state = State::Quoted;
                }
                (_, b) if b == delimiter => {
                    self.end_cell(keep);
                    *state = State::CellStart;
                }
                (_, b) if is_line_end(b) => {
                    self.end_cell(keep);
                    self.lines += 1;
                    return (i + 1, Some(Shape::Complete));
                }
                (State::CellStart, _) => {
                    *state = State::Plain;
                    continue;
                }
                (State::Plain | State::Closing, _) => return (i, Some(Shape::AfterQuote)),
            }
            i += 1;
        }
        (i, None)
    }

    fn end_of_file(&mut self, state: State, offset: u64, keep: usize) -> Shape {
        match state {
            State::CellStart if self.cells == 0 => Shape::End,
            State::Quoted => Shape::Unclosed,
            State::CellStart | State::Plain | State::Closing => {
                self.end_cell(keep);
                self.lines += 1;
                self.measure(offset)
            }
        }
    }

    fn measure(&self, end: u64) -> Shape {
        if end - self.start > MAX_ROW_BYTES as u64 {
            Shape::TooLong
        } else if end - self.start <= 2 && self.cells == 1 && self.bytes.is_empty() && self.lines == 1 {
            // Only a line end; or the two quotes of one empty cell at the end of the file, which are as good as nothing.
            Shape::Blank
        } else {
            Shape::Complete
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let room = MAX_ROW_BYTES.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn end_cell(&mut self, keep: usize) {
        self.cells += 1;
        if self.ends.len() < keep {
            self.ends.push(self.bytes.len());
        }
    }

    fn note_line_end(&mut self, byte: u8, at: u64) {
        self.lines += u64::from(byte == b'\n');
        match self.second_line {
            None => self.second_line = Some(at + 1),
            // The line feed of a carriage return.
            Some(second) if byte == b'\n' && second == at => self.second_line = Some(at + 1),
            Some(_) => {}
        }
    }

    /// Chooses where to go on after a record that cannot be read.
    fn recover(&mut self, source: &mut Source, at: &mut Checkpoint) -> io::Result<()> {
        if let Some(second_line) = self.second_line {
            let again = source.offset() - second_line;
            if at.reread + again <= REREAD_BUDGET {
                at.reread += again;
                self.lines = 1;
                return source.seek(second_line);
            }
        }
        self.lines += 1;
        source.consume_line()
    }
}

fn run_until(bytes: &[u8], stop: impl Fn(u8) -> bool) -> (usize, u8) {
    match bytes.iter().position(|&b| stop(b)) {
        Some(at) => (at, bytes[at]),
        None => (bytes.len(), 0),
    }
}

fn is_line_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}
