//! A bucket of tokens.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rate_buckets")]
pub struct Model {
    /// What it limits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// When it is full again, in microseconds of real time; see [`stratagem_domain::rate`].
    pub full_at_us: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
