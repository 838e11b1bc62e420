//! The module that defines the memory, with or without content, and its exchange.

use wasm_encoder::{ConstExpr, DataSection, ExportKind, ExportSection, MemorySection, MemoryType, Module};
use wasmparser::{Chunk, Parser, Payload};

use crate::component::index;
use crate::error::{Error, Result, missing};
use crate::{PAGE, names};

/// Pieces of zeros shorter than this are written out: a segment of its own costs more.
const SHORTEST_GAP: usize = 64;

/// A module that defines and exports a memory of so many pages which begins with that content.
pub(crate) fn module(pages: u64, content: &[u8]) -> Vec<u8> {
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: pages, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut exports = ExportSection::new();
    exports.export(names::MEMORY, ExportKind::Memory, 0);
    let mut module = Module::new();
    module.section(&memories).section(&exports);
    let mut data = DataSection::new();
    for (offset, bytes) in segments(content) {
        data.active(0, &ConstExpr::i32_const(index(offset).cast_signed()), bytes.iter().copied());
    }
    if !data.is_empty() {
        module.section(&data);
    }
    module.finish()
}

/// The content without its longer pieces of zeros.
fn segments(content: &[u8]) -> Vec<(usize, &[u8])> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = content[at..].iter().position(|byte| *byte != 0).map(|offset| at + offset) {
        let mut end = start;
        let mut zeros = 0;
        for (offset, byte) in content[start..].iter().enumerate() {
            zeros = if *byte == 0 { zeros + 1 } else { 0 };
            if *byte != 0 {
                end = start + offset + 1;
            } else if zeros == SHORTEST_GAP {
                break;
            }
        }
        found.push((start, &content[start..end]));
        at = end;
    }
    found
}

/// The flattened component with a memory that begins with the image: what [`crate::flatten`] took apart as one standard
/// component again, which any host runs.
pub fn with_image(flattened: &[u8], image: &[u8]) -> Result<Vec<u8>> {
    let mut parser = Parser::new(0);
    let mut at = 0;
    loop {
        let Chunk::Parsed { consumed, payload } = parser.parse(&flattened[at..], true)? else {
            return Err(missing("the rest of a section"));
        };
        let start = at;
        at += consumed;
        match payload {
            Payload::ModuleSection { unchecked_range, .. } => {
                let module = module((image.len() / PAGE) as u64, image);
                let mut out = flattened[..start].to_vec();
                out.push(crate::rebuild::CORE_MODULE);
                leb128(&mut out, module.len());
                out.extend_from_slice(&module);
                out.extend_from_slice(flattened.get(unchecked_range.end..).unwrap_or_default());
                return Ok(out);
            }
            Payload::End(_) => return Err(Error::Missing("a core module".to_owned())),
            _ => {}
        }
    }
}

fn leb128(out: &mut Vec<u8>, mut value: usize) {
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}
