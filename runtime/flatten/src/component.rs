//! The outer component: its parts in their order, and where each core item comes from.

use std::ops::Range;

use wasmparser::{
    CanonicalFunction, Chunk, ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    Instance, Parser, Payload,
};

use crate::error::{Result, missing, unsupported};
use crate::module::{Kind, Module};

/// A part of the component, in the order in which they stand.
pub(crate) enum Item<'a> {
    /// A section that has nothing to do with core items, or refers to none that changes: copied.
    Section { id: u8, data: &'a [u8] },
    /// An alias within the component's own index spaces: copied.
    Alias(ComponentAlias<'a>),
    /// A core module, by index.
    Module(u32),
    /// A core instance, by index.
    Instance(u32),
    /// A function that goes through the canonical ABI. All but lifts make a core function.
    Canonical { function: CanonicalFunction, core: Option<u32> },
}

/// A core instance.
pub(crate) enum CoreInstance<'a> {
    /// A module with its arguments: a name and the instance that stands for it.
    Instantiated { module: u32, arguments: Vec<(&'a str, u32)> },
    /// A bundle of core items under names.
    Bundle(Vec<(&'a str, Kind, u32)>),
}

/// Where an item of a core index space of the component comes from.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// The component makes it itself.
    Canonical,
    /// An export of a core instance.
    Export { instance: u32, name: &'a str },
}

/// A component, taken apart.
#[derive(Default)]
pub(crate) struct Component<'a> {
    pub(crate) items: Vec<Item<'a>>,
    pub(crate) modules: Vec<Module<'a>>,
    pub(crate) instances: Vec<CoreInstance<'a>>,
    sources: [Vec<Source<'a>>; Kind::ALL.len()],
    /// Component types and functions that there are in the end: the indices of what is added.
    pub(crate) types: u32,
    pub(crate) functions: u32,
}

/// Section numbers of the component binary format.
pub(crate) mod section {
    pub(crate) const CORE_TYPE: u8 = 3;
    pub(super) const COMPONENT: u8 = 4;
    pub(super) const INSTANCE: u8 = 5;
    pub(super) const TYPE: u8 = 7;
    pub(super) const IMPORT: u8 = 10;
    pub(super) const EXPORT: u8 = 11;
}

impl<'a> Component<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self> {
        let mut component = Self::default();
        let mut parser = Parser::new(0);
        let mut at = 0;
        while at < bytes.len() {
            let Chunk::Parsed { consumed, payload } = parser.parse(&bytes[at..], true)? else {
                return Err(missing("the rest of a section"));
            };
            at += consumed;
            // Nested modules and components are read on their own: the parser must go on behind them.
            let nested = match &payload {
                Payload::ModuleSection { unchecked_range, .. } | Payload::ComponentSection { unchecked_range, .. } => {
                    Some(unchecked_range.clone())
                }
                _ => None,
            };
            component.read(payload, bytes)?;
            if let Some(range) = nested {
                at = range.end;
            }
        }
        Ok(component)
    }

    fn read(&mut self, payload: Payload<'a>, bytes: &'a [u8]) -> Result<()> {
        match payload {
            Payload::ModuleSection { unchecked_range, .. } => {
                let module = bytes.get(unchecked_range).ok_or_else(|| missing("the rest of a module"))?;
                self.items.push(Item::Module(index(self.modules.len())));
                self.modules.push(Module::parse(module)?);
            }
            Payload::ComponentSection { unchecked_range, .. } => {
                refuse_outer_modules(bytes.get(unchecked_range.clone()).unwrap_or_default())?;
                self.copy(section::COMPONENT, unchecked_range, bytes)?;
            }
            Payload::CoreTypeSection(reader) => self.copy(section::CORE_TYPE, reader.range(), bytes)?,
            Payload::ComponentTypeSection(reader) => {
                self.copy(section::TYPE, reader.range(), bytes)?;
                self.types += reader.count();
            }
            Payload::ComponentImportSection(reader) => {
                self.copy(section::IMPORT, reader.range(), bytes)?;
                for import in reader {
                    self.count(import?.ty.kind())?;
                }
            }
            Payload::ComponentExportSection(reader) => {
                self.copy(section::EXPORT, reader.range(), bytes)?;
                // What is exported gets another index, so that it can be referred to with the type that it is exported as.
                for export in reader {
                    self.count(export?.kind)?;
                }
            }
            Payload::ComponentInstanceSection(reader) => {
                self.copy(section::INSTANCE, reader.range(), bytes)?;
                for instance in reader {
                    refuse_module_arguments(&instance?)?;
                }
            }
            Payload::InstanceSection(reader) => {
                for instance in reader {
                    self.add_instance(instance?)?;
                }
            }
            Payload::ComponentCanonicalSection(reader) => {
                for function in reader {
                    self.add_canonical(function?);
                }
            }
            Payload::ComponentAliasSection(reader) => {
                for alias in reader {
                    self.add_alias(alias?)?;
                }
            }
            Payload::Version { .. } | Payload::CustomSection(_) | Payload::End(_) => {}
            other => return unsupported(format!("a component's section {other:?}")),
        }
        Ok(())
    }

    fn copy(&mut self, id: u8, range: Range<usize>, bytes: &'a [u8]) -> Result<()> {
        let data = bytes.get(range).ok_or_else(|| missing("the rest of a section"))?;
        self.items.push(Item::Section { id, data });
        Ok(())
    }

    fn add_instance(&mut self, instance: Instance<'a>) -> Result<()> {
        let instance = match instance {
            Instance::Instantiate { module_index, args } => CoreInstance::Instantiated {
                module: module_index,
                arguments: args.iter().map(|argument| (argument.name, argument.index)).collect(),
            },
            Instance::FromExports(exports) => {
                let exports = exports.iter().map(|export| Ok((export.name, Kind::of(export.kind)?, export.index)));
                CoreInstance::Bundle(exports.collect::<Result<_>>()?)
            }
        };
        self.items.push(Item::Instance(index(self.instances.len())));
        self.instances.push(instance);
        Ok(())
    }

    /// Adds one to the number of items of that kind.
    fn count(&mut self, kind: ComponentExternalKind) -> Result<()> {
        match kind {
            ComponentExternalKind::Type => self.types += 1,
            ComponentExternalKind::Func => self.functions += 1,
            ComponentExternalKind::Module => return crossing_module(),
            _ => {}
        }
        Ok(())
    }

    fn add_canonical(&mut self, function: CanonicalFunction) {
        let core = match function {
            CanonicalFunction::Lift { .. } => {
                self.functions += 1;
                None
            }
            _ => {
                let functions = &mut self.sources[Kind::Func as usize];
                functions.push(Source::Canonical);
                Some(index(functions.len() - 1))
            }
        };
        self.items.push(Item::Canonical { function, core });
    }

    fn add_alias(&mut self, alias: ComponentAlias<'a>) -> Result<()> {
        match alias {
            ComponentAlias::CoreInstanceExport { kind, instance_index, name } => {
                let source = Source::Export { instance: instance_index, name };
                self.sources[Kind::of(kind)? as usize].push(source);
            }
            other => {
                match &other {
                    ComponentAlias::InstanceExport { kind, .. } => self.count(*kind)?,
                    ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, .. } => self.types += 1,
                    ComponentAlias::Outer { kind, .. } => return unsupported(format!("an outer alias of a {kind:?}")),
                    ComponentAlias::CoreInstanceExport { .. } => {}
                }
                self.items.push(Item::Alias(other));
            }
        }
        Ok(())
    }

    pub(crate) fn source(&self, kind: Kind, item: u32) -> Result<Source<'a>> {
        let found = self.sources[kind as usize].get(item as usize).copied();
        found.ok_or_else(|| missing(format!("core {kind:?} {item} of the component")))
    }

    pub(crate) fn instance(&self, instance: u32) -> Result<&CoreInstance<'a>> {
        self.instances.get(instance as usize).ok_or_else(|| missing(format!("core instance {instance}")))
    }

    /// The module that an instance was made of.
    pub(crate) fn instance_module(&self, instance: u32) -> Result<u32> {
        match self.instance(instance)? {
            CoreInstance::Instantiated { module, .. } => Ok(*module),
            CoreInstance::Bundle(_) => Err(missing(format!("the module of core instance {instance}"))),
        }
    }

    pub(crate) fn module(&self, module: u32) -> Result<&Module<'a>> {
        self.modules.get(module as usize).ok_or_else(|| missing(format!("core module {module}")))
    }
}

/// Sections are copied, and core modules get other numbers: so none may have a number in what is copied.
fn crossing_module<T>() -> Result<T> {
    unsupported("a core module that is imported, exported or passed on")
}

fn refuse_module_arguments(instance: &ComponentInstance<'_>) -> Result<()> {
    let mut kinds: Box<dyn Iterator<Item = ComponentExternalKind>> = match instance {
        ComponentInstance::Instantiate { args, .. } => Box::new(args.iter().map(|argument| argument.kind)),
        ComponentInstance::FromExports(exports) => Box::new(exports.iter().map(|export| export.kind)),
    };
    if kinds.any(|kind| kind == ComponentExternalKind::Module) { crossing_module() } else { Ok(()) }
}

/// A nested component can refer to modules of the one that it is in.
fn refuse_outer_modules(nested: &[u8]) -> Result<()> {
    for payload in Parser::new(0).parse_all(nested) {
        let Payload::ComponentAliasSection(aliases) = payload? else { continue };
        for alias in aliases {
            if let ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, .. } = alias? {
                return crossing_module();
            }
        }
    }
    Ok(())
}

/// A length as an index. The format has no larger ones: a component of 4 GiB cannot be read.
pub(crate) fn index(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
