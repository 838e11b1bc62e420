//! In which line of Python was a run stopped?
//!
//! A guest that ran out of fuel, time or memory raises no exception: it is gone in the middle of an instruction. But its memory
//! is still there, and CPython describes its own structures in it for debuggers: a table of offsets, marked by the word
//! `xdebugpy` (`Include/internal/pycore_debug_offsets.h` of CPython 3.14). With it the interpreter's frames are walked from
//! outside, the way that py-spy walks those of a process. It costs nothing while a run goes well, and the strategy takes no
//! part in it.
//!
//! The memory is the tenant's to write, so nothing in it is believed: each read is checked against its bounds, each walk has an
//! end, and the worst that a forged table can do is name a wrong line of the tenant's own file.

use stratagem_domain::strategy::Sources;
use wasmtime::{Store, WasmCoreDump};

use crate::state::RunState;

/// Where a run stood.
pub(crate) struct Place {
    /// Path of the tenant's module.
    pub(crate) file: String,
    /// From 1.
    pub(crate) line: u32,
    /// The tenant's frames as Python would print them, newest last.
    pub(crate) traceback: String,
}

/// Frames that are walked at most: Python's own recursion limit is 1,000.
const MOST_WALKED: usize = 2_000;

/// The tenant's frames that are shown: the innermost.
const MOST_SHOWN: usize = 50;

/// Bytes of a function's table of locations: those of 10,000 lines have half of it. A strategy can make its own.
const TABLE_BYTES: usize = 256 << 10;

/// Bytes of a name.
const NAME_BYTES: usize = 256;

/// What the run's memory tells about the place where it was stopped.
pub(crate) fn examine(error: &wasmtime::Error, store: &Store<RunState>, sources: &Sources) -> Option<Place> {
    let dump = error.downcast_ref::<WasmCoreDump>()?;
    let memory = dump.memories().first()?.data(store);
    place(&python_stack(memory, &|file| sources.modules().contains_key(file)), sources)
}

fn place(own: &[Frame], sources: &Sources) -> Option<Place> {
    let innermost = own.first()?;
    let mut traceback = "Traceback (most recent call last):".to_owned();
    for frame in own.iter().rev() {
        traceback += &format!("\n  File \"{}\", line {}, in {}", frame.file, frame.line, frame.function);
        let text = sources.modules().get(&frame.file).and_then(|text| text.lines().nth(frame.line as usize - 1));
        if let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) {
            traceback += &format!("\n    {}", text.chars().take(NAME_BYTES).collect::<String>());
        }
    }
    Some(Place { file: innermost.file.clone(), line: innermost.line, traceback })
}

/// One call that had not returned.
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    file: String,
    function: String,
    line: u32,
}

/// The innermost frames of the interpreter's only thread whose files are the tenant's, innermost first. Empty where the memory
/// is not that of a CPython 3.14.
fn python_stack(memory: &[u8], is_own: &dyn Fn(&str) -> bool) -> Vec<Frame> {
    let mut frames = Vec::new();
    let Some(python) = Python::find(memory) else { return frames };
    let mut next = python.innermost_frame();
    for _ in 0..MOST_WALKED {
        let Some(at) = next.filter(|at| *at != 0) else { break };
        frames.extend(python.frame(at, is_own));
        if frames.len() == MOST_SHOWN {
            break;
        }
        next = python.memory.pointer(at + python.offsets.frame_previous);
    }
    frames
}

#[derive(Clone, Copy)]
struct Memory<'a>(&'a [u8]);

impl<'a> Memory<'a> {
    fn bytes(self, at: usize, len: usize) -> Option<&'a [u8]> {
        self.0.get(at..at.checked_add(len)?)
    }

    fn u64(self, at: usize) -> Option<u64> {
        Some(u64::from_le_bytes(self.bytes(at, 8)?.try_into().ok()?))
    }

    fn u32(self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(at, 4)?.try_into().ok()?))
    }

    /// A pointer of wasm32, or a `Py_ssize_t`.
    fn pointer(self, at: usize) -> Option<usize> {
        self.u32(at).map(|value| value as usize)
    }
}

/// Distances within CPython's structures, in bytes.
struct Offsets {
    interpreters_head: usize,
    threads_head: usize,
    current_frame: usize,
    frame_previous: usize,
    frame_executable: usize,
    frame_instr_ptr: usize,
    code_filename: usize,
    code_qualname: usize,
    code_linetable: usize,
    code_firstlineno: usize,
    code_instructions: usize,
    object_type: usize,
    bytes_size: usize,
    bytes_data: usize,
    text_length: usize,
    text_ascii: usize,
}

impl Offsets {
    /// Reads the table. The numbers are positions of its 64-bit words, in the order of CPython 3.14's declaration.
    fn read(memory: Memory<'_>, table: usize) -> Option<Self> {
        let word = |index: usize| -> Option<usize> {
            let value = memory.u64(table + index * 8)?;
            // No structure is larger; and with small offsets, sums with addresses cannot overflow.
            usize::try_from(value).ok().filter(|offset| *offset < 1 << 20)
        };
        Some(Self {
            interpreters_head: word(5)?,
            threads_head: word(9)?,
            current_frame: word(26)?,
            frame_previous: word(32)?,
            frame_executable: word(33)?,
            frame_instr_ptr: word(34)?,
            code_filename: word(40)?,
            code_qualname: word(42)?,
            code_linetable: word(43)?,
            code_firstlineno: word(44)?,
            code_instructions: word(48)?,
            object_type: word(51)?,
            bytes_size: word(75)?,
            bytes_data: word(76)?,
            text_length: word(79)?,
            text_ascii: word(80)?,
        })
    }
}

