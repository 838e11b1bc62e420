//! Writes the one module that the merged ones become.

use std::collections::{BTreeMap, HashMap};

use wasm_encoder::reencode::{self, Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, GlobalType, ImportSection, Instruction, MemArg, MemoryType, StartSection, TableSection, TypeSection,
    ValType,
};
use wasmparser::{DataKind, ElementItems, ElementKind, FuncType, Operator, TableInit, TypeRef};

use crate::component::index;
use crate::constants::{Constant, Globals};
use crate::error::{Error, Result, missing, unsupported};
use crate::link::{Definition, Linked};
use crate::live::Live;
use crate::module::Kind;
use crate::{CELLS, PAGE, names};

/// The merged module, and what has to be known to put it into a component.
pub(crate) struct Merged<'a> {
    pub(crate) module: Vec<u8>,
    /// The functions that it imports: the module's import `0`, `1`, … from [`names::HOST`].
    pub(crate) imports: Vec<Definition<'a>>,
    /// What it exports for others, each under a name. The memory is not among it: it has an instance of its own.
    pub(crate) exports: BTreeMap<Definition<'a>, String>,
    /// The memory, which the module imports.
    pub(crate) memory: Definition<'a>,
    /// Its content before the first instruction, the cells of the globals included.
    pub(crate) image: Vec<u8>,
}

pub(crate) fn merge<'a>(
    linked: &Linked<'_, 'a>,
    live: &Live<'a>,
    globals: &Globals<'a>,
    referred: &[Definition<'a>],
) -> Result<Merged<'a>> {
    let mut writer = Writer::new(linked, live, globals);
    let (memory, ty) = writer.import_memory()?;
    let image = image(linked, globals, ty)?;
    writer.import_functions()?;
    writer.declare_functions()?;
    writer.declare_tables()?;
    writer.declare_globals()?;
    let exports = writer.export(referred, memory)?;
    writer.write_elements()?;
    writer.write_bodies()?;
    writer.write_load();
    writer.write_save();
    let (module, imports) = writer.finish();
    Ok(Merged { module, imports, exports, memory, image })
}

/// What stands for a global of an original module.
#[derive(Clone, Copy)]
enum NewGlobal {
    Kept(u32),
    Folded(Constant),
}

struct Writer<'l, 'c, 'a> {
    linked: &'l Linked<'c, 'a>,
    live: &'l Live<'a>,
    globals: &'l Globals<'a>,
    type_indices: HashMap<FuncType, u32>,
    functions: HashMap<Definition<'a>, u32>,
    tables: HashMap<Definition<'a>, u32>,
    imported: Vec<Definition<'a>>,
    types: TypeSection,
    import_section: ImportSection,
    function_section: FunctionSection,
    table_section: TableSection,
    global_section: GlobalSection,
    export_section: ExportSection,
    start: Option<StartSection>,
    element_section: ElementSection,
    code: CodeSection,
}

impl<'l, 'c, 'a> Writer<'l, 'c, 'a> {
    fn new(linked: &'l Linked<'c, 'a>, live: &'l Live<'a>, globals: &'l Globals<'a>) -> Self {
        Self {
            linked,
            live,
            globals,
            type_indices: HashMap::new(),
            functions: HashMap::new(),
            tables: HashMap::new(),
            imported: Vec::new(),
            types: TypeSection::new(),
            import_section: ImportSection::new(),
            function_section: FunctionSection::new(),
            table_section: TableSection::new(),
            global_section: GlobalSection::new(),
            export_section: ExportSection::new(),
            start: None,
            element_section: ElementSection::new(),
            code: CodeSection::new(),
        }
    }

    fn import_memory(&mut self) -> Result<(Definition<'a>, MemoryType)> {
        let mut found = Vec::new();
        for &instance in &self.linked.merged {
            let memories = &self.linked.module(instance)?.memories;
            found.extend(self.linked.own(instance, Kind::Memory)?.iter().copied().zip(memories.iter().copied()));
        }
        let [(definition, ty)] = found.as_slice() else {
            return unsupported(format!("{} memories: all modules have to share one", found.len()));
        };
        // The memory is defined anew, by its size alone.
        if ty.maximum.is_some() || ty.memory64 || ty.shared || ty.page_size_log2.is_some() {
            return unsupported(format!("a memory that is more than a size: {ty:?}"));
        }
        let ty = RoundtripReencoder.memory_type(*ty)?;
        self.import_section.import(names::MEMORY, names::MEMORY, EntityType::Memory(ty));
        Ok((*definition, ty))
    }

