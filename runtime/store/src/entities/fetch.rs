//! How far an integration that is polled has been read, and who is reading it.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "fetches")]
pub struct Model {
    /// Which integration.
    #[sea_orm(primary_key, auto_increment = false)]
    pub integration_id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Where to go on.
    pub cursor: Option<String>,
    /// The process that reads.
    pub worker: Option<String>,
    /// Until when, in real time.
    pub lease_until_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
