//! A request that named itself, and its answer once there is one.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// Whose it is; nil for platform admins.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The client's name for the request.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// BLAKE3 of what was asked, in hex.
    pub request_hash: String,
    /// HTTP status of the answer; none while the request is being worked on.
    pub status: Option<i32>,
    /// The answer, sealed.
    pub body: Option<String>,
    /// When it was made.
    pub created_at_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
