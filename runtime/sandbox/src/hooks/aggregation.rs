//! World `aggregation`.

use stratagem_domain::strategy::HookInput;
use wasmtime::Store;
use wasmtime::component::{Instance, TypedFunc};

use super::{Returned, document, records};
use crate::bindings::stratagem::strategy::types::{Contact, RunContext, StrategyError};
use crate::state::RunState;

pub(super) const EXPORT: &str = "run";

type Parameters = (Contact, String, RunContext);

type Hook = TypedFunc<Parameters, (Result<Contact, StrategyError>,)>;

pub(super) fn hook(store: &mut Store<RunState>, instance: &Instance) -> wasmtime::Result<Hook> {
    instance.get_typed_func(store, EXPORT)
}

pub(super) async fn call(
    store: &mut Store<RunState>,
    instance: &Instance,
    input: HookInput,
) -> wasmtime::Result<Returned> {
    let run = hook(store, instance)?;
    let results = records::json(input.session_results.unwrap_or_default());
    let parameters = (records::contact(input.contact), results, records::context(input.context));
    let (returned,) = run.call_async(store, parameters).await?;
    Ok(document(returned.map(Some)))
}
