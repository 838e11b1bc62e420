//! Tokens of a tenant.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;

use serde::{Deserialize, Serialize};
use stratagem_store::entities::token;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::time::rfc3339;

/// A token to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// What it is for, for people.
    name: String,
    /// `admin`, `developer` (strategies), `operator` (inbox, contacts) or `viewer`.
    #[schema(example = "developer")]
    role: String,
}

/// A token that has just been made.
#[derive(Serialize, ToSchema)]
pub(crate) struct FreshToken {
    /// Its id, by which it can be deleted.
    id: Uuid,
    /// What it is for.
    name: String,
    /// What its holder may do.
    role: String,
    /// The token itself. It is shown this once and stored nowhere.
    token: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
}

/// A token, without itself.
#[derive(Serialize, ToSchema)]
pub(crate) struct Token {
    /// Its id, by which it can be deleted.
    id: Uuid,
    /// What it is for.
    name: String,
    /// What its holder may do.
    role: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<token::Model> for Token {
    fn from(row: token::Model) -> Self {
        Self { id: row.id, name: row.name, role: row.role, created_at: rfc3339(row.created_at_ms) }
    }
}
