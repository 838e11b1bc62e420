use axum::{Json, extract::State};
use serde::Deserialize;
use stratagem_engine::Engine;
use stratagem_store::contacts::ContactFilter;
use utoipa::IntoParams;
use uuid::Uuid;

use super::Contact;
use crate::{
    api::campaigns,
    auth::CanRead,
    error::Problem,
    extract::{Id, Search},
    page::{Listing, Paging, cursor},
};

/// Which contacts are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactSearch {
    /// Only those with this `current_stage`.
    stage: Option<String>,
    /// Only those whose name, e-mail, phone, object id or external id contains this.
    q: Option<String>,
    /// At most so many items, 1 to 200; 50 where it is absent.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A campaign's contacts
#[utoipa::path(get, path = "/campaigns/{id}/contacts", tag = "contacts", params(Id, ContactSearch),
    responses((status = 200, body = Listing<Contact>)))]
pub(crate) async fn list_contacts(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(campaign_id): Id,
    Search(search): Search<ContactSearch>,
) -> Result<Json<Listing<Contact>>, Problem> {
    campaigns::load(&engine, scope, campaign_id).await?;
    let paging = Paging { limit: search.limit, cursor: search.cursor };
    let filter = ContactFilter { stage: given(search.stage), text: given(search.q) };
    let rows = engine.store().contacts(scope, campaign_id, &filter, paging.page()?).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let counts = engine.store().contact_counts(scope, &ids).await?;
    let contact = |row: stratagem_store::entities::contact::Model| {
        let counts = counts.get(&row.id).copied().unwrap_or_default();
        Contact::new(row, counts)
    };
    Ok(Json(Listing::new(rows, paging.limit()?, |row| cursor(row.id), contact)))
}

/// An empty filter, as forms send it, is none. PostgreSQL cannot compare with a NUL character, and nothing contains one.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(|text| text.replace('\0', "\u{fffd}"))
}
