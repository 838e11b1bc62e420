//! How a session ends: the results that the aggregation strategy is given.

use serde_json::{Map, Value};

use crate::communication::Delivery;

/// Name of the result that tells how the conversation ended.
pub const OUTCOME_STATUS: &str = "OutcomeStatus";
/// Name of the result that tells what the provider said. Always there.
pub const DELIVERY_STATUS: &str = "DeliveryStatus";
/// The outcome of a communication that could not be sent.
pub const OUTCOME_FAILED: &str = "FAILED";

/// What a session ends with when nobody collected anything: the delivery, and an outcome only where the send failed. A
/// one-way message that went out has no outcome, so that the strategy's own default applies.
pub fn results_of_send(delivery: Delivery) -> Map<String, Value> {
    let mut results = Map::new();
    results.insert(DELIVERY_STATUS.to_owned(), Value::from(delivery.as_str().to_uppercase()));
    if delivery == Delivery::Failed || delivery == Delivery::None {
        results.insert(OUTCOME_STATUS.to_owned(), Value::from(OUTCOME_FAILED));
    }
    results
}
