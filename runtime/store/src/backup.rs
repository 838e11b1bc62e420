//! Copies of a database, and what has to be seen to in one that comes from a copy.

use std::path::Path;

use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, EntityTrait, PaginatorTrait, Statement};

use crate::{
    Store, StoreError, dialect,
    entities::{event, listener, tenant},
    held::hold_sends,
};

/// Ids of steps that are left out after a restore: more than were given since any backup.
const SKIPPED_IDS: u32 = 1_000_000_000;

impl Store {
    /// Writes a copy of an SQLite database to a file that is missing or empty: as it is at this moment, whatever others write
    /// meanwhile.
    pub async fn copy_into(&self, path: &Path) -> Result<(), StoreError> {
        let path = path.to_str().ok_or_else(|| StoreError::Unsuitable(format!("{} is no UTF-8", path.display())))?;
        let statement = Statement::from_sql_and_values(self.backend(), "VACUUM INTO ?", [path.into()]);
        self.read().execute_raw(statement).await?;
        Ok(())
    }

    /// Whether an SQLite database is whole and one of ours; otherwise what is wrong with it.
    pub async fn check_copy(&self) -> Result<(), StoreError> {
        let broken =
            |error: &dyn std::fmt::Display| StoreError::Unsuitable(format!("it is no sound database: {error}"));
        let statement = Statement::from_string(DatabaseBackend::Sqlite, "PRAGMA integrity_check(1)");
        let row = self.read().query_one_raw(statement).await.map_err(|error| broken(&error))?;
        let said: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        if said != "ok" {
            return Err(broken(&said));
        }
        let ours = tenant::Entity::find().count(self.read()).await;
        ours.map(drop).map_err(|_| StoreError::Unsuitable("it is a database, but no backup of this program".to_owned()))
    }

    /// What a database needs that comes from a backup and is up to date: its sends are held, for this reason; and ids of
    /// steps that were given since are not given again, because other systems know them as idempotency keys. Recordings of events have
    /// ended: nobody can go on where it was.
    pub async fn mark_restored(&self, reason: &str) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        hold_sends(&transaction, reason).await?;
        listener::Entity::delete_many().exec(&transaction).await?;
        event::Entity::delete_many().exec(&transaction).await?;
        transaction.execute_raw(dialect::skip_step_ids(self.backend(), SKIPPED_IDS)).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Ends all connections; of an SQLite database nothing but its one file is left then.
    pub async fn close(self) -> Result<(), StoreError> {
        self.read.close().await?;
        if self.write.get_database_backend() == DatabaseBackend::Sqlite {
            self.write.close().await?;
        }
        Ok(())
    }
}

/// Whether nothing has been made in a PostgreSQL database yet.
pub async fn is_empty(connection: &DatabaseConnection) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()";
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await?;
    let tables: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    Ok(tables == 0)
}
