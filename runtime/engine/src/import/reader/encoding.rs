//! Which encoding a file is in, and the way from there to UTF-8.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use chardetng::EncodingDetector;
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

const CHUNK_BYTES: usize = 64 * 1024;
/// What the guess between one-byte encodings is made from.
const GUESS_BYTES: u64 = 4 * 1024 * 1024;
/// Fewer letters than this outside ASCII say nothing about the language.
const GUESS_LEAST: u64 = 16;
/// What the guess about UTF-16 without a byte order mark is made from.
const HEAD_BYTES: usize = 4096;

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Detected {
    pub(super) encoding: &'static Encoding,
    /// Length of the byte order mark.
    pub(super) mark: u64,
}

/// Reads the whole file: the one accented name may be on its last line.
///
/// A byte order mark decides; then the pattern of zeros that UTF-16 has in any Western file; then UTF-8, if more of what
/// lies outside ASCII is UTF-8 than is not (a few broken rows are findings about those rows). What is left is a one-byte
/// encoding: Windows-1252, unless there is enough text to recognise another by.
pub(super) fn detect(path: &Path) -> io::Result<Detected> {
    let mut file = File::open(path)?;
    let mut head = Vec::with_capacity(HEAD_BYTES);
    (&mut file).take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    if let Some((encoding, mark)) = Encoding::for_bom(&head) {
        return Ok(Detected { encoding, mark: mark as u64 });
    }
    let unmarked = |encoding| Detected { encoding, mark: 0 };
    if let Some(encoding) = utf16_without_mark(&head) {
        return Ok(unmarked(encoding));
    }
    file.rewind()?;
    let survey = Survey::of(&mut file)?;
    match survey.first_invalid {
        None => Ok(unmarked(UTF_8)),
        Some(_) if survey.valid > survey.invalid => Ok(unmarked(UTF_8)),
        Some(_) if survey.valid + survey.invalid < GUESS_LEAST => Ok(unmarked(WINDOWS_1252)),
        Some(at) => Ok(unmarked(guess(&mut file, at)?)),
    }
}

/// Letters, digits and delimiters have one zero byte each in UTF-16, all on the same side.
fn utf16_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.chunks_exact(2);
    let (count, mut high, mut low) = (pairs.len(), 0, 0);
    for pair in pairs {
        high += usize::from(pair[0] == 0 && pair[1] != 0);
        low += usize::from(pair[1] == 0 && pair[0] != 0);
    }
    let most = |zeros: usize| zeros * 2 > count;
    if most(low) && high == 0 {
        Some(UTF_16LE)
    } else if most(high) && low == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// How much of a file is UTF-8, counted in characters outside ASCII.
#[derive(Default)]
struct Survey {
    valid: u64,
    invalid: u64,
    first_invalid: Option<u64>,
}

impl Survey {
    fn of(file: &mut File) -> io::Result<Self> {
        let mut survey = Self::default();
        let mut buffer = vec![0; CHUNK_BYTES];
        let (mut kept, mut offset) = (0, 0);
        loop {
            let read = file.read(&mut buffer[kept..])?;
            let end = kept + read;
            let taken = survey.count(&buffer[..end], offset, read == 0);
            if read == 0 {
                return Ok(survey);
            }
            buffer.copy_within(taken..end, 0);
            kept = end - taken;
            offset += taken as u64;
        }
    }

    /// Returns how much of `bytes` was looked at: all, save a character that `bytes` has only the beginning of.
    fn count(&mut self, bytes: &[u8], offset: u64, last: bool) -> usize {
        let mut at = 0;
        loop {
            let error = match std::str::from_utf8(&bytes[at..]) {
                Ok(text) => {
                    self.valid += outside_ascii(text.as_bytes());
                    return bytes.len();
                }
                Err(error) => error,
            };
            let stop = at + error.valid_up_to();
            self.valid += outside_ascii(&bytes[at..stop]);
            let Some(length) = error.error_len().or(last.then_some(bytes.len() - stop)) else {
                return stop;
            };
            self.invalid += 1;
            self.first_invalid.get_or_insert(offset + stop as u64);
            at = stop + length;
        }
    }
}

/// Characters outside ASCII in valid UTF-8: each has one leading byte.
fn outside_ascii(text: &[u8]) -> u64 {
    if text.is_ascii() { 0 } else { text.iter().filter(|b| **b >= 0xc0).count() as u64 }
}

fn guess(file: &mut File, at: u64) -> io::Result<&'static Encoding> {
    // A little of what stands before belongs to the first word.
    file.seek(SeekFrom::Start(at.saturating_sub(64)))?;
    let mut detector = EncodingDetector::new();
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut sample = file.take(GUESS_BYTES);
    loop {
        let read = sample.read(&mut buffer)?;
        detector.feed(&buffer[..read], read == 0);
        if read == 0 {
            return Ok(detector.guess(None, false));
        }
    }
}

/// Writes `from` again as UTF-8, without a byte order mark. What is malformed becomes a byte that is malformed in UTF-8
/// too, so that the row that holds it is found and not altered in silence.
pub(super) fn transcode(from: &Path, detected: Detected, to: &Path) -> io::Result<()> {
    const MALFORMED: u8 = 0xff;
    let mut source = File::open(from)?;
    source.seek(SeekFrom::Start(detected.mark))?;
    let mut target = File::create(to)?;
    let mut decoder = detected.encoding.new_decoder_without_bom_handling();
    let (mut input, mut output) = (vec![0; CHUNK_BYTES], vec![0; CHUNK_BYTES * 2]);
    loop {
        let read = source.read(&mut input)?;
        let mut rest = &input[..read];
        loop {
            let (result, used, written) = decoder.decode_to_utf8_without_replacement(rest, &mut output, read == 0);
            rest = &rest[used..];
            target.write_all(&output[..written])?;
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => target.write_all(&[MALFORMED])?,
            }
        }
        if read == 0 {
            return target.flush();
        }
    }
}
