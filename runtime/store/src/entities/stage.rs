//! A step of a campaign's sequence.

use sea_orm::entity::prelude::*;

use crate::Json;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "stages")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its campaign.
    pub campaign_id: Uuid,
    /// From 0, in the campaign's order.
    pub position: i32,
    /// Unique within the campaign.
    pub name: String,
    /// Its description.
    pub description: String,
    /// [`stratagem_domain::channel::ChannelKind`] by name.
    pub channel: String,
    /// Its agent.
    pub agent_id: Option<Uuid>,
    /// Its integration.
    pub integration_id: Option<Uuid>,
    /// What the channel needs.
    pub settings: Json,
    /// List of weighted alternatives.
    pub alternatives: Json,
    /// How long a session waits for an answer.
    pub response_timeout_s: Option<i64>,
    /// Most communications that one contact gets from it.
    pub max_communications: i32,
    /// When it was made.
    pub created_at_ms: i64,
    /// When it last changed.
    pub updated_at_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