    /// What live code calls outside: functions of the shim, and those that the component makes.
    fn import_functions(&mut self) -> Result<()> {
        for &instance in &self.linked.merged {
            let module = self.linked.module(instance)?;
            let space = self.linked.space(instance, Kind::Func);
            for (import, definition) in module.imports_of(Kind::Func).zip(space) {
                let from_outside = !matches!(definition, Definition::Merged { .. });
                if !from_outside || self.functions.contains_key(definition) || !self.live.runs(definition) {
                    continue;
                }
                let TypeRef::Func(ty) = import.ty else { continue };
                let ty = self.type_of(instance, ty)?;
                let number = index(self.imported.len());
                self.import_section.import(names::HOST, &number.to_string(), EntityType::Function(ty));
                self.functions.insert(*definition, number);
                self.imported.push(*definition);
            }
        }
        Ok(())
    }

    fn declare_functions(&mut self) -> Result<()> {
        for &instance in &self.linked.merged {
            let module = self.linked.module(instance)?;
            for (definition, ty) in self.linked.own(instance, Kind::Func)?.iter().zip(&module.functions) {
                if self.live.runs(definition) {
                    let ty = self.type_of(instance, *ty)?;
                    self.functions.insert(*definition, self.next_function());
                    self.function_section.function(ty);
                }
            }
        }
        Ok(())
    }

    fn declare_tables(&mut self) -> Result<()> {
        for &instance in &self.linked.merged {
            let module = self.linked.module(instance)?;
            for (definition, table) in self.linked.own(instance, Kind::Table)?.iter().zip(&module.tables) {
                if !matches!(table.init, TableInit::RefNull) {
                    return unsupported("a table that begins with something else than null");
                }
                let mut ty = RoundtripReencoder.table_type(table.ty)?;
                // No live instruction makes it grow, and with a fixed size a call through it is checked against a constant.
                ty.maximum = Some(ty.minimum);
                self.tables.insert(*definition, self.table_section.len());
                self.table_section.table(ty);
            }
        }
        Ok(())
    }

    /// The globals that live code writes. Their first values come from the memory's cells, because a global of the module
    /// would have the same value in every strategy.
    fn declare_globals(&mut self) -> Result<()> {
        for global in &self.globals.mutable {
            let Constant::I32(_) = self.globals.initial(global)? else {
                return unsupported("a global of 64 bits that is written");
            };
            let ty = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
            self.global_section.global(ty, &ConstExpr::i32_const(0));
        }
        Ok(())
    }

    fn export(
        &mut self,
        referred: &[Definition<'a>],
        memory: Definition<'a>,
    ) -> Result<BTreeMap<Definition<'a>, String>> {
        let mut exports = BTreeMap::new();
        for definition in referred {
            let Definition::Merged { kind, .. } = *definition else { continue };
            if *definition == memory || exports.contains_key(definition) {
                continue;
            }
            let space = match kind {
                Kind::Func => &self.functions,
                Kind::Table => &self.tables,
                Kind::Memory | Kind::Global => return unsupported(format!("a {kind:?} that others refer to")),
            };
            let number = space.get(definition).ok_or_else(|| missing(format!("{definition:?}")))?;
            let name = exports.len().to_string();
            self.export_section.export(&name, kind.export(), *number);
            exports.insert(*definition, name);
        }
        Ok(exports)
    }

    fn write_elements(&mut self) -> Result<()> {
        for &instance in &self.linked.merged {
            let (functions, tables) =
                (self.linked.space(instance, Kind::Func), self.linked.space(instance, Kind::Table));
            for element in &self.linked.module(instance)?.elements {
                let ElementKind::Active { table_index, offset_expr } = &element.kind else {
                    return unsupported("a segment that fills a table later");
                };
                let ElementItems::Functions(items) = element.items.clone() else {
                    return unsupported("a table that is filled with expressions");
                };
                let offset = self.globals.offset(offset_expr, self.linked.space(instance, Kind::Global))?;
                let table = self.table(&tables[table_index.unwrap_or(0) as usize])?;
                let items = items.into_iter().map(|item| self.function(&functions[item? as usize]));
                let items = items.collect::<Result<Vec<_>>>()?;
                // Without a number the format has a shorter form, for table 0 alone.
                let table = (table != 0).then_some(table);
                self.element_section.active(table, &ConstExpr::i32_const(offset), Elements::Functions(items.into()));
            }
        }
        Ok(())
    }

