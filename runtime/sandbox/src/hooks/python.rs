//! World `python-runtime`: a source is loaded, and its hook takes and gives the contact as one JSON text.

use stratagem_domain::strategy::StrategyType;
use wasmtime::Store;

use super::Returned;
use crate::bindings::{Hook, Module, PythonRuntime, stratagem::strategy::types::StrategyError};
use crate::state::RunState;
use crate::strategy::Source;

/// Executes the top level of the sources and finds the entry point.
pub(crate) async fn load(
    store: &mut Store<RunState>,
    python: &PythonRuntime,
    source: Source<'_>,
) -> wasmtime::Result<Result<(), StrategyError>> {
    let module = |(path, text): (&String, &String)| Module { path: path.clone(), text: text.clone() };
    let modules: Vec<Module> = source.sources.modules().iter().map(module).collect();
    python.call_load(store, &modules, source.sources.entry(), source.function, world_hook(source.hook)).await
}

/// Calls the loaded hook.
pub(crate) async fn call(
    store: &mut Store<RunState>,
    python: &PythonRuntime,
    input: &str,
) -> wasmtime::Result<Returned> {
    // The bindings want a `String`, because `json` is a named type of the world.
    python.call_call(store, &input.to_owned()).await
}

fn world_hook(hook: StrategyType) -> Hook {
    match hook {
        StrategyType::DataLoad => Hook::DataLoad,
        StrategyType::Aggregation => Hook::Aggregation,
        StrategyType::AnswerAnalysis => Hook::AnswerAnalysis,
    }
}
