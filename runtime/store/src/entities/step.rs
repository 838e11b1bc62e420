//! One durable unit of work.

use sea_orm::entity::prelude::*;

use crate::Json;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "steps")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its campaign.
    pub campaign_id: Uuid,
    /// Its lane.
    pub lane_id: i64,
    /// Its contact.
    pub contact_id: Option<Uuid>,
    /// The import, communication or session that it is about.
    pub subject_id: Option<Uuid>,
    /// [`stratagem_domain::step::StepKind`] by name.
    pub kind: String,
    /// Whether it runs a strategy on the contact.
    pub decides: bool,
    /// What the step's file in `engine/steps/` says.
    pub payload: Json,
    /// Its due time.
    pub due_at_ms: i64,
    /// [`stratagem_domain::step::StepState`] by name.
    pub state: String,
    /// Attempts that failed.
    pub attempt: i32,
    /// Claims that died with their process.
    pub crashes: i32,
    /// The fence: raised by every claim.
    pub claim_epoch: i64,
    /// Its claimed by.
    pub claimed_by: Option<String>,
    /// On real time.
    pub lease_until_ms: Option<i64>,
    /// Its last error.
    pub last_error: Option<String>,
    /// When it was made.
    pub created_at_ms: i64,
    /// Its finished time.
    pub finished_at_ms: Option<i64>,
    /// The request that it goes back to, as its log lines name it.
    pub trace_id: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
