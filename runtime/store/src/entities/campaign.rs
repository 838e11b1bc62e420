//! A campaign.

use sea_orm::entity::prelude::*;

use crate::Json;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "campaigns")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// IANA name.
    pub time_zone: String,
    /// Weekday to list of `HH:MM-HH:MM`.
    pub sending_hours: Option<Json>,
    /// [`stratagem_domain::rate::Rate`] of its sends; none for no limit.
    pub send_rate: Option<Json>,
    /// [`stratagem_domain::campaign::CampaignStatus`] by name.
    pub status: String,
    /// When it was made.
    pub created_at_ms: i64,
    /// When it last changed.
    pub updated_at_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
