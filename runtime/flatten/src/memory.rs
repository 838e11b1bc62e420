//! The module that defines the memory, with or without content, and its exchange.

use std::ops::Range;

use wasm_encoder::{
    Component, ComponentImportSection, ComponentTypeRef, ConstExpr, CoreTypeSection, DataSection, EntityType,
    ExportKind, ExportSection, MemorySection, MemoryType, Module, ModuleSection, ModuleType,
};
use wasmparser::{Chunk, Parser, Payload};

use crate::component::index;
use crate::error::{Result, missing, unsupported};
use crate::{PAGE, names};

/// Pieces of zeros shorter than this are written out: a segment of its own costs more.
const SHORTEST_GAP: usize = 64;

/// A module that defines and exports a memory of so many pages which begins with those segments: address and content.
pub(crate) fn module(pages: u64, segments: &[(usize, &[u8])]) -> Module {
    let mut memories = MemorySection::new();
    memories.memory(of(pages));
    let mut exports = ExportSection::new();
    exports.export(names::MEMORY, ExportKind::Memory, 0);
    let mut module = Module::new();
    module.section(&memories).section(&exports);
    let mut data = DataSection::new();
    for (offset, bytes) in segments {
        data.active(0, &ConstExpr::i32_const(index(*offset).cast_signed()), bytes.iter().copied());
    }
    if !data.is_empty() {
        module.section(&data);
    }
    module
}

fn of(pages: u64) -> MemoryType {
    MemoryType { minimum: pages, maximum: None, memory64: false, shared: false, page_size_log2: None }
}

/// The image as a module that [`with_imported_memory`]'s component can be given. All of it in one piece, as a host that maps
/// it wants it.
pub fn image_module(image: &[u8]) -> Result<Vec<u8>> {
    Ok(module(whole_pages(image)?, &[(0, image)]).finish())
}

fn whole_pages(image: &[u8]) -> Result<u64> {
    match image.len().is_multiple_of(PAGE) {
        true => Ok((image.len() / PAGE) as u64),
        false => unsupported("an image that ends within a page"),
    }
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
    let module = module(whole_pages(image)?, &segments(image));
    with_memory(flattened, Component::new().section(&ModuleSection(&module)))
}

/// The flattened component, but for its memory, which it imports: a module [`names::MEMORY`] that exports one of at least so
/// many pages. Whoever instantiates it says what the memory begins with.
pub fn with_imported_memory(flattened: &[u8], pages: u64) -> Result<Vec<u8>> {
    let mut ty = ModuleType::new();
    ty.export(names::MEMORY, EntityType::Memory(of(pages)));
    let (mut types, mut imports) = (CoreTypeSection::new(), ComponentImportSection::new());
    types.ty().module(&ty);
    imports.import(names::MEMORY, ComponentTypeRef::Module(0));
    with_memory(flattened, Component::new().section(&types).section(&imports))
}

/// The flattened component with the sections of another one in the place of its memory's module: they too define core module 0.
fn with_memory(flattened: &[u8], other: &Component) -> Result<Vec<u8>> {
    let place = first_module(flattened)?;
    let sections = other.as_slice().get(Component::HEADER.len()..).unwrap_or_default();
    Ok([&flattened[..place.start], sections, &flattened[place.end..]].concat())
}

/// Where the section of the first core module stands. No core type may come before what refers to it.
fn first_module(flattened: &[u8]) -> Result<Range<usize>> {
    let mut parser = Parser::new(0);
    let mut at = 0;
    loop {
        let Chunk::Parsed { consumed, payload } = parser.parse(&flattened[at..], true)? else {
            return Err(missing("the rest of a section"));
        };
        let start = at;
        at += consumed;
        match payload {
            Payload::ModuleSection { unchecked_range, .. } if unchecked_range.end <= flattened.len() => {
                return Ok(start..unchecked_range.end);
            }
            Payload::ModuleSection { .. } => return Err(missing("the rest of a module")),
            Payload::CoreTypeSection(_) => return unsupported("a core type before the memory"),
            Payload::End(_) => return Err(missing("a core module")),
            _ => {}
        }
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
            let bytes = module(1, &segments(&content)).finish();
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
