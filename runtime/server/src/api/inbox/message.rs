use axum::extract::State;
use serde::Deserialize;
use stratagem_engine::Engine;
use utoipa::ToSchema;

use super::held;
use crate::{
    answer::Created,
    api::sessions::Message,
    auth::{Caller, CanOperate},
    error::Problem,
    extract::{Body, Id},
};

/// The longest message, in characters.
const LONGEST: usize = 20_000;

/// What a person says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMessage {
    /// The text, as it is.
    content: String,
}

/// Write to the contact
///
/// The session has to be claimed. On the human channel the text is kept as a note; else it is sent on the session's channel.
#[utoipa::path(post, path = "/inbox/{id}/messages", tag = "conversations", params(Id), request_body = NewMessage,
    responses((status = 201, body = Message)))]
pub(crate) async fn write_message(
    State(engine): State<Engine>,
    CanOperate(scope): CanOperate,
    caller: Caller,
    Id(id): Id,
    Body(new): Body<NewMessage>,
) -> Result<Created<Message>, Problem> {
    let content = new.content.trim();
    if content.is_empty() || content.chars().count() > LONGEST || content.contains('\0') {
        return Err(Problem::field("content", format!("must be a text of 1 to {LONGEST} characters")));
    }
    let row = held(&engine, scope, id, &caller.token_id).await?;
    let message = engine.operator_says(scope, &row, content.to_owned()).await?;
    Ok(Created(message.into()))
}
