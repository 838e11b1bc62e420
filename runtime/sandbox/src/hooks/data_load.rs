//! World `data-load`.

use stratagem_domain::strategy::HookInput;
use wasmtime::Store;
use wasmtime::component::{Instance, TypedFunc};

use super::{Returned, document, records};
use crate::bindings::stratagem::strategy::types::{Contact, RunContext, StrategyError};
use crate::state::RunState;

pub(super) const EXPORT: &str = "run";

type Parameters = (Contact, Option<Contact>, RunContext);

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
    let contact = records::contact(input.contact);
    let existing = input.existing_contact.map(records::contact);
    let (returned,) = run.call_async(store, (contact, existing, records::context(input.context))).await?;
    Ok(document(returned.map(Some)))
}
