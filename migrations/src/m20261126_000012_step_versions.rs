//! Room in the indexes of steps. PostgreSQL writes an updated row anew, and into every index; a step is written three times: when it is
//! scheduled, claimed and ended. Pages that are filled to the brim at first have to be cleaned or split at the second time.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_each_index(manager, "SET (fillfactor = 30)").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_each_index(manager, "RESET (fillfactor)").await
    }
}

/// Those that have every step in them. Pages that are there already stay as they are.
async fn on_each_index(manager: &SchemaManager<'_>, change: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() == DatabaseBackend::Postgres {
        for index in ["steps_pkey", "ix_steps_contact_id_id"] {
            manager.get_connection().execute_unprepared(&format!("ALTER INDEX {index} {change}")).await?;
        }
    }
    Ok(())
}
