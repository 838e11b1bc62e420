//! A report of what crosses the boundary, read from the component itself without compiling it: what a security reviewer asks
//! for first, and what an upload is judged by.

use serde::Serialize;
use stratagem_domain::strategy::{Limits, StrategyType};
use wasmparser::component_types::{ComponentEntityType, ComponentFuncTypeId};
use wasmparser::types::Types;

use crate::component::{ComponentError, Shape};
use crate::engine::WASMTIME_VERSION;
use crate::hooks;
use crate::interfaces::INTERFACES;
use crate::outcome::{grouped, mebibytes};

/// Package of the worlds in `/wit`, with the versions that are served.
const PACKAGE: &str = "stratagem:strategy";
const PACKAGE_VERSION: &str = "1.0.";
const WASI_VERSION: &str = "0.2.";

/// Everything that a component can reach, and everything that can be asked of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Boundary {
    /// World in `/wit` that its exports are those of.
    pub world: String,
    /// BLAKE3 of the component, 64 hexadecimal digits.
    pub component_hash: String,
    /// Its size.
    pub component_bytes: usize,
    /// What runs it.
    pub engine: String,
    /// In the component's order.
    pub imports: Vec<Import>,
    /// In the component's order.
    pub exports: Vec<Export>,
}

/// Something that a component imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Import {
    /// Package, interface and version.
    pub name: String,
    /// What the host does when it is called; `nothing` where the component would be refused for it.
    pub answered_by: &'static str,
    /// The functions that the component uses of it.
    pub functions: Vec<String>,
}

/// A function that the component exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Export {
    /// Its name in the world.
    pub name: String,
    /// Names of its parameters.
    pub parameters: Vec<String>,
}

/// What stands in a report where nobody answers an import.
const NOTHING: &str = "nothing";

impl Boundary {
    /// Reads a component's type. Refuses what is none, and what is out of all proportion; function bodies are not looked at
    /// beyond their size.
    pub fn of(wasm: &[u8]) -> Result<Self, ComponentError> {
        let types = Shape::read(wasm)?;
        let exports: Vec<Export> = types.exports.iter().filter_map(|name| export(&types.types, name)).collect();
        Ok(Self {
            world: world(&exports),
            component_hash: blake3::hash(wasm).to_hex().to_string(),
            component_bytes: wasm.len(),
            engine: format!("wasmtime {WASMTIME_VERSION}"),
            imports: types.imports.iter().map(|name| import(&types.types, name)).collect(),
            exports,
        })
    }

    /// Whether a component may be compiled as a strategy of that type: its size, what it imports and what it exports.
    pub fn check(wasm: &[u8], hook: StrategyType, limits: &Limits) -> Result<Self, ComponentError> {
        if wasm.len() > limits.component_bytes {
            return Err(ComponentError::refused(format!(
                "the component has {} bytes, {} ({}) are allowed",
                grouped(wasm.len() as u64),
                grouped(limits.component_bytes as u64),
                mebibytes(limits.component_bytes as u64)
            )));
        }
        let boundary = Self::of(wasm)?;
        if let Some(import) = boundary.imports.iter().find(|import| import.answered_by == NOTHING) {
            let known: Vec<&str> = INTERFACES.iter().map(|interface| interface.name).collect();
            return Err(ComponentError::refused(format!(
                "the component imports `{}`, which a strategy may not: there are {}, of {PACKAGE}@{PACKAGE_VERSION}x and \
                 wasi@{WASI_VERSION}x",
                import.name,
                known.join(", ")
            )));
        }
        let wanted = hooks::export(hook);
        match boundary.exports.iter().find(|export| export.name == wanted) {
            Some(_) => Ok(boundary),
            None => {
                let there: Vec<String> = boundary.exports.iter().map(|export| format!("`{}`", export.name)).collect();
                let there = if there.is_empty() { "no function".to_owned() } else { there.join(", ") };
                Err(ComponentError::refused(format!(
                    "the component does not export `{wanted}` of world `{}`; it exports {there}",
                    hook.as_str().replace('_', "-")
                )))
            }
        }
    }
}

/// The world by what is exported: `run` with its parameters tells data load from aggregation.
fn world(exports: &[Export]) -> String {
    let has = |name: &str, parameters: &[&str]| {
        exports.iter().any(|export| export.name == name && export.parameters == *parameters)
    };
    let name = if has("call", &["contact", "existing-contact", "about"]) {
        "python-runtime"
    } else if has("run", &["contact", "existing-contact", "context"]) {
        "data-load"
    } else if has("run", &["contact", "session-results", "context"]) {
        "aggregation"
    } else if has("on-agent-answer", &["contact", "message", "context"]) {
        "answer-analysis"
    } else {
        return "none of ours".to_owned();
    };
    format!("{PACKAGE}/{name}@{PACKAGE_VERSION}0")
}

fn import(types: &Types, name: &str) -> Import {
    let functions = match types.component_item_for_import(name).map(|item| item.ty) {
        Some(ComponentEntityType::Instance(id)) => {
            let functions = types[id].exports.iter();
            functions
                .filter(|(_, item)| matches!(item.ty, ComponentEntityType::Func(_)))
                .map(|(name, _)| name.to_string())
                .collect()
        }
        _ => Vec::new(),
    };
    Import { name: name.to_owned(), answered_by: answer(name), functions }
}

fn answer(name: &str) -> &'static str {
    let (plain, version) = name.split_once('@').unwrap_or((name, ""));
    let served = if plain.starts_with(PACKAGE) { PACKAGE_VERSION } else { WASI_VERSION };
    let interface = INTERFACES.iter().find(|interface| interface.name == plain && version.starts_with(served));
    interface.map_or(NOTHING, |interface| interface.answered_by)
}

fn export(types: &Types, name: &str) -> Option<Export> {
    match types.component_item_for_export(name)?.ty {
        ComponentEntityType::Func(id) => Some(Export { name: name.to_owned(), parameters: parameters(types, id) }),
        _ => None,
    }
}

fn parameters(types: &Types, id: ComponentFuncTypeId) -> Vec<String> {
    types[id].params.iter().map(|(name, _)| name.to_string()).collect()
}
