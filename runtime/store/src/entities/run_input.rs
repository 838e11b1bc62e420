//! What a run was given, stored once however many runs were given the same.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "run_inputs")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// BLAKE3 of the uncompressed text, in hex.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// JSON text of the hook's input, compressed with DEFLATE.
    pub content: Vec<u8>,
    /// When it was last used.
    pub created_at_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
