//! Contacts, as people see and change them.

pub(crate) mod communications;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod links;
pub(crate) mod list;
pub(crate) mod timeline;
pub(crate) mod update;

use serde::Serialize;
use serde_json::Value;
use stratagem_engine::Engine;
use stratagem_store::{Scope, contacts::Counts, entities::contact};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{error::Problem, time::rfc3339};

/// One person in one campaign.
#[derive(Serialize, ToSchema)]
pub(crate) struct Contact {
    /// Its id.
    id: Uuid,
    /// Its campaign.
    campaign_id: Uuid,
    /// The tenant's name of what it is about, e.g. a contract. Unique within the campaign together with `external_id`.
    object_id: String,
    /// The tenant's name of the person.
    external_id: String,
    /// Full name.
    name: String,
    /// E-mail address.
    email: Option<String>,
    /// Phone number.
    phone: Option<String>,
    /// IANA name; null where the campaign's zone holds.
    time_zone: Option<String>,
    /// Where its sequence stands, as its strategies say.
    current_stage: Option<String>,
    /// What was imported beside the known fields.
    #[schema(value_type = Object)]
    params: Value,
    /// What its strategies have found out.
    #[schema(value_type = Object)]
    results: Value,
    /// Communications in all.
    communications_count: u64,
    /// Messages that a provider accepted.
    messages_sent: u64,
    /// Messages that came in.
    messages_received: u64,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last changed.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl Contact {
    fn new(row: contact::Model, counts: Counts) -> Self {
        Self {
            id: row.id,
            campaign_id: row.campaign_id,
            object_id: row.object_id,
            external_id: row.external_id,
            name: row.name,
            email: row.email,
            phone: row.phone,
            time_zone: row.time_zone,
            current_stage: row.current_stage,
            params: row.params.into(),
            results: row.results.into(),
            communications_count: counts.communications,
            messages_sent: counts.sent,
            messages_received: counts.received,
            created_at: rfc3339(row.created_at_ms),
            updated_at: rfc3339(row.updated_at_ms),
        }
    }
}

/// The tenant's contact, or 404.
async fn load(engine: &Engine, scope: Scope, id: Uuid) -> Result<contact::Model, Problem> {
    engine.store().contact(scope, id).await?.ok_or_else(|| Problem::not_found("contact"))
}

/// What the API shows of a contact.
async fn show(engine: &Engine, scope: Scope, row: contact::Model) -> Result<Contact, Problem> {
    let counts = engine.store().contact_counts(scope, &[row.id]).await?;
    let counts = counts.get(&row.id).copied().unwrap_or_default();
    Ok(Contact::new(row, counts))
}
