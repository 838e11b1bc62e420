//! What was wrong with one row.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_receipts")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its import.
    pub import_id: Uuid,
    /// From 1, the header not counted.
    pub row: i64,
    /// Its field.
    pub field: String,
    /// Its value.
    pub value: String,
    /// Its reason.
    pub reason: String,
    /// `rejected` or `warned`.
    pub outcome: String,
    /// The contact that the row made or changed, where it was accepted.
    pub contact_id: Option<Uuid>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
