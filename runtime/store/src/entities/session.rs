//! What came of one communication, from its start to its results.

use sea_orm::entity::prelude::*;

use crate::Json;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
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
    /// Its communication.
    pub communication_id: Uuid,
    /// Its channel.
    pub channel: String,
    /// Its agent.
    pub agent_id: Option<Uuid>,
    /// `active` or `closed`.
    pub status: String,
    /// The agent's.
    pub state: Option<String>,
    /// `OutcomeStatus` of the results, beside them, so that it can be counted.
    pub outcome: Option<String>,
    /// Its results.
    pub results: Json,
    /// Its opened time.
    pub opened_at_ms: i64,
    /// Its closed time.
    pub closed_at_ms: Option<i64>,
    /// What its messages go through.
    pub integration_id: Option<Uuid>,
    /// How the contact is known at the provider in this conversation.
    pub known_as: Option<String>,
    /// How long it waits for the contact, in milliseconds.
    pub timeout_ms: Option<i64>,
    /// When the contact last said something.
    pub heard_at_ms: Option<i64>,
    /// `queued` or `claimed` where a person has to see to it.
    pub desk: Option<String>,
    /// Why a person has to.
    pub desk_reason: Option<String>,
    /// Who has claimed it: the id of a token.
    pub desk_by: Option<String>,
    /// Until when the claim holds.
    pub desk_until_ms: Option<i64>,
    /// [`stratagem_domain::agent::Usage`] of all turns.
    pub usage: Option<Json>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
