//! One core module, taken apart.

use std::collections::HashMap;

use wasmparser::{
    CompositeInnerType, Data, Element, ExternalKind, FuncType, FunctionBody, Global, MemoryType, Parser, Payload,
    Table, TypeRef,
};

use crate::error::{Result, unsupported};

/// What a core module can import, define and export. Each kind has an index space of its own: imports first, then what the
/// module defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Func,
    Table,
    Memory,
    Global,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Func, Self::Table, Self::Memory, Self::Global];

    pub(crate) fn of(kind: ExternalKind) -> Result<Self> {
        Ok(match kind {
            ExternalKind::Func => Self::Func,
            ExternalKind::Table => Self::Table,
            ExternalKind::Memory => Self::Memory,
            ExternalKind::Global => Self::Global,
            ExternalKind::Tag | ExternalKind::FuncExact => return unsupported(format!("an export of kind {kind:?}")),
        })
    }

    pub(crate) fn export(self) -> wasm_encoder::ExportKind {
        match self {
            Self::Func => wasm_encoder::ExportKind::Func,
            Self::Table => wasm_encoder::ExportKind::Table,
            Self::Memory => wasm_encoder::ExportKind::Memory,
            Self::Global => wasm_encoder::ExportKind::Global,
        }
    }
}

pub(crate) struct Import<'a> {
    pub(crate) module: &'a str,
    pub(crate) name: &'a str,
    pub(crate) kind: Kind,
    pub(crate) ty: TypeRef,
}

/// A core module. Nothing is copied that is large: bodies and data are slices of the component.
#[derive(Default)]
pub(crate) struct Module<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) types: Vec<FuncType>,
    pub(crate) imports: Vec<Import<'a>>,
    /// The type of each function that is defined here.
    pub(crate) functions: Vec<u32>,
    pub(crate) bodies: Vec<FunctionBody<'a>>,
    pub(crate) tables: Vec<Table<'a>>,
    pub(crate) memories: Vec<MemoryType>,
    pub(crate) globals: Vec<Global<'a>>,
    pub(crate) exports: HashMap<&'a str, (Kind, u32)>,
    pub(crate) elements: Vec<Element<'a>>,
    pub(crate) data: Vec<Data<'a>>,
    pub(crate) has_start: bool,
}

impl<'a> Module<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self> {
        let mut module = Self { bytes, ..Self::default() };
        for payload in Parser::new(0).parse_all(bytes) {
            module.read(payload?)?;
        }
        Ok(module)
    }

    fn read(&mut self, payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    for ty in group?.into_types() {
                        match ty.composite_type.inner {
                            CompositeInnerType::Func(ty) => self.types.push(ty),
                            other => return unsupported(format!("a type that is no function's: {other:?}")),
                        }
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    let kind = match import.ty {
                        TypeRef::Func(_) => Kind::Func,
                        TypeRef::Table(_) => Kind::Table,
                        TypeRef::Memory(_) => Kind::Memory,
                        TypeRef::Global(_) => Kind::Global,
                        TypeRef::Tag(_) | TypeRef::FuncExact(_) => {
                            return unsupported(format!("an import of type {:?}", import.ty));
                        }
                    };
                    self.imports.push(Import { module: import.module, name: import.name, kind, ty: import.ty });
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    self.exports.insert(export.name, (Kind::of(export.kind)?, export.index));
                }
            }
            Payload::FunctionSection(section) => self.functions = section.into_iter().collect::<Result<_, _>>()?,
            Payload::TableSection(section) => self.tables = section.into_iter().collect::<Result<_, _>>()?,
            Payload::MemorySection(section) => self.memories = section.into_iter().collect::<Result<_, _>>()?,
            Payload::GlobalSection(section) => self.globals = section.into_iter().collect::<Result<_, _>>()?,
            Payload::ElementSection(section) => self.elements = section.into_iter().collect::<Result<_, _>>()?,
            Payload::DataSection(section) => self.data = section.into_iter().collect::<Result<_, _>>()?,
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::StartSection { .. } => self.has_start = true,
            // Names and tool chains' notes; the count of data segments is known from the segments.
            Payload::CustomSection(_) | Payload::Version { .. } | Payload::End(_) => {}
            Payload::CodeSectionStart { .. } | Payload::DataCountSection { .. } => {}
            other => return unsupported(format!("a module's section {other:?}")),
        }
        Ok(())
    }

    /// Number of imports of that kind: the index of the first definition.
    pub(crate) fn imported(&self, kind: Kind) -> usize {
        self.imports_of(kind).count()
    }

    pub(crate) fn imports_of(&self, kind: Kind) -> impl Iterator<Item = &Import<'a>> {
        self.imports.iter().filter(move |import| import.kind == kind)
    }

    pub(crate) fn defined(&self, kind: Kind) -> usize {
        match kind {
            Kind::Func => self.functions.len(),
            Kind::Table => self.tables.len(),
            Kind::Memory => self.memories.len(),
            Kind::Global => self.globals.len(),
        }
    }

    /// True for the module that the tool chain makes to break the circle between the guest and its imports: a table and, for
    /// each import, a function that calls through it. Names of modules are gone in a stripped component; its table's is not.
    pub(crate) fn is_shim(&self) -> bool {
        self.imports.is_empty() && self.exports.get(INDIRECT).is_some_and(|(kind, _)| *kind == Kind::Table)
    }

    /// True for the module that fills the shim's table once the functions that belong there can be made.
    pub(crate) fn is_fix_up(&self) -> bool {
        self.imports_of(Kind::Table).any(|import| import.name == INDIRECT)
    }
}

const INDIRECT: &str = "$imports";
