//! Cuts a component down to one of its exports.
//!
//! What the export refers to stays, as do the imports and everything of the core modules, whose numbers do not change. Types,
//! functions and exports that only other exports need go, and those that follow get other numbers.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

use wasm_encoder::reencode::{Reencode, ReencodeComponent};
use wasm_encoder::{
    CanonicalFunctionSection, Component, ComponentAliasSection, ComponentExportSection, ComponentImportSection,
    ComponentTypeSection, RawSection,
};
use wasmparser::{
    CanonicalFunction, Chunk, ComponentAlias, ComponentExport, ComponentExternalKind, ComponentImport,
    ComponentOuterAliasKind, ComponentType, Parser, Payload,
};

use crate::component::section;
use crate::error::{Result, missing, unsupported};
use crate::rebuild::CORE_MODULE;

/// Section number of core instances.
const CORE_INSTANCE: u8 = 2;

/// The component with that function as its only export, under the name that it is to have.
pub(crate) fn only(component: &[u8], export: &str, name: &str) -> Result<Vec<u8>> {
    let parts = parts(component)?;
    let wanted = |part: &Part<'_>| matches!(part, Part::Export(found) if found.name.name == export);
    if !parts.iter().any(wanted) {
        return Err(missing(format!("the export {export:?}")));
    }
    let places = places(&parts);
    let live = live(&parts, &places, wanted)?;
    let mut writer = Writer::default();
    for ((part, place), _) in parts.into_iter().zip(places).zip(live).filter(|(_, live)| *live) {
        let part = match part {
            Part::Export(mut found) => {
                found.name.name = name;
                Part::Export(found)
            }
            other => other,
        };
        writer.write(part)?;
        if let Some((kind, place)) = place {
            writer.give_number(kind, place);
        }
    }
    Ok(writer.out.finish())
}

/// A definition of the component.
#[derive(Clone)]
enum Part<'a> {
    /// Core modules and their instances: copied.
    Core {
        id: u8,
        data: &'a [u8],
    },
    Type(ComponentType<'a>),
    Import(ComponentImport<'a>),
    Alias(ComponentAlias<'a>),
    Canonical(CanonicalFunction),
    Export(ComponentExport<'a>),
    /// A component or an instance of one, of the component's own.
    Nested(ComponentExternalKind),
}

impl Part<'_> {
    /// The index space of the component that the definition adds to; core ones are not counted.
    fn adds_to(&self) -> Option<ComponentExternalKind> {
        match self {
            Self::Type(_) | Self::Alias(ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, .. }) => {
                Some(ComponentExternalKind::Type)
            }
            Self::Import(import) => Some(import.ty.kind()),
            Self::Alias(ComponentAlias::InstanceExport { kind, .. }) => Some(*kind),
            Self::Canonical(CanonicalFunction::Lift { .. }) => Some(ComponentExternalKind::Func),
            Self::Export(export) => Some(export.kind),
            Self::Nested(kind) => Some(*kind),
            Self::Core { .. } | Self::Alias(_) | Self::Canonical(_) => None,
        }
    }

    /// True for what stays whoever refers to it: what has a number in core code, and what the component asks of its host.
    fn always_stays(&self) -> bool {
        match self {
            Self::Core { .. } | Self::Alias(ComponentAlias::CoreInstanceExport { .. }) => true,
            Self::Canonical(function) => !matches!(function, CanonicalFunction::Lift { .. }),
            Self::Import(import) => import.ty.kind() != ComponentExternalKind::Type,
            _ => false,
        }
    }
}

fn parts(bytes: &[u8]) -> Result<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let mut parser = Parser::new(0);
    let mut at = 0;
    while at < bytes.len() {
        let Chunk::Parsed { consumed, payload } = parser.parse(&bytes[at..], true)? else {
            return Err(missing("the rest of a section"));
        };
        at += consumed;
        if let Payload::ModuleSection { unchecked_range, .. } | Payload::ComponentSection { unchecked_range, .. } =
            &payload
        {
            at = unchecked_range.end;
        }
        add(&mut parts, payload, bytes)?;
    }
    Ok(parts)
}

fn add<'a>(parts: &mut Vec<Part<'a>>, payload: Payload<'a>, bytes: &'a [u8]) -> Result<()> {
    let mut copy = |id, range| {
        let data = bytes.get(range).ok_or_else(|| missing("the rest of a section"))?;
        parts.push(Part::Core { id, data });
        Ok(())
    };
    match payload {
        Payload::ModuleSection { unchecked_range, .. } => return copy(CORE_MODULE, unchecked_range),
        Payload::InstanceSection(reader) => return copy(CORE_INSTANCE, reader.range()),
        Payload::CoreTypeSection(reader) => return copy(section::CORE_TYPE, reader.range()),
        Payload::ComponentTypeSection(reader) => {
            for ty in reader {
                parts.push(Part::Type(ty?));
            }
        }
        Payload::ComponentImportSection(reader) => {
            for import in reader {
                parts.push(Part::Import(import?));
            }
        }
        Payload::ComponentAliasSection(reader) => {
            for alias in reader {
                parts.push(Part::Alias(alias?));
            }
        }
        Payload::ComponentCanonicalSection(reader) => {
            for function in reader {
                parts.push(Part::Canonical(function?));
            }
        }
        Payload::ComponentExportSection(reader) => {
            for export in reader {
                parts.push(Part::Export(export?));
            }
        }
        Payload::ComponentSection { .. } => parts.push(Part::Nested(ComponentExternalKind::Component)),
        Payload::ComponentInstanceSection(reader) => {
            parts.extend((0..reader.count()).map(|_| Part::Nested(ComponentExternalKind::Instance)));
        }
        Payload::Version { .. } | Payload::CustomSection(_) | Payload::End(_) => {}
        other => return unsupported(format!("a component's section {other:?}")),
    }
    Ok(())
}

