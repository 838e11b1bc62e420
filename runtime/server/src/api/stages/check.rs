//! Whether a stage can be stored as it is.

use stratagem_channels::Channel;
use stratagem_domain::channel::ChannelKind;
use stratagem_engine::Engine;
use stratagem_store::{Scope, entities::stage};

use super::Alternative;
use crate::error::{Faults, Problem};

/// The longest that a session may wait for an answer: a year.
const MAX_RESPONSE_TIMEOUT_S: i64 = 365 * 24 * 3600;
/// More than this from one stage is a mistake.
const MAX_COMMUNICATIONS: i32 = 1000;

/// Checks everything that depends on the channel, and the numbers. Names of stages are unique by the database.
pub(super) async fn check(
    engine: &Engine,
    scope: Scope,
    row: &stage::Model,
    faults: &mut Faults,
) -> Result<(), Problem> {
    if row.response_timeout_s.is_some_and(|s| !(1..=MAX_RESPONSE_TIMEOUT_S).contains(&s)) {
        faults.add("response_timeout_s", format!("must be 1 to {MAX_RESPONSE_TIMEOUT_S}"));
    }
    if !(1..=MAX_COMMUNICATIONS).contains(&row.max_communications) {
        faults.add("max_communications", format!("must be 1 to {MAX_COMMUNICATIONS}"));
    }
    if row.agent_id.is_some() {
        faults.add("agent_id", "agents are not available in this version");
    }
    let Some(channel) = faults.check("channel", channel(engine, &row.channel)) else { return Ok(()) };
    let settings = row.settings.as_object().cloned().unwrap_or_default();
    faults.extend(channel.check_settings(&settings));
    check_integration(engine, scope, row, channel, faults).await
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
    row: &stage::Model,
    channel: &dyn Channel,
    faults: &mut Faults,
) -> Result<(), Problem> {
    let Some(id) = row.integration_id else { return Ok(()) };
    let found = engine.store().integration(scope, id).await?;
    match (found, channel.traits().integration) {
        (None, _) => faults.add("integration_id", "there is no such integration"),
        (Some(_), None) => faults.add("integration_id", format!("channel `{}` uses no integration", row.channel)),
        (Some(found), Some(wanted)) if found.kind != wanted.as_str() => {
            let message = format!(
                "channel `{}` needs an integration of kind `{wanted}`; this one is `{}`",
                row.channel, found.kind
            );
            faults.add("integration_id", message);
        }
        (Some(_), Some(_)) => {}
    }
    Ok(())
}

/// Choosing among alternatives comes in a later version; storing them silently would be a promise.
pub(super) fn check_alternatives(alternatives: &[Alternative], faults: &mut Faults) {
    if !alternatives.is_empty() {
        faults.add("alternatives", "alternatives are not available in this version: leave the list empty");
    }
}
