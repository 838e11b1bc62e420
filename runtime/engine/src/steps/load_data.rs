use serde_json::Value;
use stratagem_domain::strategy::{ContactDoc, StrategyType};
use stratagem_store::entities::step;

use crate::{
    EngineError,
    decide::{self, About, Prepared},
    import::overlay,
    scheduler::Shared,
};

/// Runs the data load strategy for the contact. The payload is null for a contact that this import made; for one that was
/// there it holds the imported fields, which are laid over the stored contact.
pub(super) async fn run(shared: &Shared, step: &step::Model, prepared: Option<Prepared>) -> Result<(), EngineError> {
    decide::run(shared, step, StrategyType::DataLoad, About::Import(&step.payload), prepared).await
}

/// The contact as the import would store it, and the stored one where there was one before.
pub(crate) fn contacts(stored: ContactDoc, imported: &Value) -> (ContactDoc, Option<ContactDoc>) {
    if imported.is_null() { (stored, None) } else { (overlay(&stored, imported), Some(stored)) }
}
