use axum::{Json, extract::State};
use stratagem_engine::Engine;

use super::Token;
use crate::{
    auth::CanAdminister,
    error::Problem,
    extract::Search,
    page::{Listing, Paging, cursor},
};

/// The tenant's tokens
///
/// Without the tokens themselves, which are stored nowhere.
#[utoipa::path(get, path = "/tokens", tag = "access", params(Paging), responses((status = 200, body = Listing<Token>)))]
pub(crate) async fn list_tokens(
    State(engine): State<Engine>,
    CanAdminister(scope): CanAdminister,
    Search(paging): Search<Paging>,
) -> Result<Json<Listing<Token>>, Problem> {
    let rows = engine.store().tokens(scope, paging.page()?).await?;
    Ok(Json(Listing::new(rows, paging.limit()?, |row| cursor(row.id), Token::from)))
}
