//! How a session ends: the results that the aggregation strategy is given.

use serde_json::{Map, Value};

use crate::communication::Delivery;

/// Name of the result that tells how the conversation ended.
pub const OUTCOME_STATUS: &str = "OutcomeStatus";
/// Name of the result that tells what the provider said. Always there.
pub const DELIVERY_STATUS: &str = "DeliveryStatus";
/// Name of the result that tells why a conversation was given to a person.
pub const HAND_OVER_REASON: &str = "HandOverReason";

/// The outcome of a communication that could not be sent.
pub const OUTCOME_FAILED: &str = "FAILED";
/// The contact did not answer in time.
pub const OUTCOME_NO_RESPONSE: &str = "NO_RESPONSE";
/// The contact answered, and then fell silent or hung up.
pub const OUTCOME_ABANDONED: &str = "ABANDONED";
/// No person saw to it in time.
pub const OUTCOME_NOT_HANDLED: &str = "NOT_HANDLED";
/// The agent gave nothing that makes sense.
pub const OUTCOME_AGENT_ERROR: &str = "AGENT_ERROR";
/// The contact does not want to be written to any more.
pub const OUTCOME_OPTED_OUT: &str = "OPTED_OUT";
/// A machine took the call.
pub const OUTCOME_MACHINE: &str = "MACHINE";

/// How long a two-way session waits for the contact, in milliseconds, where its stage does not say: three days.
pub const TIMEOUT_MS: i64 = 3 * 24 * 3600 * 1000;
/// How long a call may go on that nobody reports the end of, in milliseconds: two hours.
pub const CALL_TIMEOUT_MS: i64 = 2 * 3600 * 1000;

/// What a session ends with when nobody collected anything: the delivery, and an outcome only where the send failed. A
/// one-way message that went out has no outcome, so that the strategy's own default applies.
pub fn results_of_send(delivery: Delivery) -> Map<String, Value> {
    let mut results = delivered(delivery);
    if delivery == Delivery::Failed || delivery == Delivery::None {
        results.insert(OUTCOME_STATUS.to_owned(), Value::from(OUTCOME_FAILED));
    }
    results
}

/// Results that say how it ended, and nothing else.
pub fn results_of(outcome: &str) -> Map<String, Value> {
    Map::from_iter([(OUTCOME_STATUS.to_owned(), Value::from(outcome))])
}

/// How it ended, as its results say.
pub fn outcome_in(results: &Map<String, Value>) -> Option<String> {
    results.get(OUTCOME_STATUS).and_then(Value::as_str).map(str::to_owned)
}

/// What the provider said.
pub fn delivered(delivery: Delivery) -> Map<String, Value> {
    Map::from_iter([(DELIVERY_STATUS.to_owned(), Value::from(delivery.as_str().to_uppercase()))])
}
