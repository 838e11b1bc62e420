//! What was said in a session.

use sea_orm::entity::prelude::*;

use crate::Json;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
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
    /// Its session.
    pub session_id: Uuid,
    /// [`stratagem_domain::agent::Role`] by name.
    pub role: String,
    /// Its text.
    pub content: String,
    /// When it was said.
    pub at_ms: i64,
    /// What it came or went through.
    pub integration_id: Option<Uuid>,
    /// The provider's id of it.
    pub provider_id: Option<String>,
    /// The step that sends it.
    pub step_id: Option<i64>,
    /// [`stratagem_domain::communication::Delivery`] by name; none for the contact's own.
    pub delivery: Option<String>,
    /// Why it was not delivered.
    pub error: Option<String>,
    /// What an answer to it needs.
    pub thread: Option<Json>,
    /// A machine wrote it.
    pub automatic: bool,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
