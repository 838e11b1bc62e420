//! An uploaded file and how far it was read.

use sea_orm::entity::prelude::*;

use crate::Json;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "imports")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its campaign.
    pub campaign_id: Uuid,
    /// `queued`, `running`, `completed` or `failed`.
    pub status: String,
    /// Its name in the object store.
    pub file: String,
    /// Why the file failed as a whole.
    pub error: Option<String>,
    /// What was found out about the file.
    pub prepared: Option<Json>,
    /// Where to go on.
    pub checkpoint: Option<Json>,
    /// Its bytes total.
    pub bytes_total: i64,
    /// Its bytes read.
    pub bytes_read: i64,
    /// Its rows.
    pub rows: i64,
    /// Its created.
    pub created: i64,
    /// Its updated.
    pub updated: i64,
    /// Its rejected.
    pub rejected: i64,
    /// Its warned.
    pub warned: i64,
    /// When it was made.
    pub created_at_ms: i64,
    /// Its finished time.
    pub finished_at_ms: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
