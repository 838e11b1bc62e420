//! A campaign's steps of one kind through one sender.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "lanes")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its campaign.
    pub campaign_id: Uuid,
    /// [`stratagem_domain::step::StepKind`] by name.
    pub kind: String,
    /// What sends, or empty.
    pub sender: String,
    /// Its paused.
    pub paused: bool,
    /// No scheduled step is due before this.
    pub next_due_ms: i64,
    /// Rises with each claim: lanes are served in turn.
    pub served: i64,
    /// Real time before which a rate limit holds it back; 0 where none does.
    pub held_until_ms: i64,
    /// Which limit, in plain words.
    pub held_by: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
