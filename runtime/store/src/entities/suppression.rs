//! Somebody who must not be written to.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "suppressions")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Keyed hash of the address.
    pub hash: String,
    /// The address; none once its contact was erased.
    pub address: Option<String>,
    /// [`stratagem_domain::channel::ChannelKind`] by name, or empty for all.
    pub channel: String,
    /// Why, in plain words.
    pub reason: String,
    /// When it was made.
    pub created_at_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
