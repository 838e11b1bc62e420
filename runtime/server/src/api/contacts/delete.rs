use axum::extract::State;
use stratagem_engine::Engine;

use crate::{answer::Done, auth::CanOperate, error::Problem, extract::Id};

/// Erase a contact
///
/// With everything that is known of it: communications, sessions, messages, runs, and what was planned. A keyed hash of its addresses stays in the
/// suppression list, so that nobody writes to it again.
#[utoipa::path(delete, path = "/contacts/{id}", tag = "contacts", params(Id), responses((status = 204)))]
pub(crate) async fn erase_contact(
    State(engine): State<Engine>,
    CanOperate(scope): CanOperate,
    Id(id): Id,
) -> Result<Done, Problem> {
    match engine.erase_contact(scope, id).await? {
        true => Ok(Done),
        false => Err(Problem::not_found("contact")),
    }
}
