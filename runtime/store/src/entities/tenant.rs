//! A customer of the server, whose rows nobody else sees.

use sea_orm::entity::prelude::*;

use crate::Json;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tenants")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// IANA name; the default for new campaigns.
    pub time_zone: String,
    /// [`stratagem_domain::strategy::Limits`]; absent fields are the defaults.
    pub limits: Json,
    /// Hosts that strategies may call.
    pub http_allow: Json,
    /// [`stratagem_domain::rate::Rate`] of all its sends; none for no limit.
    pub send_rate: Option<Json>,
    /// Channel to [`stratagem_domain::rate::Rate`].
    pub channel_rates: Option<Json>,
    /// List of its own words by which contacts ask to be left alone.
    pub stop_words: Option<Json>,
    /// When it was made.
    pub created_at_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