/// An index of the component, with its index space.
type Place = (ComponentExternalKind, u32);

/// What each part is referred to by.
fn places(parts: &[Part<'_>]) -> Vec<Option<Place>> {
    let mut next: Vec<(ComponentExternalKind, u32)> = Vec::new();
    let mut place = |kind| match next.iter_mut().find(|(space, _)| *space == kind) {
        Some((_, number)) => {
            *number += 1;
            (kind, *number)
        }
        None => {
            next.push((kind, 0));
            (kind, 0)
        }
    };
    parts.iter().map(|part| part.adds_to().map(&mut place)).collect()
}

/// Which parts stay. Each refers only to earlier ones, so that it is known from the end on.
fn live(parts: &[Part<'_>], places: &[Option<Place>], wanted: impl Fn(&Part<'_>) -> bool) -> Result<Vec<bool>> {
    let mut referred: HashSet<(u8, u32)> = HashSet::new();
    let mut live = vec![false; parts.len()];
    for (number, (part, place)) in parts.iter().zip(places).enumerate().rev() {
        live[number] = part.always_stays() || wanted(part) || place.is_some_and(|place| referred.contains(&key(place)));
        // Nothing that is copied refers to what has a number here.
        if live[number] && !matches!(part, Part::Core { .. }) {
            let mut writer = Writer::default();
            writer.write(part.clone())?;
            referred.extend(writer.referred);
        }
    }
    Ok(live)
}

fn key((kind, place): Place) -> (u8, u32) {
    (kind as u8, place)
}

/// Writes parts, with the numbers that those before it were given.
#[derive(Default)]
struct Writer {
    out: Component,
    /// New numbers by the old ones.
    numbers: HashMap<(u8, u32), u32>,
    /// How many there are of each kind.
    counts: HashMap<u8, u32>,
    /// Whatever has been referred to.
    referred: Vec<(u8, u32)>,
    /// How deep within a type of an instance or a component, which has index spaces of its own.
    depth: u32,
}

impl Writer {
    fn give_number(&mut self, kind: ComponentExternalKind, place: u32) {
        let count = self.counts.entry(kind as u8).or_default();
        self.numbers.insert(key((kind, place)), *count);
        *count += 1;
    }

    fn write(&mut self, part: Part<'_>) -> Result<()> {
        match part {
            Part::Core { id, data } => {
                self.out.section(&RawSection { id, data });
            }
            Part::Type(ty) => {
                let mut types = ComponentTypeSection::new();
                self.parse_component_type(types.ty(), ty)?;
                self.out.section(&types);
            }
            Part::Import(import) => {
                let mut imports = ComponentImportSection::new();
                imports.import(import.name, self.component_type_ref(import.ty)?);
                self.out.section(&imports);
            }
            Part::Alias(alias) => {
                let mut aliases = ComponentAliasSection::new();
                aliases.alias(self.component_alias(alias)?);
                self.out.section(&aliases);
            }
            Part::Canonical(function) => {
                let mut functions = CanonicalFunctionSection::new();
                self.parse_component_canonical(&mut functions, function)?;
                self.out.section(&functions);
            }
            Part::Export(export) => {
                let mut exports = ComponentExportSection::new();
                self.parse_component_export(&mut exports, export)?;
                self.out.section(&exports);
            }
            Part::Nested(kind) => return unsupported(format!("a {kind:?} that an export needs")),
        }
        Ok(())
    }

    fn number(&mut self, kind: ComponentExternalKind, place: u32) -> u32 {
        let key = key((kind, place));
        self.referred.push(key);
        self.numbers.get(&key).copied().unwrap_or(place)
    }
}

impl Reencode for Writer {
    type Error = Infallible;
}

impl ReencodeComponent for Writer {
    fn component_type_index(&mut self, ty: u32) -> u32 {
        if self.depth == 0 { self.number(ComponentExternalKind::Type, ty) } else { ty }
    }

    fn outer_component_type_index(&mut self, count: u32, ty: u32) -> u32 {
        if self.depth == count { self.number(ComponentExternalKind::Type, ty) } else { ty }
    }

    fn component_instance_index(&mut self, instance: u32) -> u32 {
        if self.depth == 0 { self.number(ComponentExternalKind::Instance, instance) } else { instance }
    }

    fn component_func_index(&mut self, function: u32) -> u32 {
        self.number(ComponentExternalKind::Func, function)
    }

    fn push_depth(&mut self) {
        self.depth += 1;
    }

    fn pop_depth(&mut self) {
        self.depth -= 1;
    }
}
