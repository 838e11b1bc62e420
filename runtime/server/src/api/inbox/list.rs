use axum::{Json, extract::State};
use stratagem_engine::Engine;
use stratagem_store::sessions::{ACTIVE, SessionFilter};

use crate::{
    api::sessions::Session,
    auth::CanRead,
    error::Problem,
    extract::Search,
    page::{Listing, Paging, cursor},
};

/// The inbox
///
/// Sessions that a person has to see to, the oldest first, without what was said in them: `GET /sessions/{id}` has that.
#[utoipa::path(get, path = "/inbox", tag = "conversations", params(Paging),
    responses((status = 200, body = Listing<Session>)))]
pub(crate) async fn list_inbox(
    State(engine): State<Engine>,
    CanRead(scope): CanRead,
    Search(paging): Search<Paging>,
) -> Result<Json<Listing<Session>>, Problem> {
    let filter = SessionFilter { status: Some(ACTIVE.to_owned()), on_desk: true, ..SessionFilter::default() };
    let rows = engine.store().sessions(scope, &filter, paging.page()?).await?;
    let item = |row| Session::new(row, Vec::new());
    Ok(Json(Listing::new(rows, paging.limit()?, |row| cursor(row.id), item)))
}