struct Python<'a> {
    memory: Memory<'a>,
    offsets: Offsets,
    runtime: usize,
}

const COOKIE: &[u8] = b"xdebugpy";
const VERSION: u64 = 0x030E;

impl<'a> Python<'a> {
    /// The table stands at the beginning of the interpreter's static state.
    fn find(memory: &'a [u8]) -> Option<Self> {
        let memory = Memory(memory);
        memory.0.chunks_exact(8).enumerate().filter(|(_, chunk)| *chunk == COOKIE).find_map(|(index, _)| {
            let runtime = index * 8;
            let version = memory.u64(runtime + 8)? >> 16;
            let offsets = Offsets::read(memory, runtime).filter(|_| version == VERSION)?;
            Some(Self { memory, offsets, runtime })
        })
    }

    fn innermost_frame(&self) -> Option<usize> {
        let interpreter = self.memory.pointer(self.runtime + self.offsets.interpreters_head)?;
        let thread = self.memory.pointer(interpreter + self.offsets.threads_head)?;
        self.memory.pointer(thread + self.offsets.current_frame)
    }

    /// None for others' frames, and for those that stand for calls from C.
    fn frame(&self, at: usize, is_own: &dyn Fn(&str) -> bool) -> Option<Frame> {
        let offsets = &self.offsets;
        // The lowest bits tag references.
        let code = self.memory.pointer(at + offsets.frame_executable)? & !3;
        let file = self.text(self.memory.pointer(code + offsets.code_filename)?)?;
        if !is_own(&file) {
            return None;
        }
        let function = self.text(self.memory.pointer(code + offsets.code_qualname)?)?;
        let instruction = self.memory.pointer(at + offsets.frame_instr_ptr)?;
        let unit = instruction.checked_sub(code + offsets.code_instructions)? / 2;
        let table = self.memory.pointer(code + offsets.code_linetable)?;
        let len = self.memory.pointer(table + offsets.bytes_size).filter(|len| *len <= TABLE_BYTES)?;
        let table = self.memory.bytes(table + offsets.bytes_data, len)?;
        let first = self.memory.u32(code + offsets.code_firstlineno)?.cast_signed();
        let line = u32::try_from(line_of(table, first, unit)?).ok().filter(|line| *line > 0)?;
        Some(Frame { file, function, line })
    }

    /// A text of ASCII characters. Names that hold others are not shown.
    fn text(&self, at: usize) -> Option<String> {
        let _kind = self.memory.pointer(at + self.offsets.object_type)?;
        let len = self.memory.pointer(at + self.offsets.text_length)?.min(NAME_BYTES);
        let bytes = self.memory.bytes(at + self.offsets.text_ascii, len)?;
        bytes.is_ascii().then(|| String::from_utf8_lossy(bytes).into_owned())
    }
}

/// The line of the code unit, from a table of locations (`InternalDocs/code_objects.md` of CPython): entries of one byte with a
/// kind and a number of units, and then what the kind has, numbers in pieces of six bits.
fn line_of(table: &[u8], first: i32, unit: usize) -> Option<i32> {
    let mut bytes = table.iter().copied().peekable();
    let (mut line, mut start) = (first, 0);
    while let Some(head) = bytes.next() {
        let units = usize::from(head & 7) + 1;
        let kind = head >> 3 & 15;
        let has_line = match kind {
            10..=12 => {
                line = line.checked_add(i32::from(kind) - 10)?;
                true
            }
            13 | 14 => {
                line = line.checked_add(signed(&mut bytes)?)?;
                true
            }
            15 => false,
            _ => true,
        };
        if unit < start + units {
            return has_line.then_some(line);
        }
        start += units;
        // The columns, which nobody asks for: the next entry begins with the next byte that has its highest bit set.
        while bytes.next_if(|byte| byte & 0x80 == 0).is_some() {}
    }
    None
}

fn signed(bytes: &mut impl Iterator<Item = u8>) -> Option<i32> {
    let (mut value, mut shift) = (0_u32, 0);
    loop {
        let byte = bytes.next()?;
        value |= u32::from(byte & 63).checked_shl(shift)?;
        shift += 6;
        if byte & 64 == 0 {
            break;
        }
    }
    let magnitude = (value >> 1).cast_signed();
    Some(if value & 1 == 1 { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_locations_gives_the_line_of_each_unit() {
        // One unit on the first line (long form, +0), two on the next (one-line form), one without a line, one two lines up.
        let table = [0x80 | 14 << 3, 0, 0, 1, 1, 0x80 | 11 << 3 | 1, 4, 8, 0x80 | 15 << 3, 0x80 | 13 << 3, 5];
        let lines: Vec<_> = (0..6).map(|unit| line_of(&table, 10, unit)).collect();
        assert_eq!(lines, [Some(10), Some(11), Some(11), None, Some(9), None]);
    }

    #[test]
    fn no_memory_is_too_odd() {
        let python_stack = |memory: &[u8]| super::python_stack(memory, &|_| true);
        assert!(python_stack(&[]).is_empty());
        assert!(python_stack(b"xdebugpy").is_empty());
        let mut forged = vec![0xff; 4096];
        forged[64..72].copy_from_slice(COOKIE);
        assert!(python_stack(&forged).is_empty());
        forged[72..80].copy_from_slice(&0x030E_00F0_u64.to_le_bytes());
        assert!(python_stack(&forged).is_empty());
        // All offsets 0: a frame that is its own predecessor ends after a while.
        forged[80..].fill(0);
        python_stack(&forged);
    }
}
