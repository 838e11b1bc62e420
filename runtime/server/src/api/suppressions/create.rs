use axum::extract::State;
use serde::Deserialize;
use stratagem_domain::channel::ChannelKind;
use stratagem_engine::Engine;
use utoipa::ToSchema;

use super::Suppression;
use crate::{answer::Created, auth::CanOperate, error::Problem, extract::Body};

/// Somebody who must not be written to any more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSuppression {
    /// E-mail address, phone number, or the provider's name of the person.
    #[schema(example = "ann@example.com")]
    address: String,
    /// Only on this channel; without it on all.
    channel: Option<String>,
    /// Why, in plain words.
    #[serde(default)]
    reason: String,
}

/// Suppress an address
///
/// It holds for every campaign of the tenant from the next message on, and survives imports. One that is there already stays as it is.
#[utoipa::path(post, path = "/suppressions", tag = "contacts", request_body = NewSuppression,
    responses((status = 201, body = Suppression)))]
pub(crate) async fn create_suppression(
    State(engine): State<Engine>,
    CanOperate(scope): CanOperate,
    Body(new): Body<NewSuppression>,
) -> Result<Created<Suppression>, Problem> {
    let address = new.address.trim();
    if address.is_empty() || address.chars().count() > 500 || address.chars().any(char::is_control) {
        return Err(Problem::field("address", "must be a text of 1 to 500 characters"));
    }
    if new.reason.chars().count() > 1_000 || new.reason.contains('\0') {
        return Err(Problem::field("reason", "must not be longer than 1000 characters"));
    }
    let unknown = || Problem::field("channel", "is no channel");
    let channel = new.channel.as_deref().map(|name| ChannelKind::parse(name).ok_or_else(unknown)).transpose()?;
    let row = engine.suppression_of(scope, address, channel, &new.reason, engine.clock().now());
    engine.store().suppress(row.clone()).await?;
    let stored = engine.store().suppression_on(scope, &row.hash, &row.channel).await?;
    Ok(Created(stored.unwrap_or(row).into()))
}
