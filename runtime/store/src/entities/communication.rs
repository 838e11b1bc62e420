//! One planned, running or past contact through one stage.

use sea_orm::entity::prelude::*;

use crate::Json;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "communications")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its campaign.
    pub campaign_id: Uuid,
    /// Its contact.
    pub contact_id: Uuid,
    /// The step whose strategy planned it; unique with `ordinal`.
    pub planned_by_step: i64,
    /// Its ordinal.
    pub ordinal: i32,
    /// Its name.
    pub name: String,
    /// Its stage name.
    pub stage_name: String,
    /// The stage's channel.
    pub channel: String,
    /// Label of the alternative that was chosen.
    pub alternative: Option<String>,
    /// Its start time.
    pub start_at_ms: i64,
    /// Its start state.
    pub start_state: Option<String>,
    /// Its params.
    pub params: Json,
    /// [`stratagem_domain::communication::Status`] by name.
    pub status: String,
    /// [`stratagem_domain::communication::Delivery`] by name.
    pub delivery: String,
    /// List of [`stratagem_domain::communication::StatusChange`].
    pub status_history: Json,
    /// Why it waits though it is due.
    pub waiting_for: Option<String>,
    /// Its session.
    pub session_id: Option<Uuid>,
    /// The provider's own id of the message.
    pub provider_id: Option<String>,
    /// Why it failed or was skipped.
    pub error: Option<String>,
    /// When it was made.
    pub created_at_ms: i64,
    /// When it last changed.
    pub updated_at_ms: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
