//! World `python-runtime`: a source is loaded, and its hook takes and gives the contact as texts that are read
//! only where somebody looks.

use serde::Serialize;
use serde_json::{Map, Value};
use stratagem_domain::strategy::{CommunicationDoc, ContactDoc, HookInput, StrategyType};
use wasmtime::Store;

use super::{Returned, invalid};
use crate::bindings::stratagem::strategy::types::StrategyError;
use crate::bindings::{Hook, Module, PythonRuntime};
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
    let existing = input.existing_contact.as_ref().map_or_else(Vec::new, given);
    let other = match &input.message {
        Some(message) => Some(text(message)),
        None => input.session_results.as_ref().map(text),
    };
    let about = vec![
        other,
        Some(input.context.now),
        Some(input.context.time_zone),
        Some(text(&input.context.campaign)),
        input.context.session.as_ref().map(text),
        // The guest counts low, and only to spare itself the work; the host counts what comes back.
        Some(contact_bytes.saturating_mul(2).to_string()),
    ];
    let returned = python.call_call(store, &contact, &existing, &about).await?;
    Ok(match returned {
        Ok(texts) if texts.is_empty() => Ok("null".to_owned()),
        Ok(texts) => whole(texts, input.contact).and_then(|contact| document(&contact)).map_err(invalid),
        Err(error) => Err(error),
    })
}

/// The texts of a contact, in the order of `wit/python-runtime.wit`.
fn given(contact: &ContactDoc) -> Vec<Option<String>> {
    let known = |text: &String| Some(text.clone());
    let mut texts = vec![
        known(&contact.id),
        known(&contact.object_id),
        known(&contact.external_id),
        known(&contact.name),
        contact.email.clone(),
        contact.phone.clone(),
        contact.time_zone.clone(),
        contact.current_stage.clone(),
        Some(contact.communications_total.to_string()),
        Some(text(&contact.params)),
        Some(text(&contact.results)),
        Some(text(&contact.internal_data)),
    ];
    texts.extend(contact.communications.iter().map(|communication| Some(text(communication))));
    texts
}

/// The JSON text of a document, which always has one: its keys are texts, and its numbers finite.
fn text(document: &impl Serialize) -> String {
    serde_json::to_string(document).unwrap_or_default()
}

fn document(contact: &ContactDoc) -> Result<String, String> {
    serde_json::to_string(contact).map_err(|error| error.to_string())
}

/// The returned contact with what is absent as it was given; or what is wrong with it.
fn whole(texts: Vec<Option<String>>, given: ContactDoc) -> Result<ContactDoc, String> {
    let mut texts = texts.into_iter();
    let mut next = || texts.next().flatten();
    let known = |name: &str, text: Option<String>| text.ok_or_else(|| format!("contact.{name} is missing"));
    let object = |name: &str, text: Option<String>, given: Map<String, Value>| match text {
        None => Ok(given),
        Some(text) => serde_json::from_str(&text).map_err(|error| format!("contact.{name} is no JSON object: {error}")),
    };
    Ok(ContactDoc {
        id: known("id", next())?,
        object_id: known("object_id", next())?,
        external_id: known("external_id", next())?,
        name: known("name", next())?,
        email: next(),
        phone: next(),
        time_zone: next(),
        current_stage: next(),
        communications_total: known("communications_total", next())?
            .parse()
            .map_err(|error| format!("contact.communications_total is no number: {error}"))?,
        params: object("params", next(), given.params)?,
        results: object("results", next(), given.results)?,
        internal_data: object("internal_data", next(), given.internal_data)?,
        communications: communications(texts, &given.communications)?,
    })
}

fn communications(
    texts: impl Iterator<Item = Option<String>>,
    given: &[CommunicationDoc],
) -> Result<Vec<CommunicationDoc>, String> {
    let one = |(at, text): (usize, Option<String>)| {
        let text = text.ok_or_else(|| format!("contact.communications[{at}] is missing"))?;
        match text.parse::<usize>() {
            Ok(place) => given.get(place).cloned().ok_or_else(|| format!("contact.communications[{at}] was not given")),
            Err(_) => serde_json::from_str(&text)
                .map_err(|error| format!("contact.communications[{at}] is no communication: {error}")),
        }
    };
    texts.enumerate().map(one).collect()
}

fn world_hook(hook: StrategyType) -> Hook {
    match hook {
        StrategyType::DataLoad => Hook::DataLoad,
        StrategyType::Aggregation => Hook::Aggregation,
        StrategyType::AnswerAnalysis => Hook::AnswerAnalysis,
    }
}
