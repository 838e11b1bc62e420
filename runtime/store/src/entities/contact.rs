//! One person in one campaign.

use sea_orm::entity::prelude::*;

use crate::Json;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contacts")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its campaign.
    pub campaign_id: Uuid,
    /// Its object.
    pub object_id: String,
    /// Its external.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Its email.
    pub email: Option<String>,
    /// Its phone.
    pub phone: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// Its current stage.
    pub current_stage: Option<String>,
    /// Its params.
    pub params: Json,
    /// Its results.
    pub results: Json,
    /// Its internal data.
    pub internal_data: Json,
    /// Raised by each change of what strategies write: the compare-and-swap's word.
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
