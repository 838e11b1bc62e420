//! Puts the component together again around the merged module.

use std::collections::HashMap;

use wasm_encoder::reencode::{self, Reencode, ReencodeComponent};
use wasm_encoder::{
    Alias, CanonicalFunctionSection, Component, ComponentAliasSection, ComponentExportKind, ComponentExportSection,
    ComponentTypeSection, ComponentValType, ExportKind, InstanceSection, ModuleArg, RawSection,
};
use wasmparser::CanonicalFunction;

use crate::component::Item;
use crate::error::{Error, Result, missing};
use crate::link::{Definition, Linked};
use crate::memory;
use crate::merge::Merged;
use crate::module::Kind;
use crate::names;

/// Section number of a nested core module.
pub(crate) const CORE_MODULE: u8 = 1;

/// The flattened component. Its first core module is the memory, without content; see [`memory::module`].
pub(crate) fn component(linked: &Linked<'_, '_>, merged: &Merged<'_>, pages: u64) -> Result<Vec<u8>> {
    let mut builder = Builder {
        linked,
        merged,
        out: Component::new(),
        modules: 0,
        instances: 0,
        core: HashMap::new(),
        counts: [0; Kind::ALL.len()],
        kept_modules: HashMap::new(),
        kept_instances: HashMap::new(),
        canonicals: HashMap::new(),
        code: None,
    };
    builder.add_memory(pages)?;
    for item in &linked.component.items {
        builder.add(item)?;
    }
    builder.add_snapshot()?;
    Ok(builder.out.finish())
}

struct Builder<'l, 'c, 'a> {
    linked: &'l Linked<'c, 'a>,
    merged: &'l Merged<'a>,
    out: Component,
    modules: u32,
    instances: u32,
    /// Core items by what they are: those that already have an index.
    core: HashMap<(Definition<'a>, Kind), u32>,
    counts: [u32; Kind::ALL.len()],
    kept_modules: HashMap<u32, u32>,
    kept_instances: HashMap<u32, u32>,
    canonicals: HashMap<u32, u32>,
    /// The merged module's instance, once it is there.
    code: Option<u32>,
}

const MEMORY_INSTANCE: u32 = 0;