    fn write_bodies(&mut self) -> Result<()> {
        for &instance in &self.linked.merged {
            let module = self.linked.module(instance)?;
            let mut renumber = Renumber {
                types: (0..index(module.types.len())).map(|ty| self.type_of(instance, ty)).collect::<Result<_>>()?,
                functions: self.numbers(instance, Kind::Func, &self.functions),
                tables: self.numbers(instance, Kind::Table, &self.tables),
                globals: self.new_globals(instance)?,
            };
            for (definition, body) in self.linked.own(instance, Kind::Func)?.iter().zip(&module.bodies) {
                if self.live.runs(definition) {
                    renumber.parse_function_body(&mut self.code, body.clone())?;
                }
            }
        }
        Ok(())
    }

    /// The function that runs at instantiation: takes the globals from their cells.
    fn write_load(&mut self) {
        let function_index = self.next_function();
        let nothing = self.signature_of_nothing();
        self.function_section.function(nothing);
        let mut load = Function::new([]);
        for (number, address) in cells(self.globals) {
            load.instruction(&Instruction::I32Const(address.cast_signed()));
            load.instruction(&Instruction::I32Load(CELL));
            load.instruction(&Instruction::GlobalSet(number));
        }
        load.instruction(&Instruction::End);
        self.code.function(&load);
        self.start = Some(StartSection { function_index });
    }

    /// The function that ends an instance whose memory is to be kept: puts the globals into their cells, and traps. Nothing
    /// may run between the two and the moment when the host copies the memory.
    fn write_save(&mut self) {
        let number = self.next_function();
        let nothing = self.signature_of_nothing();
        self.function_section.function(nothing);
        let mut save = Function::new([]);
        for (number, address) in cells(self.globals) {
            save.instruction(&Instruction::I32Const(address.cast_signed()));
            save.instruction(&Instruction::GlobalGet(number));
            save.instruction(&Instruction::I32Store(CELL));
        }
        save.instruction(&Instruction::Unreachable);
        save.instruction(&Instruction::End);
        self.code.function(&save);
        self.export_section.export(names::SNAPSHOT, ExportKind::Func, number);
    }

    fn finish(self) -> (Vec<u8>, Vec<Definition<'a>>) {
        let mut module = wasm_encoder::Module::new();
        module.section(&self.types).section(&self.import_section).section(&self.function_section);
        module.section(&self.table_section).section(&self.global_section).section(&self.export_section);
        if let Some(start) = &self.start {
            module.section(start);
        }
        module.section(&self.element_section).section(&self.code);
        (module.finish(), self.imported)
    }

    /// The index of a type, one for all functions that have it.
    fn type_of(&mut self, instance: u32, ty: u32) -> Result<u32> {
        let module = self.linked.module(instance)?;
        let ty = module.types.get(ty as usize).ok_or_else(|| missing(format!("type {ty}")))?;
        if let Some(known) = self.type_indices.get(ty) {
            return Ok(*known);
        }
        let number = self.types.len();
        self.types.ty().func_type(&RoundtripReencoder.func_type(ty.clone())?);
        self.type_indices.insert(ty.clone(), number);
        Ok(number)
    }

    fn signature_of_nothing(&mut self) -> u32 {
        let nothing = FuncType::new([], []);
        *self.type_indices.entry(nothing).or_insert_with(|| {
            self.types.ty().function([], []);
            self.types.len() - 1
        })
    }

    fn next_function(&self) -> u32 {
        index(self.imported.len()) + self.function_section.len()
    }

    fn function(&self, definition: &Definition<'a>) -> Result<u32> {
        self.functions.get(definition).copied().ok_or_else(|| missing(format!("{definition:?}")))
    }

    fn table(&self, definition: &Definition<'a>) -> Result<u32> {
        self.tables.get(definition).copied().ok_or_else(|| missing(format!("{definition:?}")))
    }

