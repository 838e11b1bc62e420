//! One walk over a component's bytes that nobody has looked at yet.
//!
//! Everything that costs the compiler more than in proportion (functions, locals, nesting, tables) has a bound, some ten times
//! what CPython's own component needs; beyond one, the component is refused with what was found and what is allowed.

use wasmparser::types::Types;
use wasmparser::{
    ComponentTypeRef, Encoding, FunctionBody, Operator, Parser, Payload, TypeBounds, ValidPayload, Validator,
};

use super::ComponentError;
use crate::engine;
use crate::outcome::grouped;

/// A component's top level, valid but for the bodies of its functions.
pub(crate) struct Shape {
    pub(crate) types: Types,
    /// Names of its imports, in order.
    pub(crate) imports: Vec<String>,
    /// Names of its exports, in order.
    pub(crate) exports: Vec<String>,
}

/// The bounds. CPython's component has some 13,000 functions in 16 modules.
struct Bound {
    what: &'static str,
    most: u64,
}

const MODULES: Bound = Bound { what: "core modules and components", most: 200 };
const NESTING: Bound = Bound { what: "components inside one another", most: 8 };
const FUNCTIONS: Bound = Bound { what: "functions", most: 200_000 };
const BODY: Bound = Bound { what: "bytes in one function", most: 1 << 20 };
const LOCALS: Bound = Bound { what: "local variables in one function", most: 10_000 };
const ALL_LOCALS: Bound = Bound { what: "local variables", most: 2_000_000 };
const BLOCKS: Bound = Bound { what: "blocks inside one another", most: 1_000 };
const TABLES: Bound = Bound { what: "tables", most: 100 };
const ELEMENTS: Bound = Bound { what: "elements in one table", most: 100_000 };
const GLOBALS: Bound = Bound { what: "globals", most: 100_000 };
const DEFINITIONS: Bound = Bound { what: "types, imports, exports, aliases and instances", most: 200_000 };

impl Bound {
    fn check(&self, found: u64) -> Result<(), ComponentError> {
        if found <= self.most {
            return Ok(());
        }
        let (found, most) = (grouped(found), grouped(self.most));
        Err(ComponentError::refused(format!("the component has {found} {}, {most} are allowed", self.what)))
    }
}

/// What has been met so far.
#[derive(Default)]
struct Count {
    depth: u64,
    modules: u64,
    functions: u64,
    locals: u64,
    tables: u64,
    globals: u64,
    definitions: u64,
}

impl Shape {
    /// Walks the bytes.
    pub(crate) fn read(wasm: &[u8]) -> Result<Self, ComponentError> {
        let mut validator = Validator::new_with_features(engine::features());
        let (mut count, mut imports, mut exports, mut types) = (Count::default(), Vec::new(), Vec::new(), None);
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.map_err(malformed)?;
            count.payload(&payload)?;
            if count.depth == 1 {
                match &payload {
                    Payload::ComponentImportSection(section) => {
                        for import in section.clone() {
                            let import = import.map_err(malformed)?;
                            // A name for a type that another import defines can be called by nobody.
                            if !matches!(import.ty, ComponentTypeRef::Type(TypeBounds::Eq(_))) {
                                imports.push(import.name.name.to_owned());
                            }
                        }
                    }
                    Payload::ComponentExportSection(section) => {
                        for export in section.clone() {
                            exports.push(export.map_err(malformed)?.name.name.to_owned());
                        }
                    }
                    _ => {}
                }
            }
            match validator.payload(&payload).map_err(malformed)? {
                // Its body is for the compiling process to validate.
                ValidPayload::Func(_, body) => count.body(&body)?,
                ValidPayload::End(end) => types = Some(end),
                ValidPayload::Ok | ValidPayload::Parser(_) => {}
            }
        }
        let types = types.ok_or_else(|| ComponentError::refused("the component is cut short"))?;
        Ok(Self { types, imports, exports })
    }
}

impl Count {
    fn payload(&mut self, payload: &Payload<'_>) -> Result<(), ComponentError> {
        match payload {
            Payload::Version { encoding, .. } => {
                if self.depth == 0 && *encoding == Encoding::Module {
                    let reason = "the file is a core WebAssembly module, not a component: componentize it first";
                    return Err(ComponentError::refused(reason));
                }
                self.depth += 1;
                self.modules += 1;
                NESTING.check(self.depth)?;
                MODULES.check(self.modules)
            }
            Payload::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                Ok(())
            }
            Payload::FunctionSection(section) => self.functions(section.count()),
            Payload::CodeSectionStart { count, .. } => FUNCTIONS.check((*count).into()),
            Payload::CodeSectionEntry(body) => BODY.check(body.range().len() as u64),
            Payload::TableSection(section) => {
                self.tables += u64::from(section.count());
                TABLES.check(self.tables)?;
                section.clone().into_iter().try_for_each(|table| ELEMENTS.check(table.map_err(malformed)?.ty.initial))
            }
            Payload::GlobalSection(section) => {
                self.globals += u64::from(section.count());
                GLOBALS.check(self.globals)
            }
            Payload::TypeSection(section) => self.definitions(section.count()),
            Payload::ImportSection(section) => self.definitions(section.count()),
            Payload::ExportSection(section) => self.definitions(section.count()),
            Payload::InstanceSection(section) => self.definitions(section.count()),
            Payload::CoreTypeSection(section) => self.definitions(section.count()),
            Payload::ComponentInstanceSection(section) => self.definitions(section.count()),
            Payload::ComponentAliasSection(section) => self.definitions(section.count()),
            Payload::ComponentTypeSection(section) => self.definitions(section.count()),
            Payload::ComponentCanonicalSection(section) => self.definitions(section.count()),
            Payload::ComponentImportSection(section) => self.definitions(section.count()),
            Payload::ComponentExportSection(section) => self.definitions(section.count()),
            Payload::ComponentStartSection { .. } => {
                Err(ComponentError::refused("the component has a start function, which a strategy may not have"))
            }
            _ => Ok(()),
        }
    }

    fn functions(&mut self, count: u32) -> Result<(), ComponentError> {
        self.functions += u64::from(count);
        FUNCTIONS.check(self.functions)
    }

    fn definitions(&mut self, count: u32) -> Result<(), ComponentError> {
        self.definitions += u64::from(count);
        DEFINITIONS.check(self.definitions)
    }

    fn body(&mut self, body: &FunctionBody<'_>) -> Result<(), ComponentError> {
        let mut locals = 0;
        for group in body.get_locals_reader().map_err(malformed)? {
            locals += u64::from(group.map_err(malformed)?.0);
            LOCALS.check(locals)?;
        }
        self.locals += locals;
        ALL_LOCALS.check(self.locals)?;
        let (mut depth, mut deepest) = (1_u64, 1);
        for operator in body.get_operators_reader().map_err(malformed)? {
            match operator.map_err(malformed)? {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => depth += 1,
                Operator::End => depth = depth.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(depth);
        }
        BLOCKS.check(deepest)
    }
}

fn malformed(error: wasmparser::BinaryReaderError) -> ComponentError {
    ComponentError::refused(format!("the file is no valid component: {error}"))
}
