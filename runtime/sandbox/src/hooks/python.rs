//! World `python-runtime`: a source is loaded, and its hook takes and gives the contact as texts that are read
//! only where somebody looks.

use serde_json::{Map, Value};
use stratagem_domain::strategy::{CommunicationDoc, ContactDoc, HookInput, StrategyType};
use wasmtime::Store;

use super::texts::{Joined, split};
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
    input: &HookInput,
    contact_bytes: usize,
) -> wasmtime::Result<Returned> {
    let existing = input.existing_contact.as_ref().map(contact).unwrap_or_default();
    let returned = python.call_call(store, &contact(&input.contact), &existing, &about(input, contact_bytes)).await?;
    Ok(match returned {
        Ok(texts) if texts.is_empty() => Ok(None),
        Ok(texts) => whole(&texts, &input.contact).map(Some).map_err(invalid),
        Err(error) => Err(error),
    })
}

fn contact(contact: &ContactDoc) -> String {
    let plain = [
        Some(contact.id.as_str()),
        Some(&contact.object_id),
        Some(&contact.external_id),
        Some(&contact.name),
        contact.email.as_deref(),
        contact.phone.as_deref(),
        contact.time_zone.as_deref(),
        contact.current_stage.as_deref(),
    ];
    let mut joined = Joined::beside(&plain);
    plain.into_iter().for_each(|text| joined.add(text));
    joined.add_json(Some(&contact.communications_total));
    for object in [&contact.params, &contact.results, &contact.internal_data] {
        joined.add_json(Some(object));
    }
    contact.communications.iter().for_each(|communication| joined.add_json(Some(communication)));
    joined.finish()
}

fn about(input: &HookInput, contact_bytes: usize) -> String {
    let context = &input.context;
    let plain = [Some(context.now.as_str()), Some(context.time_zone.as_str())];
    let mut joined = Joined::beside(&plain);
    match &input.message {
        Some(message) => joined.add_json(Some(message)),
        None => joined.add_json(input.session_results.as_ref()),
    }
    plain.into_iter().for_each(|text| joined.add(text));
    joined.add_json(Some(&context.campaign));
    joined.add_json(context.session.as_ref());
    // The guest counts low, and only to spare itself the work; the host counts what comes back.
    joined.add_json(Some(&contact_bytes.saturating_mul(2)));
    joined.finish()
}

/// The returned contact with what is absent as it was given; or what is wrong with it.
fn whole(texts: &str, given: &ContactDoc) -> Result<ContactDoc, String> {
    let mut texts = split(texts);
    let mut next = || texts.next().flatten();
    let own = |text: Option<&str>| text.map(str::to_owned);
    let known = |name: &str, text: Option<&str>| own(text).ok_or_else(|| format!("contact.{name} is missing"));
    let object = |name: &str, text: Option<&str>, given: &Map<String, Value>| match text {
        None => Ok(given.clone()),
        Some(text) => serde_json::from_str(text).map_err(|error| format!("contact.{name} is no JSON object: {error}")),
    };
    Ok(ContactDoc {
        id: known("id", next())?,
        object_id: known("object_id", next())?,
        external_id: known("external_id", next())?,
        name: known("name", next())?,
        email: own(next()),
        phone: own(next()),
        time_zone: own(next()),
        current_stage: own(next()),
        communications_total: known("communications_total", next())?
            .parse()
            .map_err(|error| format!("contact.communications_total is no number: {error}"))?,
        params: object("params", next(), &given.params)?,
        results: object("results", next(), &given.results)?,
        internal_data: object("internal_data", next(), &given.internal_data)?,
        communications: communications(texts, &given.communications)?,
    })
}

fn communications<'a>(
    texts: impl Iterator<Item = Option<&'a str>>,
    given: &[CommunicationDoc],
) -> Result<Vec<CommunicationDoc>, String> {
    let mut texts = texts.peekable();
    if texts.next_if(Option::is_none).is_some() {
        return Ok(given.to_vec());
    }
    let one = |(at, text): (usize, Option<&str>)| {
        let text = text.ok_or_else(|| format!("contact.communications[{at}] is missing"))?;
        match text.parse::<usize>() {
            Ok(place) => given.get(place).cloned().ok_or_else(|| format!("contact.communications[{at}] was not given")),
            Err(_) => serde_json::from_str(text)
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
