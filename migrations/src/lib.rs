//! The schema's history. Migrations stand alone: they import nothing of the project, so that history never follows live
//! types. Times are integer milliseconds since 1970, UTC; ids are UUIDv7; JSON is text, which keeps the order of keys.

use sea_orm_migration::{MigratorTrait, prelude::*, sea_orm::DatabaseConnection};

mod m20261122_000001_tenants;
mod m20261122_000002_campaigns;
mod m20261122_000003_contacts;
mod m20261122_000004_steps;
mod m20261125_000005_boundary;
mod m20261125_000006_engine;
mod m20261125_000007_trace;
mod m20261125_000008_indexes;
mod m20261126_000009_conversations;
mod m20261126_000010_events;
mod m20261126_000011_run_input;
mod m20261126_000012_step_versions;

/// Brings a database up to date. Migrations take no lock of their own: where several processes share the database, the caller
/// sees to it that one is at it.
pub async fn run(connection: &DatabaseConnection) -> Result<(), DbErr> {
    Migrator::up(connection, None).await
}

/// Runs the migrations, in the order in which they are listed.
struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_tenants::Migration),
            Box::new(m20261122_000002_campaigns::Migration),
            Box::new(m20261122_000003_contacts::Migration),
            Box::new(m20261122_000004_steps::Migration),
            Box::new(m20261125_000005_boundary::Migration),
            Box::new(m20261125_000006_engine::Migration),
            Box::new(m20261125_000007_trace::Migration),
            Box::new(m20261125_000008_indexes::Migration),
            Box::new(m20261126_000009_conversations::Migration),
            Box::new(m20261126_000010_events::Migration),
            Box::new(m20261126_000011_run_input::Migration),
            Box::new(m20261126_000012_step_versions::Migration),
        ]
    }
}

/// Shorthands that the migrations share. They only abbreviate; changing what one makes would change history.
mod shorthand {
    use sea_orm_migration::{prelude::*, schema};

    /// JSON as text: PostgreSQL's own types reorder keys or refuse NUL.
    pub(crate) fn json(name: &'static str) -> ColumnDef {
        schema::text(name)
    }

    pub(crate) fn json_null(name: &'static str) -> ColumnDef {
        schema::text_null(name)
    }

    pub(crate) async fn table(
        manager: &SchemaManager<'_>,
        name: &'static str,
        columns: Vec<ColumnDef>,
    ) -> Result<(), DbErr> {
        let mut table = Table::create();
        table.table(name);
        for column in columns {
            table.col(column);
        }
        manager.create_table(table).await
    }

    /// A column at a time, which is all that SQLite does.
    pub(crate) async fn add(
        manager: &SchemaManager<'_>,
        table: &'static str,
        columns: Vec<ColumnDef>,
    ) -> Result<(), DbErr> {
        for column in columns {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    pub(crate) async fn index(
        manager: &SchemaManager<'_>,
        table: &'static str,
        columns: &[&'static str],
    ) -> Result<(), DbErr> {
        manager.create_index(on(table, columns)).await
    }

    pub(crate) async fn unique(
        manager: &SchemaManager<'_>,
        table: &'static str,
        columns: &[&'static str],
    ) -> Result<(), DbErr> {
        manager.create_index(on(table, columns).unique().to_owned()).await
    }

    pub(crate) fn on(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
        let mut index = Index::create();
        index.name(format!("ix_{table}_{}", columns.join("_"))).table(table);
        for column in columns {
            index.col(*column);
        }
        index
    }

    pub(crate) async fn drop(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
        for table in tables {
            manager.drop_table(Table::drop().table(*table).to_owned()).await?;
        }
        Ok(())
    }
}