    fn numbers(&self, instance: u32, kind: Kind, of: &HashMap<Definition<'a>, u32>) -> Vec<Option<u32>> {
        self.linked.space(instance, kind).iter().map(|definition| of.get(definition).copied()).collect()
    }

    fn new_globals(&self, instance: u32) -> Result<Vec<NewGlobal>> {
        let new = |definition: &Definition<'a>| match self.globals.mutable.iter().position(|kept| kept == definition) {
            Some(number) => Ok(NewGlobal::Kept(index(number))),
            None => Ok(NewGlobal::Folded(self.globals.initial(definition)?)),
        };
        self.linked.space(instance, Kind::Global).iter().map(new).collect()
    }
}

const CELL: MemArg = MemArg { offset: 0, align: 2, memory_index: 0 };

/// Number of each kept global and the address of its cell.
fn cells(globals: &Globals<'_>) -> impl Iterator<Item = (u32, u32)> {
    (0..index(globals.mutable.len())).map(|number| (number, CELLS + 4 * number))
}

/// The memory before the first instruction: what the data segments put there, in the order in which the modules were
/// instantiated, and the globals in their cells.
fn image(linked: &Linked<'_, '_>, globals: &Globals<'_>, memory: MemoryType) -> Result<Vec<u8>> {
    let pages = usize::try_from(memory.minimum).map_err(|_| missing("so much memory"))?;
    let mut image = vec![0; pages * PAGE];
    let mut put = |at: i32, data: &[u8]| {
        let at = at.cast_unsigned() as usize;
        let place = at.checked_add(data.len()).and_then(|end| image.get_mut(at..end));
        place.ok_or_else(|| missing(format!("memory at {at} for {} bytes of data", data.len())))?.copy_from_slice(data);
        Ok::<_, Error>(())
    };
    for &instance in &linked.merged {
        for segment in &linked.module(instance)?.data {
            let DataKind::Active { offset_expr, .. } = &segment.kind else {
                return unsupported("a segment that fills memory later");
            };
            put(globals.offset(offset_expr, linked.space(instance, Kind::Global))?, segment.data)?;
        }
    }
    let used = image.get(..(CELLS as usize + 4 * globals.mutable.len())).unwrap_or(&[1]);
    if used.iter().any(|byte| *byte != 0) {
        return unsupported("data at the lowest addresses, where the globals are kept");
    }
    for ((_, address), global) in cells(globals).zip(&globals.mutable) {
        if let Constant::I32(value) = globals.initial(global)? {
            let at = address as usize;
            image[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
    }
    Ok(image)
}

/// Copies code from an original module's index spaces into the merged one's.
struct Renumber {
    types: Vec<u32>,
    functions: Vec<Option<u32>>,
    tables: Vec<Option<u32>>,
    globals: Vec<NewGlobal>,
}

type Renumbered<T> = Result<T, reencode::Error<Error>>;

fn absent<T>(what: &str, index: u32) -> Renumbered<T> {
    Err(reencode::Error::UserError(missing(format!("{what} {index} of a live function"))))
}

impl Reencode for Renumber {
    type Error = Error;

    fn type_index(&mut self, ty: u32) -> Renumbered<u32> {
        self.types.get(ty as usize).copied().map_or_else(|| absent("type", ty), Ok)
    }

    fn function_index(&mut self, function: u32) -> Renumbered<u32> {
        self.functions.get(function as usize).copied().flatten().map_or_else(|| absent("function", function), Ok)
    }

    fn table_index(&mut self, table: u32) -> Renumbered<u32> {
        self.tables.get(table as usize).copied().flatten().map_or_else(|| absent("table", table), Ok)
    }

    fn memory_index(&mut self, _memory: u32) -> Renumbered<u32> {
        Ok(0)
    }

    fn global_index(&mut self, global: u32) -> Renumbered<u32> {
        match self.globals.get(global as usize) {
            Some(NewGlobal::Kept(number)) => Ok(*number),
            _ => absent("global", global),
        }
    }

    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Renumbered<Instruction<'a>> {
        if let Operator::GlobalGet { global_index } = operator
            && let Some(NewGlobal::Folded(value)) = self.globals.get(global_index as usize)
        {
            return Ok(match value {
                Constant::I32(value) => Instruction::I32Const(*value),
                Constant::I64(value) => Instruction::I64Const(*value),
            });
        }
        reencode::utils::instruction(self, operator)
    }
}
