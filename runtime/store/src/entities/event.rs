//! Something that happened, for those who listen.

use sea_orm::entity::prelude::*;

use crate::Json;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The transaction that wrote it, which the database fills in; 0 on SQLite.
    pub xact: i64,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// [`crate::events::EventKind`] by name.
    pub kind: String,
    /// What it is about, by its ids, and how that stands.
    pub data: Json,
    /// When, on the campaign's clock.
    pub at_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
