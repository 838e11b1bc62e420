//! The calls into a guest: one file per world. Each takes the hook's input and gives its output as documents, whatever crosses
//! the boundary in between.

mod aggregation;
mod answer_analysis;
mod data_load;
pub(crate) mod python;
mod records;
mod texts;

use stratagem_domain::strategy::{ContactDoc, HookInput, StrategyType};
use wasmtime::Store;
use wasmtime::component::Instance;

use crate::bindings::stratagem::strategy::types::{Contact, StrategyError};
use crate::state::RunState;

/// What a hook gave: a contact or none, or the error that the strategy describes.
pub(crate) type Returned = Result<Option<ContactDoc>, StrategyError>;

/// Name of the function that a public world exports.
pub(crate) fn export(hook: StrategyType) -> &'static str {
    match hook {
        StrategyType::DataLoad => data_load::EXPORT,
        StrategyType::Aggregation => aggregation::EXPORT,
        StrategyType::AnswerAnalysis => answer_analysis::EXPORT,
    }
}

/// Whether the component exports the hook as its world has it.
pub(crate) fn fits(store: &mut Store<RunState>, instance: &Instance, hook: StrategyType) -> wasmtime::Result<()> {
    match hook {
        StrategyType::DataLoad => data_load::hook(store, instance).map(|_| ()),
        StrategyType::Aggregation => aggregation::hook(store, instance).map(|_| ()),
        StrategyType::AnswerAnalysis => answer_analysis::hook(store, instance).map(|_| ()),
    }
}

/// Calls the hook of a component that targets a public world.
pub(crate) async fn call(
    store: &mut Store<RunState>,
    instance: &Instance,
    hook: StrategyType,
    input: HookInput,
) -> wasmtime::Result<Returned> {
    match hook {
        StrategyType::DataLoad => data_load::call(store, instance, input).await,
        StrategyType::Aggregation => aggregation::call(store, instance, input).await,
        StrategyType::AnswerAnalysis => answer_analysis::call(store, instance, input).await,
    }
}

/// A returned contact as the document that it would be, had Python returned it.
fn document(returned: Result<Option<Contact>, StrategyError>) -> Returned {
    returned.and_then(|contact| contact.map(records::document).transpose().map_err(invalid))
}

fn invalid(reason: impl ToString) -> StrategyError {
    StrategyError {
        kind: "InvalidResult".to_owned(),
        message: reason.to_string(),
        traceback: None,
        file: None,
        line: None,
        column: None,
    }
}
