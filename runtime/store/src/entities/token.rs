//! A bearer token. Only its hash is kept.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tokens")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// None for a platform admin.
    pub tenant_id: Option<Uuid>,
    /// Its name.
    pub name: String,
    /// [`stratagem_domain::access::Role`] by name.
    pub role: String,
    /// BLAKE3 of the token, in hex.
    pub hash: String,
    /// When it was made.
    pub created_at_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
