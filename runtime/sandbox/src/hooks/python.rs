//! World `python-runtime`: a source is loaded, and its hook takes and gives the contact as texts that are read
//! only where somebody looks.

use serde::Serialize;
use serde_json::{Map, Value};
use stratagem_domain::strategy::{CommunicationDoc, ContactDoc, HookInput, StrategyType};
use wasmtime::Store;

use super::{Returned, invalid};
use crate::bindings::stratagem::strategy::types::StrategyError;
use crate::bindings::{GivenContact, GivenContext, Hook, Module, PythonRuntime, ReturnedContact};
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
    input: HookInput,
    contact_bytes: usize,
) -> wasmtime::Result<Returned> {
    let contact = given(&input.contact);
    let existing = input.existing_contact.as_ref().map(given);
    let about = match &input.message {
        Some(message) => Some(text(message)),
        None => input.session_results.as_ref().map(text),
    };
    let context = GivenContext {
        now: input.context.now,
        time_zone: input.context.time_zone,
        campaign: text(&input.context.campaign),
        session: input.context.session.as_ref().map(text),
        // The guest counts low, and only to spare itself the work; the host counts what comes back.
        contact_bytes: u32::try_from(contact_bytes.saturating_mul(2)).unwrap_or(u32::MAX),
    };
    let returned = python.call_call(store, &contact, existing.as_ref(), about.as_ref(), &context).await?;
    Ok(match returned {
        Ok(Some(returned)) => whole(returned, input.contact).and_then(|contact| document(&contact)).map_err(invalid),
        Ok(None) => Ok("null".to_owned()),
        Err(error) => Err(error),
    })
}

fn given(contact: &ContactDoc) -> GivenContact {
    GivenContact {
        id: contact.id.clone(),
        object_id: contact.object_id.clone(),
        external_id: contact.external_id.clone(),
        name: contact.name.clone(),
        email: contact.email.clone(),
        phone: contact.phone.clone(),
        time_zone: contact.time_zone.clone(),
        current_stage: contact.current_stage.clone(),
        params: text(&contact.params),
        results: text(&contact.results),
        internal_data: text(&contact.internal_data),
        communications: contact.communications.iter().map(text).collect(),
        communications_total: contact.communications_total,
    }
}

/// The JSON text of a document, which always has one: its keys are texts, and its numbers finite.
fn text(document: &impl Serialize) -> String {
    serde_json::to_string(document).unwrap_or_default()
}

fn document(contact: &ContactDoc) -> Result<String, String> {
    serde_json::to_string(contact).map_err(|error| error.to_string())
}

/// The returned contact with what was absent as it was given, or which of its texts is none.
fn whole(returned: ReturnedContact, given: ContactDoc) -> Result<ContactDoc, String> {
    let object = |name: &str, text: Option<String>, given: Map<String, Value>| match text {
        None => Ok(given),
        Some(text) => serde_json::from_str(&text).map_err(|error| format!("contact.{name} is no JSON object: {error}")),
    };
    Ok(ContactDoc {
        id: returned.id,
        object_id: returned.object_id,
        external_id: returned.external_id,
        name: returned.name,
        email: returned.email,
        phone: returned.phone,
        time_zone: returned.time_zone,
        current_stage: returned.current_stage,
        params: object("params", returned.params, given.params)?,
        results: object("results", returned.results, given.results)?,
        internal_data: object("internal_data", returned.internal_data, given.internal_data)?,
        communications: match returned.communications {
            None => given.communications,
            Some(texts) => communications(&texts, &given.communications)?,
        },
        communications_total: returned.communications_total,
    })
}

fn communications(texts: &[String], given: &[CommunicationDoc]) -> Result<Vec<CommunicationDoc>, String> {
    let one = |(at, text): (usize, &String)| match text.parse::<usize>() {
        Ok(place) => given.get(place).cloned().ok_or_else(|| format!("contact.communications[{at}] was not given")),
        Err(_) => serde_json::from_str(text)
            .map_err(|error| format!("contact.communications[{at}] is no communication: {error}")),
    };
    texts.iter().enumerate().map(one).collect()
}

fn world_hook(hook: StrategyType) -> Hook {
    match hook {
        StrategyType::DataLoad => Hook::DataLoad,
        StrategyType::Aggregation => Hook::Aggregation,
        StrategyType::AnswerAnalysis => Hook::AnswerAnalysis,
    }
}
