//! What of the merged code can ever run, and which globals it writes.

use std::collections::{HashMap, HashSet};

use wasmparser::{ElementItems, FunctionBody, Operator};

use crate::error::{Result, unsupported};
use crate::link::{Definition, Linked};
use crate::module::Kind;

/// The functions that can be reached from what the component refers to and from the tables.
pub(crate) struct Live<'a> {
    functions: HashSet<Definition<'a>>,
    /// Globals that a live function writes. All others keep the value that they began with.
    written: HashSet<Definition<'a>>,
}

/// What one function refers to.
struct References<'a> {
    called: Vec<Definition<'a>>,
    written: Vec<Definition<'a>>,
}

impl<'a> Live<'a> {
    pub(crate) fn find(linked: &Linked<'_, 'a>, referred: &[Definition<'a>]) -> Result<Self> {
        let mut references = HashMap::new();
        let mut waiting = referred.to_vec();
        for &instance in &linked.merged {
            let module = linked.module(instance)?;
            for (function, body) in linked.own(instance, Kind::Func)?.iter().zip(&module.bodies) {
                references.insert(*function, read(linked, instance, body)?);
            }
            let functions = linked.space(instance, Kind::Func);
            for element in &module.elements {
                // A table may be called through with any index: whatever stands in one may run.
                let ElementItems::Functions(items) = element.items.clone() else {
                    return unsupported("a table that is filled with expressions");
                };
                for item in items {
                    waiting.push(functions[item? as usize]);
                }
            }
        }
        let mut live = Self { functions: HashSet::new(), written: HashSet::new() };
        while let Some(definition) = waiting.pop() {
            if live.functions.insert(definition)
                && let Some(references) = references.get(&definition)
            {
                waiting.extend(&references.called);
                live.written.extend(&references.written);
            }
        }
        Ok(live)
    }

    pub(crate) fn runs(&self, function: &Definition<'a>) -> bool {
        self.functions.contains(function)
    }

    pub(crate) fn is_written(&self, global: &Definition<'a>) -> bool {
        self.written.contains(global)
    }
}

fn read<'a>(linked: &Linked<'_, 'a>, instance: u32, body: &FunctionBody<'a>) -> Result<References<'a>> {
    let (functions, globals) = (linked.space(instance, Kind::Func), linked.space(instance, Kind::Global));
    let mut references = References { called: Vec::new(), written: Vec::new() };
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Call { function_index }
            | Operator::RefFunc { function_index }
            | Operator::ReturnCall { function_index } => references.called.push(functions[function_index as usize]),
            Operator::GlobalSet { global_index } => references.written.push(globals[global_index as usize]),
            // Numbers of segments change, and some segments are gone.
            operator @ (Operator::MemoryInit { .. }
            | Operator::DataDrop { .. }
            | Operator::TableInit { .. }
            | Operator::ElemDrop { .. }) => return unsupported(format!("the instruction {operator:?}")),
            // Tables are written to nowhere else, so that their first content is all there is.
            operator @ (Operator::TableSet { .. }
            | Operator::TableGrow { .. }
            | Operator::TableFill { .. }
            | Operator::TableCopy { .. }) => return unsupported(format!("the instruction {operator:?}")),
            _ => {}
        }
    }
    Ok(references)
}
