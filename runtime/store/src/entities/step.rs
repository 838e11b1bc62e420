//! One durable unit of work.

use sea_orm::{IdenStatic, Iterable, QueryResult, entity::prelude::*};

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

impl Model {
    /// All columns, as a list for SQL, in the order of [`Model::read`].
    pub(crate) fn columns() -> String {
        Column::iter().map(|column| column.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// Reads a row of [`Model::columns`] by their places: claims read many, and to look for each column by its name takes as long as all
    /// the rest.
    pub(crate) fn read(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get_by_index(0)?,
            tenant_id: row.try_get_by_index(1)?,
            campaign_id: row.try_get_by_index(2)?,
            lane_id: row.try_get_by_index(3)?,
            contact_id: row.try_get_by_index(4)?,
            subject_id: row.try_get_by_index(5)?,
            kind: row.try_get_by_index(6)?,
            decides: row.try_get_by_index(7)?,
            payload: row.try_get_by_index(8)?,
            due_at_ms: row.try_get_by_index(9)?,
            state: row.try_get_by_index(10)?,
            attempt: row.try_get_by_index(11)?,
            crashes: row.try_get_by_index(12)?,
            claim_epoch: row.try_get_by_index(13)?,
            claimed_by: row.try_get_by_index(14)?,
            lease_until_ms: row.try_get_by_index(15)?,
            last_error: row.try_get_by_index(16)?,
            created_at_ms: row.try_get_by_index(17)?,
            finished_at_ms: row.try_get_by_index(18)?,
            trace_id: row.try_get_by_index(19)?,
        })
    }
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
