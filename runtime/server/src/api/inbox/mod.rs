//! What people have to see to: the human channel, and conversations that agents handed over.

pub(crate) mod claim;
pub(crate) mod list;
pub(crate) mod message;
pub(crate) mod resolve;

use stratagem_engine::Engine;
use stratagem_store::{
    Scope,
    entities::session,
    sessions::{ACTIVE, CLAIMED},
};
use uuid::Uuid;

use crate::{api::sessions, error::Problem};

/// The session, as long as the caller has it.
async fn held(engine: &Engine, scope: Scope, id: Uuid, by: &str) -> Result<session::Model, Problem> {
    let row = sessions::load(engine, scope, id).await?;
    if row.status != ACTIVE || row.desk.is_none() {
        return Err(Problem::conflict("The session is not in the inbox, or not any more."));
    }
    let held = row.desk.as_deref() == Some(CLAIMED)
        && row.desk_by.as_deref() == Some(by)
        && row.desk_until_ms.is_some_and(|until_ms| until_ms >= engine.clock().now_ms());
    if held { Ok(row) } else { Err(Problem::conflict("Claim the session first: it is not yours, or not any more.")) }
}
