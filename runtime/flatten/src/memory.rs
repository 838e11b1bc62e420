//! The module that defines the memory, with or without content, and its exchange.

use wasm_encoder::{ConstExpr, DataSection, ExportKind, ExportSection, MemorySection, MemoryType, Module};
use wasmparser::{Chunk, Parser, Payload};

use crate::component::index;
use crate::error::{Result, missing, unsupported};
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
/// component again, which any host runs. The image is whole pages.
pub fn with_image(flattened: &[u8], image: &[u8]) -> Result<Vec<u8>> {
    if !image.len().is_multiple_of(PAGE) {
        return unsupported("an image that ends within a page");
    }
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
                let rest = flattened.get(unchecked_range.end..).ok_or_else(|| missing("the rest of a module"))?;
                let module = module((image.len() / PAGE) as u64, image);
                let mut out = flattened[..start].to_vec();
                out.push(crate::rebuild::CORE_MODULE);
                leb128(&mut out, module.len());
                out.extend_from_slice(&module);
                out.extend_from_slice(rest);
                return Ok(out);
            }
            Payload::End(_) => return Err(missing("a core module")),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wasmparser::DataKind;

    use super::*;

    /// Mostly zeros, as memories are: pieces at random distances.
    fn content() -> impl Strategy<Value = Vec<u8>> {
        let piece = (0..3 * SHORTEST_GAP, proptest::collection::vec(any::<u8>(), 0..9));
        proptest::collection::vec(piece, 0..20).prop_map(|pieces| {
            pieces.into_iter().flat_map(|(gap, bytes)| std::iter::repeat_n(0, gap).chain(bytes)).collect()
        })
    }

    proptest! {
        #[test]
        fn segments_say_what_the_content_is(content in content()) {
            let bytes = module(1, &content);
            let module = crate::module::Module::parse(&bytes).unwrap();
            let mut filled = vec![0; content.len()];
            for segment in &module.data {
                let DataKind::Active { memory_index: 0, offset_expr } = &segment.kind else { panic!("not active") };
                let wasmparser::Operator::I32Const { value } = offset_expr.get_operators_reader().read().unwrap() else {
                    panic!("no constant")
                };
                filled[value as usize..value as usize + segment.data.len()].copy_from_slice(segment.data);
                let gaps = segment.data.split(|byte| *byte != 0).map(<[u8]>::len);
                prop_assert!(gaps.max() < Some(SHORTEST_GAP), "a long piece of zeros is written out");
            }
            prop_assert_eq!(filled, content);
        }
    }
}
