//! An account at a provider, or a server of the tenant's.

use sea_orm::entity::prelude::*;

use crate::Json;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "integrations")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its name.
    pub name: String,
    /// [`stratagem_domain::channel::IntegrationKind`] by name.
    pub kind: String,
    /// Its settings.
    pub settings: Json,
    /// Object of field to sealed value.
    pub secrets: Json,
    /// [`stratagem_domain::rate::Rate`] of all that is sent through it; none for no limit.
    pub send_rate: Option<Json>,
    /// [`stratagem_domain::rate::Rate`] of what it sends to one contact; none for no limit.
    pub pair_rate: Option<Json>,
    /// Raised on each change, so that open connections are left behind.
    pub version: i64,
    /// When it was made.
    pub created_at_ms: i64,
    /// When it last changed.
    pub updated_at_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
