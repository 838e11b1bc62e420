//! Who is meant by what: follows imports through instances to the place of definition.

use std::collections::HashMap;

use wasmparser::{CanonicalFunction, CanonicalOption};

use crate::component::{Component, CoreInstance, Item, Source, index};
use crate::error::{Result, missing, unsupported};
use crate::module::{Import, Kind, Module};

/// Where a core item is really defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Definition<'a> {
    /// By a module that is merged; `index` counts its own definitions of that kind.
    Merged { instance: u32, kind: Kind, index: u32 },
    /// By an instance that stays as it is.
    Kept { instance: u32, name: &'a str },
    /// By the component: the core function that a `canon` definition makes.
    Canonical { function: u32 },
}

/// The component with every reference between its core instances resolved.
pub(crate) struct Linked<'c, 'a> {
    pub(crate) component: &'c Component<'a>,
    /// The instances whose modules become one, in the order of their instantiation.
    pub(crate) merged: Vec<u32>,
    /// For each of them and each kind: what stands behind each index of its module.
    spaces: HashMap<(u32, Kind), Vec<Definition<'a>>>,
}

/// The module of an instance, and its arguments: a name and the instance that stands for it.
type Instantiated<'c, 'a> = (&'c Module<'a>, &'c [(&'a str, u32)]);

impl<'c, 'a> Linked<'c, 'a> {
    pub(crate) fn new(component: &'c Component<'a>) -> Result<Self> {
        let mut linked = Self { component, merged: Vec::new(), spaces: HashMap::new() };
        for instance in 0..index(component.instances.len()) {
            if let Some((module, _)) = linked.instantiated(instance)?
                && !module.is_shim()
                && !module.is_fix_up()
            {
                if module.has_start {
                    return unsupported("a start function: what it does would have to be done at another moment");
                }
                linked.merged.push(instance);
            }
        }
        for &instance in &linked.merged {
            for kind in Kind::ALL {
                let space = linked.index_space(instance, kind)?;
                linked.spaces.insert((instance, kind), space);
            }
        }
        Ok(linked)
    }

    /// The module of a merged instance.
    pub(crate) fn module(&self, instance: u32) -> Result<&'c Module<'a>> {
        let found = self.instantiated(instance)?;
        found.map(|(module, _)| module).ok_or_else(|| missing(format!("the module of core instance {instance}")))
    }

    /// What stands behind each index of a merged instance's module.
    pub(crate) fn space(&self, instance: u32, kind: Kind) -> &[Definition<'a>] {
        self.spaces.get(&(instance, kind)).map_or(&[], Vec::as_slice)
    }

    /// The definitions of a merged instance's own, without its imports.
    pub(crate) fn own(&self, instance: u32, kind: Kind) -> Result<&[Definition<'a>]> {
        Ok(&self.space(instance, kind)[self.module(instance)?.imported(kind)..])
    }

    /// What the component's core item is.
    pub(crate) fn core(&self, kind: Kind, item: u32) -> Result<Definition<'a>> {
        match self.component.source(kind, item)? {
            Source::Canonical => Ok(Definition::Canonical { function: item }),
            Source::Export { instance, name } => self.export(instance, kind, name),
        }
    }

    /// What an argument of an instance that stays is.
    pub(crate) fn argument(&self, arguments: &[(&'a str, u32)], import: &Import<'a>) -> Result<Definition<'a>> {
        let argument = arguments.iter().find(|(name, _)| *name == import.module);
        let (_, instance) = argument.ok_or_else(|| missing(format!("an argument {:?}", import.module)))?;
        self.export(*instance, import.kind, import.name)
    }

    /// What the rest of the component refers to: everything that the merged module has to export.
    pub(crate) fn referred(&self) -> Result<Vec<Definition<'a>>> {
        let mut found = Vec::new();
        for item in &self.component.items {
            match item {
                Item::Instance(instance) if !self.merged.contains(instance) => {
                    if let Some((module, arguments)) = self.instantiated(*instance)? {
                        for import in &module.imports {
                            found.push(self.argument(arguments, import)?);
                        }
                    }
                }
                Item::Canonical { function, .. } => self.referred_by(function, &mut found)?,
                _ => {}
            }
        }
        Ok(found)
    }

    fn referred_by(&self, function: &CanonicalFunction, found: &mut Vec<Definition<'a>>) -> Result<()> {
        let options = match function {
            CanonicalFunction::Lift { core_func_index, options, .. } => {
                found.push(self.core(Kind::Func, *core_func_index)?);
                options
            }
            CanonicalFunction::Lower { options, .. } => options,
            CanonicalFunction::ResourceNew { .. }
            | CanonicalFunction::ResourceDrop { .. }
            | CanonicalFunction::ResourceRep { .. } => return Ok(()),
            other => return unsupported(format!("the canonical function {other:?}")),
        };
        for option in options {
            match option {
                CanonicalOption::Memory(item) => found.push(self.core(Kind::Memory, *item)?),
                CanonicalOption::Realloc(item) | CanonicalOption::PostReturn(item) => {
                    found.push(self.core(Kind::Func, *item)?);
                }
                CanonicalOption::UTF8 | CanonicalOption::UTF16 | CanonicalOption::CompactUTF16 => {}
                other => return unsupported(format!("the canonical option {other:?}")),
            }
        }
        Ok(())
    }

    pub(crate) fn instantiated(&self, instance: u32) -> Result<Option<Instantiated<'c, 'a>>> {
        match self.component.instance(instance)? {
            CoreInstance::Instantiated { module, arguments } => {
                Ok(Some((self.component.module(*module)?, arguments.as_slice())))
            }
            CoreInstance::Bundle(_) => Ok(None),
        }
    }

    fn export(&self, instance: u32, kind: Kind, name: &'a str) -> Result<Definition<'a>> {
        let absent = || missing(format!("{kind:?} {name:?} of core instance {instance}"));
        match self.component.instance(instance)? {
            CoreInstance::Bundle(items) => {
                let found = items.iter().find(|item| item.0 == name && item.1 == kind).ok_or_else(absent)?;
                self.core(kind, found.2)
            }
            CoreInstance::Instantiated { .. } if !self.merged.contains(&instance) => {
                Ok(Definition::Kept { instance, name })
            }
            CoreInstance::Instantiated { module, .. } => {
                let module = self.component.module(*module)?;
                let found = module.exports.get(name).filter(|export| export.0 == kind).ok_or_else(absent)?;
                self.behind(instance, kind, found.1)
            }
        }
    }

    fn index_space(&self, instance: u32, kind: Kind) -> Result<Vec<Definition<'a>>> {
        let module = self.module(instance)?;
        let len = module.imported(kind) + module.defined(kind);
        (0..index(len)).map(|item| self.behind(instance, kind, item)).collect()
    }

    /// What stands behind an index of a merged instance's module.
    fn behind(&self, instance: u32, kind: Kind, item: u32) -> Result<Definition<'a>> {
        let Some((module, arguments)) = self.instantiated(instance)? else {
            return Err(missing(format!("the module of core instance {instance}")));
        };
        match module.imports_of(kind).nth(item as usize) {
            Some(import) => self.argument(arguments, import),
            None => Ok(Definition::Merged { instance, kind, index: item - index(module.imported(kind)) }),
        }
    }
}
