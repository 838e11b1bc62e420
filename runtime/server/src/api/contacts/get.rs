use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::{Contact, load, show};
use crate::{auth::CanRead, error::Problem, extract::Id};

/// A contact
#[utoipa::path(get, path = "/contacts/{id}", tag = "contacts", params(Id), responses((status = 200, body = Contact)))]
pub(crate) async fn get_contact(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Id(id): Id,
) -> Result<Json<Contact>, Problem> {
    let row = load(&engine, scope, id).await?;
    show(&engine, scope, row).await.map(Json)
}
