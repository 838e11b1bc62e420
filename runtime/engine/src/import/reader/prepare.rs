//! The look at a file as a whole, before its first row: encoding, format, delimiter, columns.

use std::io;
use std::path::{Path, PathBuf};

use super::Checkpoint;
use super::columns::Column;
use super::encoding;
use super::header::Header;
use super::source::Source;

/// Why a file is refused as a whole. The text is for the person who uploaded it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Nothing but white space.
    #[error("The file is empty")]
    Empty,
    /// The CSV header lacks required columns.
    #[error(
        "Your import file must include these fields: name, email, phone, object_id, external_id. Missing: {}",
        missing.join(", ")
    )]
    MissingColumns {
        /// By their names here, in the order of the specification.
        missing: Vec<&'static str>,
    },
    /// The CSV header has columns twice, perhaps in two spellings.
    #[error("The header has these columns twice: {}", columns.join(", "))]
    DuplicateColumns {
        /// By their names here, or as in the file where they are parameters.
        columns: Vec<String>,
    },
    /// The CSV header cannot be read.
    #[error("The first line cannot be read as a CSV header: {reason}")]
    BadHeader {
        /// A clause.
        reason: String,
    },
    /// One JSON document, not lines of JSON.
    #[error("The file is one JSON {what}. Write JSON Lines: one object a line, without commas or brackets around them")]
    NotJsonLines {
        /// `array` or `document`.
        what: &'static str,
    },
    /// A workbook or an archive.
    #[error("The file is {what}, not text. Save it as CSV (UTF-8)")]
    NotText {
        /// With its article.
        what: &'static str,
    },
    /// The disk.
    #[error("The file could not be read: {0}")]
    Io(#[from] io::Error),
}

/// What the rows of a file are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// With a header.
    Csv {
        /// One of `,`, `;`, tab and `|`.
        delimiter: u8,
    },
    /// One JSON object a line.
    JsonLines,
}

/// A file that rows can be read from.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(super) data: PathBuf,
    pub(super) columns: Vec<Column>,
    /// Where the first row begins.
    pub(super) start: Checkpoint,
    pub(super) format: Format,
    pub(super) encoding: &'static str,
    bytes: u64,
}

impl Prepared {
    /// CSV or JSON Lines.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The encoding that the file was written in: `UTF-8`, `UTF-16LE`, `UTF-16BE`, `windows-1252`, …
    pub fn encoding(&self) -> &'static str {
        self.encoding
    }

    /// Length of the UTF-8 file: what [`Checkpoint::byte`] counts up to.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Finds out what `path` is, and writes `copy` where the file is in another encoding: what is read is UTF-8.
///
/// # Errors
/// See [`FileError`].
pub fn prepare(path: &Path, copy: &Path) -> Result<Prepared, FileError> {
    refuse_archives(path)?;
    let detected = encoding::detect(path)?;
    let transcoded = detected.encoding != encoding_rs::UTF_8;
    let (data, mark) = if transcoded { (copy, 0) } else { (path, detected.mark) };
    if transcoded {
        encoding::transcode(path, detected, copy)?;
    }
    let data = data.to_owned();
    let bytes = std::fs::metadata(&data)?.len();
    let head = Head::of(&data, mark)?;
    let start = Checkpoint { byte: mark, ..Checkpoint::default() };
    let encoding = detected.encoding.name();
    let lines = Prepared { data, columns: Vec::new(), start, format: Format::JsonLines, encoding, bytes };
    if head.is_json()? {
        return Ok(lines);
    }
    match Header::read(&lines.data, start, encoding) {
        Ok(Header { columns, rows, delimiter }) => {
            Ok(Prepared { columns, start: rows, format: Format::Csv { delimiter }, ..lines })
        }
        // JSON Lines with a broken first line, most likely: that is a finding about one row.
        Err(FileError::MissingColumns { .. }) if head.second.starts_with(b"{") => Ok(lines),
        Err(error) => Err(error),
    }
}

fn refuse_archives(path: &Path) -> Result<(), FileError> {
    let mut source = Source::open(path, 0)?;
    let what = match source.fill()? {
        [b'P', b'K', 3, 4, ..] => "an Excel workbook or a ZIP archive",
        [0xd0, 0xcf, 0x11, 0xe0, ..] => "an old Excel workbook",
        [0x1f, 0x8b, ..] => "compressed",
        _ => return Ok(()),
    };
    Err(FileError::NotText { what })
}

/// The beginnings of the first two lines that are not blank.
struct Head {
    first: Vec<u8>,
    second: Vec<u8>,
}

impl Head {
    const LINE_BYTES: usize = 256;

    fn of(path: &Path, start: u64) -> Result<Self, FileError> {
        let mut source = Source::open(path, start)?;
        let first = Self::line(&mut source)?.ok_or(FileError::Empty)?;
        let second = Self::line(&mut source)?.unwrap_or_default();
        Ok(Self { first, second })
    }

    fn line(source: &mut Source) -> io::Result<Option<Vec<u8>>> {
        loop {
            let chunk = source.fill()?;
            let blank = chunk.iter().take_while(|b| b.is_ascii_whitespace()).count();
            if chunk.is_empty() {
                return Ok(None);
            }
            if blank < chunk.len() {
                source.consume(blank);
                // As much of the line as the buffer happens to hold: this is for its first characters only.
                let rest = source.fill()?;
                let end = rest.iter().position(|&b| b == b'\n' || b == b'\r').unwrap_or(rest.len());
                let line = rest[..end.min(Self::LINE_BYTES)].trim_ascii_end().to_vec();
                source.consume_line()?;
                return Ok(Some(line));
            }
            source.consume(blank);
        }
    }

    fn is_json(&self) -> Result<bool, FileError> {
        let inside = self.first.get(1..).unwrap_or_default().trim_ascii_start();
        match self.first.first() {
            Some(b'{') if inside.is_empty() => Err(FileError::NotJsonLines { what: "document" }),
            Some(b'{') => Ok(true),
            // A CSV header may begin with a bracket, but hardly so.
            Some(b'[') if inside.is_empty() || inside.starts_with(b"{") || inside.starts_with(b"]") => {
                Err(FileError::NotJsonLines { what: "array" })
            }
            _ => Ok(false),
        }
    }
}
