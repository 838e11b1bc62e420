//! One version of a strategy; never changed.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "strategy_versions")]
pub struct Model {
    /// Its strategy.
    #[sea_orm(primary_key, auto_increment = false)]
    pub strategy_id: Uuid,
    /// From 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Name of the entry point.
    pub function: String,
    /// Python text.
    pub source: String,
    /// BLAKE3 of the source, in hex.
    pub hash: String,
    /// When it was made.
    pub created_at_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
