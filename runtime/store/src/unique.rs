//! Looking up a row by what is unique.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Select};

/// A query that finds one row at most, for it goes by a key.
pub(crate) trait Unique<M> {
    /// The row.
    ///
    /// [`Select::one`] would say the same once more, as a bound `LIMIT`: SQLite plans by its value, and so prepares the statement anew each
    /// time it runs.
    async fn unique(self, connection: &impl ConnectionTrait) -> Result<Option<M>, DbErr>;
}

impl<E: EntityTrait> Unique<E::Model> for Select<E> {
    async fn unique(self, connection: &impl ConnectionTrait) -> Result<Option<E::Model>, DbErr> {
        let mut rows = self.all(connection).await?;
        debug_assert!(rows.len() <= 1, "{} rows of a key", rows.len());
        Ok(rows.pop())
    }
}
