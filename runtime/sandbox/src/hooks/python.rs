//! World `python-runtime`: a source is loaded, and its hook takes and gives the contact as texts that are read
//! only where somebody looks.

use serde_json::{Map, Value};
use stratagem_domain::strategy::{CommunicationDoc, ContactDoc, HookInput, StrategyType};
use wasmtime::Store;

use super::texts::{Joined, apart};
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
        Ok(changes) if changes.is_empty() => Ok(None),
        Ok(changes) => changed(&changes, &input.contact).map(Some).map_err(invalid),
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
    let plain = [Some(context.time_zone.as_str()), Some(context.now.as_str())];
    let mut joined = Joined::beside(&plain);
    joined.add(Some(&context.time_zone));
    // The guest counts low, and only to spare itself the work; the host counts what comes back.
    joined.add_json(Some(&contact_bytes.saturating_mul(2)));
    joined.add(Some(&context.now));
    match &input.message {
        Some(message) => joined.add_json(Some(message)),
        None => joined.add_json(input.session_results.as_ref()),
    }
    joined.add_json(Some(&context.campaign));
    joined.add_json(context.session.as_ref());
    joined.finish()
}

/// The given contact with what became of it; or what is wrong with that.
fn changed(changes: &str, given: &ContactDoc) -> Result<ContactDoc, String> {
    let mut contact = given.clone();
    let mut communications = None;
    for change in apart(changes) {
        let mut rest = change.chars();
        let place = rest.next().unwrap_or_default();
        let text = Some(rest.as_str()).filter(|_| place.is_ascii_lowercase());
        let own = |name: &str| text.map(str::to_owned).ok_or_else(|| format!("contact.{name} is missing"));
        let optional = || text.map(str::to_owned);
        match place.to_ascii_lowercase() {
            'a' => contact.id = own("id")?,
            'b' => contact.object_id = own("object_id")?,
            'c' => contact.external_id = own("external_id")?,
            'd' => contact.name = own("name")?,
            'e' => contact.email = optional(),
            'f' => contact.phone = optional(),
            'g' => contact.time_zone = optional(),
            'h' => contact.current_stage = optional(),
            'i' => contact.communications_total = number("communications_total", text)?,
            'j' => contact.params = object("params", text)?,
            'k' => contact.results = object("results", text)?,
            'l' => contact.internal_data = object("internal_data", text)?,
            'm' => {
                let all = communications.get_or_insert_with(Vec::new);
                if let Some(text) = text {
                    all.push(communication(all.len(), text, &given.communications)?);
                }
            }
            _ => return Err(format!("the contact has no field {place:?}")),
        }
    }
    if let Some(communications) = communications {
        contact.communications = communications;
    }
    Ok(contact)
}

fn number(name: &str, text: Option<&str>) -> Result<u32, String> {
    text.unwrap_or_default().parse().map_err(|error| format!("contact.{name} is no number: {error}"))
}

fn object(name: &str, text: Option<&str>) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text.unwrap_or_default()).map_err(|error| format!("contact.{name} is no JSON object: {error}"))
}

fn communication(at: usize, text: &str, given: &[CommunicationDoc]) -> Result<CommunicationDoc, String> {
    match text.parse::<usize>() {
        Ok(place) => given.get(place).cloned().ok_or_else(|| format!("contact.communications[{at}] was not given")),
        Err(_) => serde_json::from_str(text)
            .map_err(|error| format!("contact.communications[{at}] is no communication: {error}")),
    }
}

fn world_hook(hook: StrategyType) -> Hook {
    match hook {
        StrategyType::DataLoad => Hook::DataLoad,
        StrategyType::Aggregation => Hook::Aggregation,
        StrategyType::AnswerAnalysis => Hook::AnswerAnalysis,
    }
}