/// An argument of an instance: its name, and the core items in it with theirs.
type Bundle<'a> = (&'a str, Vec<(&'a str, ExportKind, u32)>);

impl<'a> Builder<'_, '_, 'a> {
    fn add_memory(&mut self, pages: u64) -> Result<()> {
        self.add_module(&memory::module(pages, &[]).finish());
        let mut section = InstanceSection::new();
        section.instantiate::<[(&str, ModuleArg); 0], &str>(0, []);
        self.out.section(&section);
        self.instances += 1;
        self.alias(MEMORY_INSTANCE, Kind::Memory, names::MEMORY, self.merged.memory);
        Ok(())
    }

    fn add(&mut self, item: &Item<'a>) -> Result<()> {
        match item {
            Item::Section { id, data } => {
                self.out.section(&RawSection { id: *id, data });
            }
            Item::Alias(alias) => {
                let mut section = ComponentAliasSection::new();
                section.alias(reencode::RoundtripReencoder.component_alias(alias.clone())?);
                self.out.section(&section);
            }
            Item::Module(module) => {
                let module_is = self.linked.component.module(*module)?;
                if module_is.is_shim() || module_is.is_fix_up() {
                    let number = self.add_module(module_is.bytes);
                    self.kept_modules.insert(*module, number);
                }
            }
            Item::Instance(instance) => self.add_instance(*instance)?,
            Item::Canonical { function, core } => self.add_canonical(function, *core)?,
        }
        Ok(())
    }

    fn add_module(&mut self, bytes: &[u8]) -> u32 {
        self.out.section(&RawSection { id: CORE_MODULE, data: bytes });
        self.modules += 1;
        self.modules - 1
    }

    /// An instance that stays: the shim or its fix-up.
    fn add_instance(&mut self, instance: u32) -> Result<()> {
        let Some((module, arguments)) = self.linked.instantiated(instance)? else { return Ok(()) };
        if self.linked.merged.contains(&instance) {
            return Ok(());
        }
        // An import has a module's name and its own: one bundle for each of the former.
        let mut bundles: Vec<Bundle<'_>> = Vec::new();
        for import in &module.imports {
            let number = self.index_of(self.linked.argument(arguments, import)?, import.kind)?;
            let item = (import.name, import.kind.export(), number);
            match bundles.iter_mut().find(|bundle| bundle.0 == import.module) {
                Some(bundle) => bundle.1.push(item),
                None => bundles.push((import.module, vec![item])),
            }
        }
        let original = self.linked.component.instance_module(instance)?;
        let module = self.kept_modules.get(&original).copied().ok_or_else(|| missing("the module of an instance"))?;
        let number = self.instantiate(module, bundles);
        self.kept_instances.insert(instance, number);
        Ok(())
    }

    /// Returns the index of the new instance.
    fn instantiate(&mut self, module: u32, bundles: Vec<Bundle<'_>>) -> u32 {
        let mut section = InstanceSection::new();
        let mut arguments = Vec::new();
        for (name, items) in bundles {
            section.export_items(items);
            arguments.push((name, ModuleArg::Instance(self.instances)));
            self.instances += 1;
        }
        section.instantiate(module, arguments);
        self.out.section(&section);
        self.instances += 1;
        self.instances - 1
    }

    fn add_canonical(&mut self, function: &CanonicalFunction, core: Option<u32>) -> Result<()> {
        let mut section = CanonicalFunctionSection::new();
        self.parse_component_canonical(&mut section, function.clone())?;
        self.out.section(&section);
        if let Some(core) = core {
            self.canonicals.insert(core, self.counts[Kind::Func as usize]);
            self.counts[Kind::Func as usize] += 1;
        }
        Ok(())
    }

    /// Exports the function that ends an instance whose memory is to be kept.
    fn add_snapshot(&mut self) -> Result<()> {
        let code = self.code()?;
        let mut aliases = ComponentAliasSection::new();
        aliases.alias(Alias::CoreInstanceExport { instance: code, kind: ExportKind::Func, name: names::SNAPSHOT });
        self.out.section(&aliases);
        let mut types = ComponentTypeSection::new();
        types.function().params::<[(&str, ComponentValType); 0], _>([]).result(None);
        self.out.section(&types);
        let mut lifts = CanonicalFunctionSection::new();
        lifts.lift(self.counts[Kind::Func as usize], self.linked.component.types, []);
        self.out.section(&lifts);
        let mut exports = ComponentExportSection::new();
        exports.export(names::SNAPSHOT, ComponentExportKind::Func, self.linked.component.functions, None);
        self.out.section(&exports);
        Ok(())
    }

    /// The index of a core item in the new component; made where nobody has needed it yet.
    fn index_of(&mut self, definition: Definition<'a>, kind: Kind) -> Result<u32> {
        if let Definition::Canonical { function } = definition {
            let number = self.canonicals.get(&function).copied();
            return number.ok_or_else(|| missing(format!("core function {function} before it is used")));
        }
        if let Some(number) = self.core.get(&(definition, kind)) {
            return Ok(*number);
        }
        match definition {
            Definition::Merged { .. } => {
                let instance = self.code()?;
                let name = self.merged.exports.get(&definition);
                let name = name.ok_or_else(|| missing(format!("{definition:?} among the exports")))?;
                Ok(self.alias(instance, kind, name, definition))
            }
            Definition::Kept { instance, name } => {
                let instance = self.kept_instances.get(&instance).copied();
                let instance =
                    instance.ok_or_else(|| missing(format!("the instance of {name:?} before it is used")))?;
                Ok(self.alias(instance, kind, name, definition))
            }
            Definition::Canonical { .. } => Err(missing("a core function")),
        }
    }

    fn alias(&mut self, instance: u32, kind: Kind, name: &str, definition: Definition<'a>) -> u32 {
        let mut section = ComponentAliasSection::new();
        section.alias(Alias::CoreInstanceExport { instance, kind: kind.export(), name });
        self.out.section(&section);
        let number = self.counts[kind as usize];
        self.counts[kind as usize] += 1;
        self.core.insert((definition, kind), number);
        number
    }

    /// The merged module's instance. It is made when it is first referred to: then all that it imports is there.
    fn code(&mut self) -> Result<u32> {
        if let Some(instance) = self.code {
            return Ok(instance);
        }
        let merged = self.merged;
        let module = self.add_module(&merged.module);
        let memory = self.index_of(merged.memory, Kind::Memory)?;
        let numbers: Vec<String> = (0..merged.imports.len()).map(|number| number.to_string()).collect();
        let mut functions = Vec::new();
        for (name, definition) in numbers.iter().zip(&merged.imports) {
            functions.push((name.as_str(), ExportKind::Func, self.index_of(*definition, Kind::Func)?));
        }
        let memory = vec![(names::MEMORY, ExportKind::Memory, memory)];
        let instance = self.instantiate(module, vec![(names::MEMORY, memory), (names::HOST, functions)]);
        self.code = Some(instance);
        Ok(instance)
    }

    fn renumbered(&mut self, kind: Kind, item: u32) -> Result<u32, reencode::Error<Error>> {
        let definition = self.linked.core(kind, item).map_err(reencode::Error::UserError)?;
        self.index_of(definition, kind).map_err(reencode::Error::UserError)
    }
}

/// Renumbers the core items that a `canon` definition refers to.
impl Reencode for Builder<'_, '_, '_> {
    type Error = Error;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<Error>> {
        self.renumbered(Kind::Func, function)
    }

    fn memory_index(&mut self, memory: u32) -> Result<u32, reencode::Error<Error>> {
        self.renumbered(Kind::Memory, memory)
    }
}

impl ReencodeComponent for Builder<'_, '_, '_> {}
