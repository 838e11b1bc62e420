//! World `answer-analysis`.

use stratagem_domain::strategy::HookInput;
use wasmtime::Store;
use wasmtime::component::{Instance, TypedFunc};

use super::{Returned, document, records};
use crate::bindings::stratagem::strategy::types::{Contact, Message, RunContext, StrategyError};
use crate::state::RunState;

pub(super) const EXPORT: &str = "on-agent-answer";

type Parameters = (Contact, Message, RunContext);

type Hook = TypedFunc<Parameters, (Result<Option<Contact>, StrategyError>,)>;

pub(super) fn hook(store: &mut Store<RunState>, instance: &Instance) -> wasmtime::Result<Hook> {
    instance.get_typed_func(store, EXPORT)
}

pub(super) async fn call(
    store: &mut Store<RunState>,
    instance: &Instance,
    input: HookInput,
) -> wasmtime::Result<Returned> {
    let answer = hook(store, instance)?;
    let message = input.message.ok_or_else(|| wasmtime::Error::msg("an answer analysis needs a message"))?;
    let parameters = (records::contact(input.contact), records::message(message), records::context(input.context));
    let (returned,) = answer.call_async(store, parameters).await?;
    Ok(document(returned))
}
