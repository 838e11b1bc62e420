//! Whether a communication can reach its contact in the way that is tried, and the message with which it does.

use stratagem_channels::{Channel, Content, Draft, Integration, PrepareError, Prepared};
use stratagem_domain::clock::from_ms;
use stratagem_store::Scope;

use super::{Due, moment};
use crate::{EngineError, documents, scheduler::Shared};

/// What can be done.
pub(super) enum Reach {
    /// This can be sent.
    Ready(Prepared),
    /// Not in this way; another one may do.
    Not(String),
    /// Not at all: the stage does not fit the contact.
    Never(String),
    /// Not until somebody changes something.
    Later(String),
}

/// Draws the message up, and asks whether its address may be written to.
pub(super) async fn prepare(
    shared: &Shared,
    due: &Due,
    channel: &dyn Channel,
    integration: Option<&Integration>,
) -> Result<Reach, EngineError> {
    let (engine, scope) = (&shared.engine, Scope(due.communication.tenant_id));
    let identity = due.choice.integration_id.and_then(|id| due.identities.get(&id));
    let unsubscribe_url = engine.unsubscribe_url(&due.communication);
    let stage =
        documents::StageView { id: Some(due.stage.id), name: &due.stage.name, description: &due.stage.description };
    let mut document =
        documents::template_scope(&due.campaign, stage, &due.contact, &due.communication, &unsubscribe_url);
    let bot = engine.telegram_url(scope, due.campaign.id, due.contact.id, &due.choice.settings).await?;
    documents::add_bot(&mut document, bot);
    let prepared = channel.prepare(&Draft {
        content: Content::Opening,
        known_as: identity.map(|identity| identity.address.as_str()),
        heard_at: identity.and_then(|identity| identity.heard_at_ms).map(from_ms),
        hook_url: &engine.hook_url(due.choice.integration_id),
        settings: &due.choice.settings,
        scope: &document,
        integration,
        reference: &due.communication.id.to_string(),
        now: moment(due)?,
    });
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(PrepareError::Unreachable { reason }) => return Ok(Reach::Not(reason)),
        Err(PrepareError::Template { reason }) => return Ok(Reach::Never(reason)),
        Err(PrepareError::Misconfigured { reason }) => return Ok(Reach::Later(reason)),
    };
    let suppressed = engine.suppressed(scope, &[&prepared.address], &due.choice.channel).await?;
    Ok(suppressed.map_or(Reach::Ready(prepared), Reach::Not))
}
