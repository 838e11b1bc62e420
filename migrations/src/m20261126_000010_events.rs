//! What is told to those who listen, and who does.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DatabaseBackend};

use crate::shorthand::{drop, index, json, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut tenant = uuid("tenant_id");
        tenant.primary_key();
        table(manager, "listeners", vec![tenant, big_integer("stream"), big_integer("until_ms")]).await?;
        // Which transaction wrote a row, where several write at the same time: ids alone are given in another order than rows become
        // visible in.
        let mut transaction = big_integer("xact");
        match manager.get_database_backend() {
            DatabaseBackend::Postgres => transaction.default(Expr::cust("pg_current_xact_id()::text::bigint")),
            _ => transaction.default(0),
        };
        let columns =
            vec![big_pk_auto("id"), transaction, uuid("tenant_id"), text("kind"), json("data"), big_integer("at_ms")];
        table(manager, "events", columns).await?;
        index(manager, "events", &["tenant_id", "xact", "id"]).await?;
        index(manager, "events", &["at_ms"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["events", "listeners"]).await
    }
}
