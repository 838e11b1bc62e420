//! Whether a stage can be stored as it is.

use serde_json::{Map, Value};
use stratagem_channels::Channel;
use stratagem_domain::channel::{ChannelKind, FieldError};
use stratagem_engine::Engine;
use stratagem_store::{Scope, entities::stage};
use uuid::Uuid;

use super::Alternative;
use crate::error::{Faults, Problem};

/// The longest that a session may wait for an answer: a year.
const MAX_RESPONSE_TIMEOUT_S: i64 = 365 * 24 * 3600;
/// More than this from one stage is a mistake.
const MAX_COMMUNICATIONS: i32 = 1000;
/// Most alternatives of one stage.
const MAX_ALTERNATIVES: usize = 20;

/// One way in which a stage reaches contacts: its own settings, or an alternative's.
struct Way<'a> {
    /// What its fields' names begin with.
    at: String,
    channel: &'a str,
    agent_id: Option<Uuid>,
    integration_id: Option<Uuid>,
    settings: &'a Map<String, Value>,
}

/// Checks everything that depends on the channel, and the numbers. Names of stages are unique by the database.
pub(super) async fn check(
    engine: &Engine,
    scope: Scope,
    row: &stage::Model,
    alternatives: &[Alternative],
    faults: &mut Faults,
) -> Result<(), Problem> {
    if row.response_timeout_s.is_some_and(|s| !(1..=MAX_RESPONSE_TIMEOUT_S).contains(&s)) {
        faults.add("response_timeout_s", format!("must be 1 to {MAX_RESPONSE_TIMEOUT_S}"));
    }
    if !(1..=MAX_COMMUNICATIONS).contains(&row.max_communications) {
        faults.add("max_communications", format!("must be 1 to {MAX_COMMUNICATIONS}"));
    }
    check_labels(alternatives, faults);
    let settings = row.settings.as_object().cloned().unwrap_or_default();
    let own = Way {
        at: String::new(),
        channel: &row.channel,
        agent_id: row.agent_id,
        integration_id: row.integration_id,
        settings: &settings,
    };
    check_way(engine, scope, own, faults).await?;
    for (index, other) in alternatives.iter().enumerate() {
        let way = Way {
            at: format!("alternatives[{index}]."),
            channel: &other.channel,
            agent_id: other.agent_id,
            integration_id: other.integration_id,
            settings: &other.settings,
        };
        check_way(engine, scope, way, faults).await?;
    }
    Ok(())
}

fn check_labels(alternatives: &[Alternative], faults: &mut Faults) {
    if alternatives.len() > MAX_ALTERNATIVES {
        faults.add("alternatives", format!("there may be {MAX_ALTERNATIVES} at most"));
    }
    let mut sum = 0.0;
    for (index, alternative) in alternatives.iter().enumerate() {
        let label = alternative.label.trim();
        if label.is_empty() || label.chars().count() > 100 || label.chars().any(char::is_control) {
            faults.add(format!("alternatives[{index}].label"), "must be a text of 1 to 100 characters");
        }
        if alternatives.iter().take(index).any(|other| other.label == alternative.label) {
            faults.add(format!("alternatives[{index}].label"), "is another alternative's too");
        }
        if !(0.0..=100.0).contains(&alternative.weight) {
            faults.add(format!("alternatives[{index}].weight"), "must be a percentage, 0 to 100");
        }
        sum += alternative.weight;
    }
    if sum > 100.0 {
        faults
            .add("alternatives", format!("the weights are percentages, and their sum is {sum}: it may be 100 at most"));
    }
}

async fn check_way(engine: &Engine, scope: Scope, way: Way<'_>, faults: &mut Faults) -> Result<(), Problem> {
    let at = |field: &str| format!("{}{field}", way.at);
    if let Some(id) = way.agent_id
        && engine.store().agent(scope, id).await?.is_none()
    {
        faults.add(at("agent_id"), "there is no such agent");
    }
    let Some(channel) = faults.check(&at("channel"), channel(engine, way.channel)) else { return Ok(()) };
    let placed = |errors: Vec<FieldError>| -> Vec<FieldError> {
        errors.into_iter().map(|error| FieldError::new(at(&error.field), error.message)).collect()
    };
    faults.extend(channel.check_settings(way.settings).map_err(placed));
    check_integration(engine, scope, &way, channel, faults).await
}

fn channel<'a>(engine: &'a Engine, name: &str) -> Result<&'a dyn Channel, String> {
    let kind = ChannelKind::parse(name).ok_or_else(|| {
        let known = ChannelKind::ALL.map(ChannelKind::as_str).join(", ");
        format!("is no channel; there are {known}")
    })?;
    match engine.channels().get(kind) {
        Some(channel) => Ok(channel.as_ref()),
        None => Err(format!("`{kind}` is not available in this version")),
    }
}

/// An integration has to be the tenant's, and of the kind that the channel sends through. That one is there at all is for
/// the activation to check, because a stage may be made first.
async fn check_integration(
    engine: &Engine,
    scope: Scope,
    way: &Way<'_>,
    channel: &dyn Channel,
    faults: &mut Faults,
) -> Result<(), Problem> {
    let Some(id) = way.integration_id else { return Ok(()) };
    let field = format!("{}integration_id", way.at);
    let found = engine.store().integration(scope, id).await?;
    match (found, channel.traits().integration) {
        (None, _) => faults.add(field, "there is no such integration"),
        (Some(_), None) => faults.add(field, format!("channel `{}` uses no integration", way.channel)),
        (Some(found), Some(wanted)) if found.kind != wanted.as_str() => {
            let message = format!(
                "channel `{}` needs an integration of kind `{wanted}`; this one is `{}`",
                way.channel, found.kind
            );
            faults.add(field, message);
        }
        (Some(_), Some(_)) => {}
    }
    Ok(())
}
