//! A report of what crosses the boundary, read from the component itself: what a security reviewer asks for first.

use serde::Serialize;
use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

use crate::compile::{RUNTIME, RUNTIME_HASH};
use crate::engine::WASMTIME_VERSION;
use crate::interfaces::INTERFACES;

/// Everything that a component can reach, and everything that can be asked of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Boundary {
    /// World in `/wit` that the component is built for.
    pub world: &'static str,
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

/// An interface that the component imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Import {
    /// Package, interface and version.
    pub name: String,
    /// What the host does when it is called.
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

impl Boundary {
    /// Reads the component's type.
    pub(crate) fn of(component: &Component, engine: &Engine) -> Self {
        let ty = component.component_type();
        Self {
            world: "stratagem:strategy/python-runtime@1.0.0",
            component_hash: RUNTIME_HASH.to_owned(),
            component_bytes: RUNTIME.len(),
            engine: format!("wasmtime {WASMTIME_VERSION}"),
            imports: ty.imports(engine).map(|(name, item)| import(engine, name, &item.ty)).collect(),
            exports: ty.exports(engine).filter_map(|(name, item)| export(name, &item.ty)).collect(),
        }
    }
}

fn import(engine: &Engine, name: &str, item: &ComponentItem) -> Import {
    let functions = match item {
        ComponentItem::ComponentInstance(instance) => instance
            .exports(engine)
            .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)))
            .map(|(name, _)| name.to_owned())
            .collect(),
        _ => Vec::new(),
    };
    Import { name: name.to_owned(), answered_by: answer(name), functions }
}

fn answer(name: &str) -> &'static str {
    let plain = name.split('@').next().unwrap_or(name);
    INTERFACES.iter().find(|interface| interface.name == plain).map_or("nothing", |interface| interface.answered_by)
}

fn export(name: &str, item: &ComponentItem) -> Option<Export> {
    match item {
        ComponentItem::ComponentFunc(function) => {
            let parameters = function.params().map(|(name, _)| name.to_owned()).collect();
            Some(Export { name: name.to_owned(), parameters })
        }
        _ => None,
    }
}
