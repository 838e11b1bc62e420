//! One version of a strategy. Its code never changes; the status of a component does, once.

use sea_orm::entity::prelude::*;

use crate::Json;

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
    /// Python text of the entry module; empty for a component.
    pub source: String,
    /// BLAKE3 of the source or the component, in hex.
    pub hash: String,
    /// Path of the entry module, where there are several.
    pub entry: Option<String>,
    /// Texts by path, the entry module's included, where there are several.
    pub modules: Option<Json>,
    /// BLAKE3 of the component, in hex, where it is one.
    pub component_hash: Option<String>,
    /// Its size.
    pub component_bytes: Option<i64>,
    /// What the component imports and exports.
    pub boundary: Option<Json>,
    /// `compiling`, `ready` or `failed`.
    pub status: String,
    /// Why it failed.
    pub status_reason: Option<String>,
    /// When it was made.
    pub created_at_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
