//! How a contact is known at a provider.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identities")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Through which integration.
    pub integration_id: Uuid,
    /// Who.
    pub contact_id: Uuid,
    /// How.
    pub address: String,
    /// When the contact last wrote.
    pub heard_at_ms: Option<i64>,
    /// When it last changed.
    pub updated_at_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
