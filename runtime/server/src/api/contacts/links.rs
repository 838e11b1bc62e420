use axum::{Json, extract::State};
use serde::Serialize;
use stratagem_engine::Engine;
use utoipa::ToSchema;
use uuid::Uuid;

use super::load;
use crate::{auth::CanRead, error::Problem, extract::Id};

/// Links that belong to one contact.
#[derive(Serialize, ToSchema)]
pub(crate) struct ContactLinks {
    /// One for each bot of the tenant's.
    telegram: Vec<BotLink>,
}

/// A link by which a contact makes itself known to a bot: a bot cannot write first.
#[derive(Serialize, ToSchema)]
pub(crate) struct BotLink {
    /// The bot.
    integration_id: Uuid,
    /// Where the contact presses Start.
    #[schema(example = "https://t.me/acme_bot?start=0192f0c123457abc8def0123456789ab0123456789abcdef")]
    url: String,
    /// Whether the contact has done so.
    linked: bool,
}

/// A contact's links
///
/// Whoever follows one is this contact from then on, for that bot: give it to nobody else.
#[utoipa::path(get, path = "/contacts/{id}/links", tag = "contacts", params(Id),
    responses((status = 200, body = ContactLinks)))]
pub(crate) async fn contact_links(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
) -> Result<Json<ContactLinks>, Problem> {
    let contact = load(&engine, scope, id).await?;
    let links = engine.bot_links(scope, contact.id).await?;
    let telegram = links.into_iter().map(|(integration_id, url, linked)| BotLink { integration_id, url, linked });
    Ok(Json(ContactLinks { telegram: telegram.collect() }))
}
